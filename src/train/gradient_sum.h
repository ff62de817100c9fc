#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gradient_parts.h"
#include "heed/autograd/gradient_store.h"
#include "heed/ranks/ranks.h"
#include "heed/tensor/worker_pool.h"
#include "worker_shares.h"

namespace heed {

/// The sum of the gradients of groups of workers, in their order, whoever has computed them: this process all of them,
/// or each rank some. Each rank sums a part of all numbers and sends it to the others; of tables the rows that have a
/// gradient go to all. So the sum is the same with any number of ranks, to the bit.
///
/// With `sharded`, a rank keeps the sum of its part to itself: it updates these weights alone, with moments that no
/// other has, and sends the weights (Rajbhandari et al. 2020, ZeRO, its first stage). Tables' weights are updated by
/// all.
class GradientSum {
 public:
  struct How {
    Ranks* ranks = nullptr;  ///< this process computes all groups
    bool rounds = false;  ///< what goes from one to another is bfloat16: groups' numbers, and sums but those of tables
    bool sharded = false;
  };
  /// The first group of this rank collects its gradient in `total`, where the sum is in the end. All must outlive it.
  GradientSum(const ParameterList& parameters, const WorkerShares& shares, WorkerPool& pool, const How& how,
              GradientStore& total);

  /// Of the groups of this rank.
  std::span<GradientStore* const> own() const { return own_; }

  /// Makes the sum of what own() collected. Returns the numbers of all ranks, one after the other: each gives as many.
  std::span<const double> sum(std::span<const double> own_numbers);

  bool sharded() const { return sharded_; }
  /// With `sharded`: the weights that this rank updates.
  std::vector<UpdateRange> own_ranges() const;
  /// Those that it receives in share_weights().
  std::vector<UpdateRange> others_ranges() const;
  /// With `sharded`: sends and receives what the ranks have updated.
  void share_weights();
  /// With `sharded`: brings all parts of an array that lies as the flat gradient does to rank 0.
  void gather(float* flat);
  /// With `sharded`: gives the memory of others' parts of such an array back.
  void forget_others(float* flat) const;

  /// Bytes of gradients that it holds beside `total`.
  std::int64_t bytes() const;
  /// Bytes that this rank has sent in all updates.
  long long bytes_sent() const { return bytes_sent_; }

 private:
  void reserve();
  template <typename Use>
  void for_each_chunk(Share chunks, const Use& use);
  const GradientParts::Part& own_part() const { return parts_.of(rank_); }
  std::size_t bytes_of_row(const Parameter& table) const;
  void round_own();
  void send(int group, int other);
  void receive(int group, int other);
  bool is_own(int group) const { return shares_.groups_of_rank(rank_).has(group); }
  GradientStore& own_of(int group) const {
    return *own_[static_cast<std::size_t>(group - shares_.groups_of_rank(rank_).first)];
  }
  std::int64_t rows_of(int group, std::size_t table) const;
  void gather_numbers(std::span<const double> own_numbers);
  void pack_rows();
  void exchange_groups();
  void count_sent(long long before);
  void sum_chunk(const GradientParts::Chunk& chunk, double& squares);
  void give_parts();
  void give_sums(int other);
  void sum_table(std::size_t table) const;
  void square() const;

  const WorkerShares shares_;
  WorkerPool& pool_;
  Ranks* ranks_;
  const bool rounds_, sharded_;
  const int rank_;
  GradientStore& total_;
  const GradientParts parts_;
  std::vector<std::unique_ptr<GradientStore>> further_groups_;
  std::vector<GradientStore*> own_;
  std::vector<double> squares_;             // of each chunk
  std::vector<double> sending_, numbers_;   // what each rank tells, and all of it
  std::vector<double> counts_;              // rows of each table of each group
  std::vector<std::vector<float>> pieces_;  // of the own part, by group; empty: it lies in own_
  // With rounds_, numbers of all parts, of others' groups of the own one; and the sum of all parts.
  std::vector<std::vector<std::uint16_t>> rounded_;
  std::vector<std::uint16_t> rounded_sum_;
  std::vector<std::vector<std::byte>> rows_;  // of each group: of each table ids, then values
  long long bytes_sent_ = 0;
  std::vector<Outgoing> out_;
  std::vector<Incoming> in_;
};

}  // namespace heed
