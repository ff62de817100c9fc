#include "gradient_sum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "heed/kernels/conversions.h"
#include "heed/kernels/elementwise.h"
#include "heed/tensor/buffer.h"

namespace heed {
namespace {

constexpr std::int64_t kChunk = GradientParts::kChunk;

template <typename T>
std::span<const std::byte> bytes_of(const T* data, std::int64_t count) {
  return std::as_bytes(std::span(data, static_cast<std::size_t>(count)));
}

template <typename T>
std::span<std::byte> bytes_into(T* data, std::int64_t count) {
  return std::as_writable_bytes(std::span(data, static_cast<std::size_t>(count)));
}

void from_bfloat16(const std::uint16_t* x, float* y, std::int64_t count) {
  constexpr int kLower = 16;
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::bit_cast<float>(static_cast<std::uint32_t>(x[i]) << kLower);
}

}  // namespace

GradientSum::GradientSum(const ParameterList& parameters, const WorkerShares& shares, WorkerPool& pool, const How& how,
                         GradientStore& total)
    : shares_(shares),
      pool_(pool),
      ranks_(how.ranks),
      rounds_(how.rounds),
      sharded_(how.sharded && how.ranks != nullptr),
      rank_(how.ranks != nullptr ? how.ranks->rank() : 0),
      total_(total),
      parts_(parameters, shares.ranks),
      own_({&total}) {
  for (int i = 1; i < shares.groups_of_rank(rank_).size(); ++i) {
    further_groups_.push_back(std::make_unique<GradientStore>(parameters));
    own_.push_back(further_groups_.back().get());
  }
  reserve();
}

void GradientSum::reserve() {
  squares_.resize(parts_.chunks.size());
  const auto groups = static_cast<std::size_t>(shares_.groups);
  pieces_.resize(groups);
  rows_.resize(groups);
  counts_.resize(groups * parts_.tables.size());
  rounded_.resize(rounds_ ? groups : 0);
  const auto all = static_cast<std::size_t>(parts_.size());
  const auto own = static_cast<std::size_t>(own_part().size);
  if (rounds_ && !sharded_) rounded_sum_.resize(all);
  for (int group = 0; group < shares_.groups; ++group) {
    const auto g = static_cast<std::size_t>(group);
    if (rounds_) {
      rounded_[g].resize(is_own(group) ? all : own);
    } else if (!is_own(group)) {
      pieces_[g].resize(own);
    }
  }
}

void GradientSum::round_own() {
  const Share own = shares_.groups_of_rank(rank_);
  for (int group = own.first; group < own.last; ++group) {
    std::uint16_t* const to = rounded_[static_cast<std::size_t>(group)].data();
    const float* const flat = own_of(group).flat().data;
    for_each_chunk(parts_.all_chunks(), [&](std::size_t i) {
      const GradientParts::Chunk& chunk = parts_.chunks[i];
      to_bfloat16(flat + chunk.offset, to + parts_.place_of(chunk), chunk.count);
    });
  }
}

void GradientSum::send(int group, int other) {
  const GradientParts::Part& part = parts_.of(other);
  if (rounds_) {
    const std::uint16_t* const from = rounded_[static_cast<std::size_t>(group)].data() + part.begin;
    out_.push_back({other, bytes_of(from, part.size)});
  } else {
    for (const GradientParts::Run& run : part.runs)
      out_.push_back({other, bytes_of(own_of(group).flat().data + run.offset, run.count)});
  }
  out_.push_back({other, rows_[static_cast<std::size_t>(group)]});
}

void GradientSum::receive(int group, int other) {
  const auto g = static_cast<std::size_t>(group);
  if (rounds_) {
    in_.push_back({other, bytes_into(rounded_[g].data(), own_part().size)});
  } else {
    for (const GradientParts::Run& run : own_part().runs)
      in_.push_back({other, bytes_into(pieces_[g].data() + run.at, run.count)});
  }
  in_.push_back({other, rows_[g]});
}

void GradientSum::exchange_groups() {
  out_.clear();
  in_.clear();
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    const Share own = shares_.groups_of_rank(rank_), theirs = shares_.groups_of_rank(other);
    for (int group = own.first; group < own.last; ++group) send(group, other);
    for (int group = theirs.first; group < theirs.last; ++group) receive(group, other);
  }
  ranks_->exchange(out_, in_);
}

void GradientSum::count_sent(long long before) { bytes_sent_ += ranks_->bytes_sent() - before; }

std::span<const double> GradientSum::sum(std::span<const double> own_numbers) {
  const long long before = ranks_ != nullptr ? ranks_->bytes_sent() : 0;
  gather_numbers(own_numbers);
  pack_rows();
  if (rounds_) round_own();
  if (ranks_ != nullptr) exchange_groups();
  for_each_chunk(own_part().chunks, [&](std::size_t i) { sum_chunk(parts_.chunks[i], squares_[i]); });
  if (ranks_ != nullptr) give_parts();
  pool_.run([&](int thread) {
    for (auto t = static_cast<std::size_t>(thread); t < parts_.tables.size();
         t += static_cast<std::size_t>(pool_.size()))
      sum_table(t);
  });
  square();
  if (ranks_ != nullptr) count_sent(before);
  return numbers_;
}

