#pragma once
#include "heed/nn/attention.h"

// Factories of the mechanisms, one file each; table.cpp lists them.
namespace heed {

std::unique_ptr<Attention> make_additive(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_coverage(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_coverage_fertility(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_coverage_neural(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_hard_exact_first_order(const std::string&, const AttentionSizes&,
                                                       const AttentionOptions&);
std::unique_ptr<Attention> make_location_sensitive(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_dot(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_general(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_local_m(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_local_p(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_location(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_luong_scaled(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_monotonic_chunkwise(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_monotonic_soft(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_multi_head(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_normed_additive(const std::string&, const AttentionSizes&, const AttentionOptions&);
std::unique_ptr<Attention> make_scaled_dot(const std::string&, const AttentionSizes&, const AttentionOptions&);

/// What AttentionKind::reads may name.
std::vector<std::string> attention_option_names();

}  // namespace heed
