#include "gradient_sum.h"

#include <algorithm>
#include <cstring>

#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

// As GradientStore sums what tapes have: squares are summed piece by piece.
constexpr std::int64_t kChunk = 2048;

// Parameters begin on cache lines: what lies between two is zero, and may go with them.
constexpr std::int64_t kMostBetween = 16;

template <typename T>
std::span<const std::byte> bytes_of(const T* data, std::int64_t count) {
  return std::as_bytes(std::span(data, static_cast<std::size_t>(count)));
}

}  // namespace

GradientSum::GradientSum(const ParameterList& parameters, const WorkerShares& shares, WorkerPool& pool, Ranks* ranks)
    : shares_(shares), pool_(pool), ranks_(ranks), rank_(ranks != nullptr ? ranks->rank() : 0) {
  for (int i = 0; i < shares.groups_of_rank(rank_).size(); ++i)
    own_.push_back(std::make_unique<GradientStore>(parameters));
  cut(parameters);
  squares_.resize(chunks_.size());
  const auto groups = static_cast<std::size_t>(shares.groups);
  pieces_.resize(groups);
  rows_.resize(groups);
  counts_.resize(groups * tables_.size());
  for (int group = 0; group < shares.groups; ++group) {
    if (!is_own(group)) pieces_[static_cast<std::size_t>(group)].resize(static_cast<std::size_t>(parts_[rank_].size));
  }
}

void GradientSum::cut(const ParameterList& parameters) {
  for (const Parameter* parameter : parameters.all()) {
    if (parameter->frozen) continue;
    if (parameter->role == ParameterRole::kEmbedding && !parameter->tied) {
      tables_.push_back(parameter);
      continue;
    }
    const std::int64_t offset = parameters.offset(parameter->index);
    for (std::int64_t first = 0; first < parameter->size(); first += kChunk)
      chunks_.push_back({parameter, offset + first, std::min(kChunk, parameter->size() - first), 0});
  }
  for (int rank = 0; rank < shares_.ranks; ++rank)
    parts_.push_back(part_of(WorkerShares::share_of(static_cast<int>(chunks_.size()), rank, shares_.ranks)));
}

GradientSum::Part GradientSum::part_of(Share chunks) {
  Part out{chunks, {}, 0};
  for (int i = chunks.first; i < chunks.last; ++i) {
    Chunk& chunk = chunks_[static_cast<std::size_t>(i)];
    const std::int64_t end = out.runs.empty() ? -1 : out.runs.back().offset + out.runs.back().count;
    if (end < 0 || chunk.offset - end >= kMostBetween) {
      out.runs.push_back({chunk.offset, 0, out.size});
    }
    Run& run = out.runs.back();
    chunk.at = run.at + (chunk.offset - run.offset);
    run.count = chunk.offset + chunk.count - run.offset;
    out.size = run.at + run.count;
  }
  return out;
}

std::span<const double> GradientSum::sum(std::span<const double> own_numbers, GradientStore& total) {
  gather_numbers(own_numbers);
  pack_rows();
  if (ranks_ != nullptr) exchange_pieces();
  const Share own = parts_[static_cast<std::size_t>(rank_)].chunks;
  pool_.run([&](int worker) {
    const Share share = WorkerShares::share_of(own.size(), worker, pool_.size());
    for (int i = own.first + share.first; i < own.first + share.last; ++i)
      sum_chunk(chunks_[static_cast<std::size_t>(i)], squares_[static_cast<std::size_t>(i)], total);
  });
  if (ranks_ != nullptr) give_parts(total);
  sum_tables(total);
  square(total);
  return numbers_;
}

std::int64_t GradientSum::rows_of(int group, std::size_t table) const {
  return static_cast<std::int64_t>(counts_[static_cast<std::size_t>(group) * tables_.size() + table]);
}

// The callers' numbers, then how many rows each table of each group has.
void GradientSum::gather_numbers(std::span<const double> own_numbers) {
  int most = 0;
  for (int rank = 0; rank < shares_.ranks; ++rank) most = std::max(most, shares_.groups_of_rank(rank).size());
  sending_.assign(own_numbers.begin(), own_numbers.end());
  for (const auto& store : own_) {
    for (const Parameter* table : tables_) sending_.push_back(static_cast<double>(store->rows_of(*table).size()));
  }
  sending_.resize(own_numbers.size() + static_cast<std::size_t>(most) * tables_.size());
  const std::span<const double> all = ranks_ != nullptr ? ranks_->gather(sending_) : sending_;
  numbers_.clear();
  counts_.clear();
  for (int rank = 0; rank < shares_.ranks; ++rank) {
    const auto of_rank = all.subspan(static_cast<std::size_t>(rank) * sending_.size(), sending_.size());
    const auto counts = of_rank.subspan(own_numbers.size());
    numbers_.insert(numbers_.end(), of_rank.begin(), of_rank.end() - std::ssize(counts));
    const auto count = static_cast<std::ptrdiff_t>(shares_.groups_of_rank(rank).size()) * std::ssize(tables_);
    counts_.insert(counts_.end(), counts.begin(), counts.begin() + count);
  }
}

