#include "heed/text/piece_sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "sentencepiece_model.h"

namespace heed {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNever ? a : a + std::log1p(std::exp(b - a));
}

/// A piece of a text in the lattice of all its segmentations.
struct Edge {
  std::size_t begin;
  int id;
  double score;  // times alpha
  int next;      // another edge with the same end, or none
};

}  // namespace

PieceSampler::PieceSampler(const TextSide& side) : side_(side), alpha_(side.options().sampling) {
  PieceTable read = piece_table(side.sentencepiece());
  if (read.type != PieceTable::Type::kUnigram && read.type != PieceTable::Type::kBpe) {
    throw UsageError(
        "sampling is of SentencePiece models of the type unigram or bpe, but this has words or characters");
  }
  bpe_ = read.type == PieceTable::Type::kBpe;
  if (bpe_ && alpha_ > 1) throw UsageError("sampling of a bpe model is a probability; expected 0 to 1");
  scores_ = std::move(read.scores);
  for (int id = 0; id < side.vocabulary_size(); ++id) longest_ = std::max(longest_, side.token(id).size());
}

std::vector<int> PieceSampler::sample(std::span<const int> ids, Rng& rng) const {
  std::vector<int> out;
  std::string text;
  for (std::size_t i = 0; i < ids.size();) {
    const std::size_t begin = i;
    text.clear();
    for (; i < ids.size() && is_ordinary(ids[i]); ++i) text += side_.token(ids[i]);
    if (!text.empty() && !cut(text, rng, out)) out.insert(out.end(), ids.begin() + begin, ids.begin() + i);
    if (i < ids.size()) out.push_back(ids[i++]);
  }
  return out;
}

int PieceSampler::find(std::string_view text) const {
  const int id = side_.id(text);
  return id != Vocabulary::kUnknown && is_ordinary(id) ? id : kNone;
}

bool PieceSampler::cut(std::string_view text, Rng& rng, std::vector<int>& out) const {
  if (bpe_) return cut_bpe(text, rng, out);
  cut_unigram(text, rng, out);
  return true;
}

// Forward the sums over all segmentations up to each place, backward a piece at a time by its share of them.
void PieceSampler::cut_unigram(std::string_view text, Rng& rng, std::vector<int>& out) const {
  std::vector<double> sums(text.size() + 1, kNever);
  std::vector<int> last(text.size() + 1, kNone);  // the first edge of those with this end
  std::vector<Edge> edges;
  sums[0] = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += utf8::char_length(text, begin)) {
    if (sums[begin] == kNever) continue;
    const std::size_t most = std::min(text.size(), begin + longest_);
    for (std::size_t end = begin; end < most;) {
      end += utf8::char_length(text, end);
      const int id = find(text.substr(begin, end - begin));
      if (id == kNone) continue;
      const double score = alpha_ * static_cast<double>(scores_[static_cast<std::size_t>(id)]);
      edges.push_back({begin, id, score, last[end]});
      last[end] = static_cast<int>(edges.size()) - 1;
      sums[end] = log_sum(sums[end], sums[begin] + score);
    }
  }
  const std::size_t first = out.size();
  for (std::size_t end = text.size(); end > 0;) {
    double left = rng.uniform();
    int chosen = last[end];
    for (int e = chosen; e != kNone && left >= 0; e = edges[static_cast<std::size_t>(e)].next) {
      const Edge& edge = edges[static_cast<std::size_t>(e)];
      chosen = e;
      left -= std::exp(sums[edge.begin] + edge.score - sums[end]);
    }
    out.push_back(edges[static_cast<std::size_t>(chosen)].id);
    end = edges[static_cast<std::size_t>(chosen)].begin;
  }
  std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
}

// The best merge first, as SentencePiece does it; one that is left out stays so until one beside it makes another.
bool PieceSampler::cut_bpe(std::string_view text, Rng& rng, std::vector<int>& out) const {
  struct Part {
    std::size_t begin, size;
    int before, behind;
  };
  struct Merge {
    float score;
    int left, right;
    std::size_t size;
    bool operator<(const Merge& other) const { return score != other.score ? score < other.score : left > other.left; }
  };
  std::vector<Part> parts;
  for (const std::string_view c : utf8::chars(text)) {
    const int place = static_cast<int>(parts.size());
    parts.push_back({static_cast<std::size_t>(c.data() - text.data()), c.size(), place - 1, place + 1});
  }
  parts.back().behind = kNone;
  std::priority_queue<Merge> merges;
  const auto part = [&](int i) -> Part& { return parts[static_cast<std::size_t>(i)]; };
  const auto offer = [&](int left, int right) {
    if (left == kNone || right == kNone) return;
    const std::size_t size = part(left).size + part(right).size;
    const int id = find(text.substr(part(left).begin, size));
    if (id != kNone) merges.push({scores_[static_cast<std::size_t>(id)], left, right, size});
  };
  for (int i = 1; i < static_cast<int>(parts.size()); ++i) offer(i - 1, i);
  while (!merges.empty()) {
    const Merge merge = merges.top();
    merges.pop();
    Part& left = part(merge.left);
    Part& right = part(merge.right);
    if (left.size == 0 || right.size == 0 || left.size + right.size != merge.size) continue;  // merged meanwhile
    if (rng.uniform() < alpha_) continue;
    left.size = merge.size;
    left.behind = right.behind;
    if (right.behind != kNone) part(right.behind).before = merge.left;
    right.size = 0;
    offer(left.before, merge.left);
    offer(merge.left, left.behind);
  }
  const std::size_t first = out.size();
  for (int i = 0; i != kNone; i = part(i).behind) {
    const int id = find(text.substr(part(i).begin, part(i).size));
    if (id == kNone) {
      out.resize(first);
      return false;
    }
    out.push_back(id);
  }
  return true;
}

}  // namespace heed