template <typename Use>
void GradientSum::for_each_chunk(Share chunks, const Use& use) {
  pool_.run([&](int thread) {
    const Share share = WorkerShares::share_of(chunks.size(), thread, pool_.size());
    for (int i = chunks.first + share.first; i < chunks.first + share.last; ++i) use(static_cast<std::size_t>(i));
  });
}

std::int64_t GradientSum::rows_of(int group, std::size_t table) const {
  return static_cast<std::int64_t>(counts_[static_cast<std::size_t>(group) * parts_.tables.size() + table]);
}

// The callers' numbers, then how many rows each table of each group has.
void GradientSum::gather_numbers(std::span<const double> own_numbers) {
  int most = 0;
  for (int rank = 0; rank < shares_.ranks; ++rank) most = std::max(most, shares_.groups_of_rank(rank).size());
  sending_.assign(own_numbers.begin(), own_numbers.end());
  for (const auto& store : own_) {
    for (const Parameter* table : parts_.tables) sending_.push_back(static_cast<double>(store->rows_of(*table).size()));
  }
  sending_.resize(own_numbers.size() + static_cast<std::size_t>(most) * parts_.tables.size());
  const std::span<const double> all = ranks_ != nullptr ? ranks_->gather(sending_) : sending_;
  numbers_.clear();
  counts_.clear();
  for (int rank = 0; rank < shares_.ranks; ++rank) {
    const auto of_rank = all.subspan(static_cast<std::size_t>(rank) * sending_.size(), sending_.size());
    const auto counts = of_rank.subspan(own_numbers.size());
    numbers_.insert(numbers_.end(), of_rank.begin(), of_rank.end() - std::ssize(counts));
    const auto count = static_cast<std::ptrdiff_t>(shares_.groups_of_rank(rank).size()) * std::ssize(parts_.tables);
    counts_.insert(counts_.end(), counts.begin(), counts.begin() + count);
  }
}

std::size_t GradientSum::bytes_of_row(const Parameter& table) const {
  return static_cast<std::size_t>(table.columns()) * (rounds_ ? sizeof(std::uint16_t) : sizeof(float));
}

void GradientSum::pack_rows() {
  for (int group = 0; group < shares_.groups; ++group) {
    std::size_t bytes = 0;
    for (std::size_t t = 0; t < parts_.tables.size(); ++t)
      bytes += static_cast<std::size_t>(rows_of(group, t)) * (sizeof(int) + bytes_of_row(*parts_.tables[t]));
    std::vector<std::byte>& packed = rows_[static_cast<std::size_t>(group)];
    packed.resize(bytes);
    if (!is_own(group)) continue;
    std::byte* to = packed.data();
    for (const Parameter* table : parts_.tables) {
      const std::span<const int> ids = own_of(group).rows_of(*table);
      to = std::copy_n(std::as_bytes(ids).begin(), ids.size_bytes(), to);
      const Tensor gradient = own_of(group).of(*table);
      for (const int id : ids) {
        if (rounds_) {
          to_bfloat16(gradient.row(id), reinterpret_cast<std::uint16_t*>(to), gradient.columns);
        } else {
          std::memcpy(to, gradient.row(id), bytes_of_row(*table));
        }
        to += bytes_of_row(*table);
      }
    }
  }
}

// In memory of its own: the total may be what is summed.
void GradientSum::sum_chunk(const GradientParts::Chunk& chunk, double& squares) {
  std::array<float, kChunk> sum, piece;
  for (int group = 0; group < shares_.groups; ++group) {
    const auto g = static_cast<std::size_t>(group);
    const float* from = piece.data();
    if (rounds_) {
      from_bfloat16(rounded_[g].data() + (is_own(group) ? parts_.place_of(chunk) : chunk.at), piece.data(),
                    chunk.count);
    } else if (is_own(group)) {
      from = own_of(group).flat().data + chunk.offset;
    } else {
      from = pieces_[g].data() + chunk.at;
    }
    if (group == 0) {
      std::copy_n(from, chunk.count, sum.data());
    } else {
      add_scaled(from, 1.0F, sum.data(), chunk.count);
    }
  }
  float* const to = total_.data() + chunk.offset;
  if (rounds_) {
    std::array<std::uint16_t, kChunk> near;
    std::uint16_t* const rounded = sharded_ ? near.data() : rounded_sum_.data() + parts_.place_of(chunk);
    to_bfloat16(sum.data(), rounded, chunk.count);
    from_bfloat16(rounded, to, chunk.count);
  } else {
    std::copy_n(sum.data(), chunk.count, to);
  }
  squares = sum_of_squares(to, chunk.count);
}