void GradientSum::pack_rows() {
  for (int group = 0; group < shares_.groups; ++group) {
    std::size_t bytes = 0;
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      const auto row = sizeof(int) + static_cast<std::size_t>(tables_[t]->columns()) * sizeof(float);
      bytes += static_cast<std::size_t>(rows_of(group, t)) * row;
    }
    std::vector<std::byte>& packed = rows_[static_cast<std::size_t>(group)];
    packed.resize(bytes);
    if (!is_own(group)) continue;
    std::byte* to = packed.data();
    for (const Parameter* table : tables_) {
      const std::span<const int> ids = own_of(group).rows_of(*table);
      to = std::copy_n(std::as_bytes(ids).begin(), ids.size_bytes(), to);
      const Tensor gradient = own_of(group).of(*table);
      for (const int id : ids) {
        const auto row = bytes_of(gradient.row(id), gradient.columns);
        std::memcpy(to, row.data(), row.size());
        to += row.size();
      }
    }
  }
}

void GradientSum::exchange_pieces() {
  out_.clear();
  in_.clear();
  for (int group = 0; group < shares_.groups; ++group) {
    if (is_own(group)) {
      const float* const flat = own_of(group).flat().data;
      for (int other = 0; other < shares_.ranks; ++other) {
        if (other == rank_) continue;
        for (const Run& run : parts_[static_cast<std::size_t>(other)].runs)
          out_.push_back({other, bytes_of(flat + run.offset, run.count)});
        out_.push_back({other, rows_[static_cast<std::size_t>(group)]});
      }
      continue;
    }
    int from = 0;
    while (!shares_.groups_of_rank(from).has(group)) ++from;
    float* const to = pieces_[static_cast<std::size_t>(group)].data();
    for (const Run& run : parts_[static_cast<std::size_t>(rank_)].runs)
      in_.push_back({from, std::as_writable_bytes(std::span(to + run.at, static_cast<std::size_t>(run.count)))});
    in_.push_back({from, rows_[static_cast<std::size_t>(group)]});
  }
  ranks_->exchange(out_, in_);
}

void GradientSum::sum_chunk(const Chunk& chunk, double& squares, GradientStore& total) {
  float* const to = total.data() + chunk.offset;
  std::fill_n(to, chunk.count, 0.0F);
  for (int group = 0; group < shares_.groups; ++group) {
    const float* const piece = is_own(group) ? own_of(group).flat().data + chunk.offset
                                             : pieces_[static_cast<std::size_t>(group)].data() + chunk.at;
    add_scaled(piece, 1.0F, to, chunk.count);
  }
  squares = sum_of_squares(to, chunk.count);
}

void GradientSum::give_parts(GradientStore& total) {
  out_.clear();
  in_.clear();
  const auto squares_of = [&](int rank) {
    const Share chunks = parts_[static_cast<std::size_t>(rank)].chunks;
    return std::span(squares_).subspan(static_cast<std::size_t>(chunks.first), static_cast<std::size_t>(chunks.size()));
  };
  for (int other = 0; other < shares_.ranks; ++other) {
    if (other == rank_) continue;
    for (const Run& run : parts_[static_cast<std::size_t>(rank_)].runs)
      out_.push_back({other, bytes_of(total.data() + run.offset, run.count)});
    out_.push_back({other, std::as_bytes(squares_of(rank_))});
    for (const Run& run : parts_[static_cast<std::size_t>(other)].runs) {
      in_.push_back(
          {other, std::as_writable_bytes(std::span(total.data() + run.offset, static_cast<std::size_t>(run.count)))});
    }
    in_.push_back({other, std::as_writable_bytes(squares_of(other))});
  }
  ranks_->exchange(out_, in_);
}

void GradientSum::sum_tables(GradientStore& total) const {
  pool_.run([&](int worker) {
    thread_local std::vector<GradientStore::Rows> several;
    const auto workers = static_cast<std::size_t>(pool_.size());
    for (auto t = static_cast<std::size_t>(worker); t < tables_.size(); t += workers) {
      several.clear();
      for (int group = 0; group < shares_.groups; ++group) {
        const std::byte* at = rows_[static_cast<std::size_t>(group)].data();
        for (std::size_t before = 0; before < t; ++before) {
          const auto row = sizeof(int) + static_cast<std::size_t>(tables_[before]->columns()) * sizeof(float);
          at += static_cast<std::size_t>(rows_of(group, before)) * row;
        }
        const auto count = static_cast<std::size_t>(rows_of(group, t));
        const auto* const ids = reinterpret_cast<const int*>(at);
        several.push_back({{ids, count}, reinterpret_cast<const float*>(at + count * sizeof(int))});
      }
      total.sum_rows(*tables_[t], several);
    }
  });
}

void GradientSum::square(GradientStore& total) const {
  for (std::size_t i = 0; i < chunks_.size();) {
    const Parameter* const parameter = chunks_[i].parameter;
    double squares = 0;
    for (; i < chunks_.size() && chunks_[i].parameter == parameter; ++i) squares += squares_[i];
    total.set_squares(*parameter, squares);
  }
}

}  // namespace heed
