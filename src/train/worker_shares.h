#pragma once

namespace heed {

/// Neighbours: from `first` to before `last`.
struct Share {
  int first = 0;
  int last = 0;
  int size() const { return last - first; }
  bool has(int i) const { return i >= first && i < last; }
};

/// A batch is split among workers. Neighbouring workers are a group, in which gradients are summed as one product;
/// neighbouring groups are of a rank. What an update computes depends on workers and groups, not on who computes it.
struct WorkerShares {
  int workers = 1;
  int groups = 1;
  int ranks = 1;

  static Share share_of(int all, int part, int parts) {
    const auto begin = [&](int i) { return static_cast<int>(static_cast<long>(all) * i / parts); };
    return {begin(part), begin(part + 1)};
  }
  Share workers_of_group(int group) const { return share_of(workers, group, groups); }
  Share groups_of_rank(int rank) const { return share_of(groups, rank, ranks); }
  Share workers_of_rank(int rank) const {
    const Share own = groups_of_rank(rank);
    return {share_of(workers, own.first, groups).first, share_of(workers, own.last, groups).first};
  }
};

}  // namespace heed
