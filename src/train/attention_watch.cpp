#include "attention_watch.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

constexpr double kLongSource = 1.5;     // bits that the entropy must be able to have: there is something to choose from
constexpr double kSharp = 0.15;         // bits,
constexpr double kSharpShare = 0.05;    // or this share of the maximum
constexpr double kStuck = 0.5;          // share of the movement that there could be
constexpr double kUniformShare = 0.97;  // of the maximum
constexpr std::size_t kUniformFor = 3;  // validations

bool is_narrow(const AttentionOptions& attention) {
  const auto kinds = kinds_of(attention);
  return std::any_of(kinds.begin(), kinds.end(), [](const AttentionKind* kind) { return kind->narrow; });
}

bool is_collapsed(const ValidationResult& v) {
  return v.attention_maximum > kLongSource && v.attention_movement < kStuck &&
         v.attention_entropy < std::max(kSharp, kSharpShare * v.attention_maximum);
}

bool is_uniform(const ValidationResult& v) {
  return v.attention_maximum > kLongSource && v.attention_entropy > kUniformShare * v.attention_maximum;
}

// What has smaller scores to begin with.
std::string calmer_scores(const AttentionOptions& attention) {
  if (!attention.divides_scores()) return "model.attention.scale: width, or ";
  const auto used = kinds_of(attention);
  if (std::all_of(used.begin(), used.end(), [](const AttentionKind* kind) { return kind->calm; })) return "";
  const auto& all = attention_kinds();
  const auto calm = std::find_if(all.begin(), all.end(), [](const AttentionKind& kind) { return kind.calm; });
  return fmt::format("model.attention.kind: {}, or ", calm->name);
}

// The run of uniform ones that ends with the last has just grown so long, and there was none so long before.
bool has_stayed_uniform(std::span<const ValidationResult> validations) {
  std::size_t run = 0;
  std::size_t runs = 0;
  for (const ValidationResult& v : validations) {
    run = is_uniform(v) ? run + 1 : 0;
    if (run == kUniformFor) ++runs;
  }
  return run == kUniformFor && runs == 1;
}

}  // namespace

std::string attention_fault(std::span<const ValidationResult> validations, const AttentionOptions& attention) {
  const ValidationResult& now = validations.back();
  const auto before = validations.first(validations.size() - 1);
  if (!is_narrow(attention) && is_collapsed(now) && std::none_of(before.begin(), before.end(), is_collapsed)) {
    return fmt::format(
        "attention has collapsed: it looks at one place whatever is written ({:.2f} of {:.1f} bits); take {}a larger "
        "model.attention.temperature than {:g}, or a smaller training.learning_rate",
        now.attention_entropy, now.attention_maximum, calmer_scores(attention), attention.temperature);
  }
  if (has_stayed_uniform(validations)) {
    return fmt::format(
        "attention has stayed uniform for {} validations ({:.2f} of {:.2f} bits): it chooses nothing; take another "
        "model.attention.kind, or a smaller model.attention.temperature than {:g}, or a larger training.learning_rate, "
        "if this does not change",
        kUniformFor, now.attention_entropy, now.attention_maximum, attention.temperature);
  }
  return "";
}

}  // namespace heed
