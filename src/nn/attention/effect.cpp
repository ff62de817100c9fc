// Which options have an effect on which mechanisms.
#include <algorithm>

#include "fmt/format.h"
#include "heed/base/auto.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

template <auto Field>
bool is_usual(const AttentionOptions& options) {
  return options.*Field == AttentionOptions{}.*Field;
}

struct Option {
  const char* name;
  bool (*is_usual)(const AttentionOptions& options);
};

constexpr Option kOptions[] = {
    {"normalizer", is_usual<&AttentionOptions::normalizer>},
    {"temperature", is_usual<&AttentionOptions::temperature>},
    {"scale", is_usual<&AttentionOptions::scale>},
    {"score", is_usual<&AttentionOptions::score>},
    {"heads", is_usual<&AttentionOptions::heads>},
    {"window", is_usual<&AttentionOptions::window>},
    {"chunk", is_usual<&AttentionOptions::chunk>},
    {"filters", is_usual<&AttentionOptions::filters>},
    {"filter_width", is_usual<&AttentionOptions::filter_width>},
    {"noise", is_usual<&AttentionOptions::noise>},
    {"positions", is_usual<&AttentionOptions::positions>},
    {"hard", is_usual<&AttentionOptions::hard>},
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "luong-local-m, luong-local-p and hard-exact-first-order read it"
std::string readers_of(const std::string& name) {
  std::vector<std::string> readers;
  for (const AttentionKind& kind : attention_kinds()) {
    if (has(kind.reads, name)) readers.push_back(kind.name);
  }
  constexpr std::size_t kMost = 4;  // nearly all read a normaliser
  if (readers.size() > kMost) return "`heed list attention-options` shows what reads it";
  std::string out;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    out += i == 0 ? "" : i + 1 == readers.size() ? " and " : ", ";
    out += readers[i];
  }
  return out + (readers.size() == 1 ? " reads it" : " read it");
}

}  // namespace

std::vector<std::string> attention_option_names() {
  std::vector<std::string> out;
  for (const Option& option : kOptions) out.emplace_back(option.name);
  return out;
}

std::vector<const AttentionKind*> mechanisms_of(const AttentionOptions& options) {
  std::vector<const AttentionKind*> out = kinds_of(options);
  if (std::any_of(out.begin(), out.end(), [](const AttentionKind* kind) { return has(kind->reads, "score"); })) {
    out.push_back(&find_attention(options.score));
  }
  return out;
}

std::vector<std::string> options_read(const AttentionKind& kind, const AttentionOptions& options) {
  std::vector<std::string> out = kind.reads;
  if (!has(kind.reads, "score")) return out;
  for (const std::string& name : find_attention(options.score).reads) {
    if (!has(out, name)) out.push_back(name);
  }
  return out;
}

void check_effect(const AttentionOptions& options) {
  const auto kinds = kinds_of(options);
  const bool attends = has_attention(options);
  const std::string none = "without attention (model.attention.kind: none)";
  const std::string name = options.kind == kAuto ? kinds.front()->name : options.kind;
  for (const Option& option : kOptions) {
    const auto reads = [&](const AttentionKind* kind) { return has(options_read(*kind, options), option.name); };
    if (option.is_usual(options) || std::any_of(kinds.begin(), kinds.end(), reads)) continue;
    const std::string heads = has(kinds.front()->reads, "score") ? fmt::format(" (score: {})", options.score) : "";
    throw UsageError(fmt::format("model.attention.{} has no effect {}", option.name,
                                 attends ? fmt::format("on '{}'{}: {}", name, heads, readers_of(option.name)) : none),
                     {.key = fmt::format("model.attention.{}", option.name)});
  }
  if (options.combine != AttentionOptions{}.combine && kinds.size() == 1) {
    throw UsageError(
        fmt::format("model.attention.combine has no effect on a single mechanism ('{}'): join several by '+'",
                    options.kind),
        {.key = "model.attention.combine"});
  }
}

}  // namespace heed