// All get all squares; without sharded_ all sums too.
void GradientSum::give_parts() {
  out_.clear();
  in_.clear();
  const auto squares_of = [&](const GradientParts::Part& part) {
    return std::span(squares_).subspan(static_cast<std::size_t>(part.chunks.first),
                                       static_cast<std::size_t>(part.chunks.size()));
  };
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    if (!sharded_) give_sums(other);
    out_.push_back({other, std::as_bytes(squares_of(own_part()))});
    in_.push_back({other, std::as_writable_bytes(squares_of(parts_.of(other)))});
  }
  ranks_->exchange(out_, in_);
  if (!rounds_ || sharded_) return;
  for_each_chunk(parts_.all_chunks(), [&](std::size_t i) {
    if (parts_.chunks[i].rank == rank_) return;
    from_bfloat16(rounded_sum_.data() + parts_.place_of(parts_.chunks[i]), total_.data() + parts_.chunks[i].offset,
                  parts_.chunks[i].count);
  });
}

void GradientSum::give_sums(int other) {
  const GradientParts::Part& theirs = parts_.of(other);
  if (rounds_) {
    out_.push_back({other, bytes_of(rounded_sum_.data() + own_part().begin, own_part().size)});
    in_.push_back({other, bytes_into(rounded_sum_.data() + theirs.begin, theirs.size)});
    return;
  }
  for (const GradientParts::Run& run : own_part().runs)
    out_.push_back({other, bytes_of(total_.data() + run.offset, run.count)});
  for (const GradientParts::Run& run : theirs.runs)
    in_.push_back({other, bytes_into(total_.data() + run.offset, run.count)});
}

void GradientSum::sum_table(std::size_t table) const {
  std::vector<GradientStore::Rows> several;
  std::vector<std::vector<float>> values(static_cast<std::size_t>(shares_.groups));  // from bfloat16
  for (int group = 0; group < shares_.groups; ++group) {
    const std::byte* at = rows_[static_cast<std::size_t>(group)].data();
    for (std::size_t t = 0; t < table; ++t)
      at += static_cast<std::size_t>(rows_of(group, t)) * (sizeof(int) + bytes_of_row(*parts_.tables[t]));
    const auto count = static_cast<std::size_t>(rows_of(group, table));
    const auto* const ids = reinterpret_cast<const int*>(at);
    at += count * sizeof(int);
    const auto* numbers = reinterpret_cast<const float*>(at);
    if (rounds_) {
      std::vector<float>& own = values[static_cast<std::size_t>(group)];
      own.resize(count * static_cast<std::size_t>(parts_.tables[table]->columns()));
      from_bfloat16(reinterpret_cast<const std::uint16_t*>(at), own.data(), std::ssize(own));
      numbers = own.data();
    }
    several.push_back({{ids, count}, numbers});
  }
  total_.sum_rows(*parts_.tables[table], several);
}

void GradientSum::square() const {
  for (std::size_t i = 0; i < parts_.chunks.size();) {
    Parameter* const parameter = parts_.chunks[i].parameter;
    double squares = 0;
    for (; i < parts_.chunks.size() && parts_.chunks[i].parameter == parameter; ++i) squares += squares_[i];
    total_.set_squares(*parameter, squares);
  }
}

std::vector<UpdateRange> GradientSum::own_ranges() const {
  std::vector<UpdateRange> out = own_part().ranges();
  for (Parameter* table : parts_.tables) out.push_back({table, 0, table->size()});
  return out;
}

std::vector<UpdateRange> GradientSum::others_ranges() const {
  std::vector<UpdateRange> out;
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    const std::vector<UpdateRange> theirs = parts_.of(other).ranges();
    out.insert(out.end(), theirs.begin(), theirs.end());
  }
  return out;
}

void GradientSum::share_weights() {
  out_.clear();
  in_.clear();
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    for (const GradientParts::Run& own : own_part().runs)
      out_.push_back({other, bytes_of(own.parameter->value.view().data + own.first, own.count)});
    for (const GradientParts::Run& theirs : parts_.of(other).runs)
      in_.push_back({other, bytes_into(theirs.parameter->value.view().data + theirs.first, theirs.count)});
  }
  const long long before = ranks_->bytes_sent();
  ranks_->exchange(out_, in_);
  count_sent(before);
}

void GradientSum::gather(float* flat) {
  out_.clear();
  in_.clear();
  if (rank_ > 0) {
    for (const GradientParts::Run& run : own_part().runs) out_.push_back({0, bytes_of(flat + run.offset, run.count)});
  }
  for (int other = 1; rank_ == 0 && other < shares_.ranks; ++other) {
    for (const GradientParts::Run& run : parts_.of(other).runs)
      in_.push_back({other, bytes_into(flat + run.offset, run.count)});
  }
  ranks_->exchange(out_, in_);
}

void GradientSum::forget_others(float* flat) const {
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    for (const GradientParts::Run& run : parts_.of(other).runs) give_back_pages(flat + run.offset, run.count);
  }
}

std::int64_t GradientSum::bytes() const {
  std::size_t out = rounded_sum_.size() * sizeof(std::uint16_t);
  for (const auto& store : further_groups_) out += static_cast<std::size_t>(store->flat().size()) * sizeof(float);
  for (const auto& piece : pieces_) out += piece.size() * sizeof(float);
  for (const auto& rounded : rounded_) out += rounded.size() * sizeof(std::uint16_t);
  for (const auto& rows : rows_) out += rows.size();
  return static_cast<std::int64_t>(out);
}

}  // namespace heed
