#include "heed/data/data_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/utf8.h"
#include "heed/data/pair_filter.h"
#include "judged_text.h"
#include "training_text.h"

namespace heed {
namespace {

constexpr const char* kSame = "with the same text on both sides";
constexpr const char* kTrimmed = "with a byte-order mark or a CRLF end, which are removed";
constexpr const char* kHeldOut = "held out for validation, copies too";
constexpr const char* kLinks = "with links that do not fit";
constexpr const char* kError = "an error";

/// A fault's kind: its text without numbers of this line.
std::string kind_of(const std::string& fault) {
  for (const char* known : {"invalid UTF-8", "a NUL byte", "the line is longer", "no tab"}) {
    if (fault.starts_with(known)) return known == std::string("the line is longer") ? "too long to be a line" : known;
  }
  if (fault.starts_with("column ")) return "with another number of feature values than of words";
  return fault.find("is asked for") != std::string::npos ? "without a column" : "that end the reading";
}

bool same_text(const TokenizedText& source, const TokenizedText& target, std::size_t i) {
  const auto s = source.sentences[i];
  const auto t = target.sentences[i];
  const auto same = [&](int a, int b) {
    return source.tokens[static_cast<std::size_t>(a)] == target.tokens[static_cast<std::size_t>(b)];
  };
  return !s.empty() && std::equal(s.begin(), s.end(), t.begin(), t.end(), same);
}

/// As far as they can be read, of files that can be read again.
long count_lines(const CorpusFiles& files) {
  const std::string& path = files.tsv.empty() ? files.source : files.tsv;
  if (!can_be_read_again(path)) return 0;
  LineReader reader(path);
  try {
    while (reader.next()) continue;
  } catch (const Error&) {
  }
  return reader.lines();
}

class Checker {
 public:
  Checker(const DataOptions& options, std::size_t first)
      : options_(options), corpora_(options.corpora()), first_(first) {
    for (const CorpusFiles& files : corpora_) out_.corpora.push_back(files.name());
    const FilterOptions& filter = options.filter;
    kind(words_of(PairFate::kTaken), "");
    if (options.validation.empty()) kind(kHeldOut, "held out");
    for (const PairFate fate : {PairFate::kEmpty, PairFate::kTooLong}) kind(words_of(fate), "left out");
    if (filter.min_length > 1) kind(words_of(PairFate::kTooShort), "left out");
    if (filter.max_ratio > 0) kind(words_of(PairFate::kRatio), "left out");
    kind(words_of(PairFate::kDuplicate), filter.drops_duplicates() ? "left out" : "trained on");
    kind(kSame, "trained on");
    kind(kTrimmed, "trained on");
  }

  void add_fault(const PairLine& line, int corpus) {
    if (corpus == kNoCorpus) return out_.faults.push_back(line.fault);
    const bool is_error = !line.fault.empty();
    std::string what = line.fault;
    if (const std::string head = fmt::format("{}:{}: ", line.file, line.number); what.starts_with(head))
      what.erase(0, head.size());
    const std::string& links = corpora_[static_cast<std::size_t>(corpus)].alignment;
    const std::string name = !links.empty() && line.file == shown(links) ? kLinks : kind_of(line.fault);
    count(is_error ? kind(name, kError) : kind(kTrimmed, ""), {corpus, line.number}, line.file, what);
  }

  void judge(const TrainingText& text, const LogSink& log) {
    PairFilter filter(options_);
    std::vector<std::size_t> taken;
    for (std::size_t i = 0; i < text.origins.size(); ++i) {
      const PairFate fate = filter.judge(text.source, text.target, i, static_cast<std::size_t>(text.origins[i].corpus));
      count_pair(kind(words_of(fate), ""), text, i);
      if (fate != PairFate::kTaken) continue;
      taken.push_back(i);
      if (!options_.filter.drops_duplicates() && filter.was_seen(text.source, text.target, i))
        count_pair(kind(words_of(PairFate::kDuplicate), ""), text, i);
      if (same_text(text.source, text.target, i)) count_pair(kind(kSame, ""), text, i);
    }
    out_.lines = text.lines;
    for (const PairOrigin origin : text.held_out_origins) count(kind(kHeldOut, ""), origin, file_of(origin), "");
    out_.source = side(text.source, taken);
    out_.target = side(text.target, taken);
    take_faults([&] { filter.report(log); });
  }

  /// As a training does before it begins.
  void judge_others(TrainingText text, const std::function<void(const TextSide&, const TextSide&)>& fits) {
    const TrainingData data{std::move(text.source.side), std::move(text.target.side), {}, {}, {}, {}};
    const auto judged = [&](const char* name, const CorpusFiles& files) {
      ReadPairs read =
          files.empty() ? ReadPairs{std::move(text.held_out), {}} : read_pairs(options_.with_features(files));
      return encode_judged(name, std::move(read), false, PairFilter(options_), data);
    };
    take_faults([&] {
      if (options_.validation.empty() && text.held_out.empty()) return;  // which is said
      const JudgedText validation = judged("validation", options_.validation);
      out_.validation_pairs = static_cast<long>(validation.text.text.size());
      out_.source.validation_unknown = validation.tokens.source.share();
      out_.target.validation_unknown = validation.tokens.target.share();
    });
    take_faults([&] {
      if (!options_.test.empty()) (void)judged("test", options_.test);
    });
    take_faults([&] {
      if (fits) fits(data.source, data.target);
    });
  }

  template <typename Do>
  void take_faults(const Do& act) try {
    act();
  } catch (const Error& error) {
    out_.faults.emplace_back(error.what());
  }

  DataCheck finish() && {
    for (std::size_t c = out_.lines.size(); c < corpora_.size(); ++c) out_.lines.push_back(count_lines(corpora_[c]));
    long errors = 0;
    for (DataCheck::Kind& each : out_.kinds) {
      errors += each.then == kError ? each.sum() : 0;
      for (auto& [origin, text] : named_[each.name]) each.first.push_back(std::move(text));
    }
    if (errors > 0)
      out_.faults.push_back(fmt::format("{} with an error", count_of(static_cast<std::size_t>(errors), "line")));
    return std::move(out_);
  }

 private:
  DataCheck::Kind& kind(const std::string& name, const std::string& then) {
    const auto known =
        std::find_if(out_.kinds.begin(), out_.kinds.end(), [&](auto& each) { return each.name == name; });
    if (known != out_.kinds.end()) return *known;
    return out_.kinds.emplace_back(DataCheck::Kind{name, then, std::vector<long>(corpora_.size()), {}});
  }

  /// Names the line if it is one of the first of its kind; held-out pairs come in no order.
  void count(DataCheck::Kind& kind, PairOrigin origin, const std::string& file, const std::string& what) {
    ++kind.counts[static_cast<std::size_t>(origin.corpus)];
    if (!may_be_named(kind, origin)) return;
    std::map<PairOrigin, std::string>& named = named_[kind.name];
    named.emplace(origin, fmt::format("{}{}{}{}", file, origin.line > 0 ? fmt::format(":{}", origin.line) : "",
                                      what.empty() ? "" : ": ", what));
    if (named.size() > first_) named.erase(std::prev(named.end()));
  }

  bool may_be_named(const DataCheck::Kind& kind, PairOrigin origin) {
    const std::map<PairOrigin, std::string>& named = named_[kind.name];
    return named.size() < first_ || (first_ > 0 && origin < named.rbegin()->first);
  }

  std::string file_of(PairOrigin origin) const {
    const CorpusFiles& files = corpora_[static_cast<std::size_t>(origin.corpus)];
    return shown(files.tsv.empty() ? files.source : files.tsv);
  }

  void count_pair(DataCheck::Kind& kind, const TrainingText& text, std::size_t i) {
    const bool is_named = may_be_named(kind, text.origins[i]) && !text.source.cut[i] && !text.target.cut[i];
    const std::string tokens =
        is_named ? fmt::format("{} and {} tokens", text.source.sentences[i].size(), text.target.sentences[i].size())
                 : "";
    count(kind, text.origins[i], file_of(text.origins[i]), tokens);
  }

  static DataCheck::Side side(const TokenizedText& text, const std::vector<std::size_t>& taken) {
    DataCheck::Side out;
    out.vocabulary = text.side.vocabulary_size();
    if (taken.empty()) return out;
    std::vector<std::size_t> lengths;
    std::size_t unknown = 0;
    for (const std::size_t i : taken) {
      lengths.push_back(text.sentences[i].size());
      for (const int token : text.sentences[i])
        unknown += text.ids[static_cast<std::size_t>(token)] == Vocabulary::kUnknown ? 1 : 0;
    }
    std::sort(lengths.begin(), lengths.end());
    const auto tokens = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
    out.mean = tokens / static_cast<double>(lengths.size());
    out.percentile_95 = lengths[(lengths.size() * 95 + 99) / 100 - 1];
    out.most = lengths.back();
    out.unknown = static_cast<double>(unknown) / tokens;
    return out;
  }

  const DataOptions& options_;
  const std::vector<CorpusFiles> corpora_;
  const std::size_t first_;
  std::map<std::string, std::map<PairOrigin, std::string>> named_;  // lines of each kind
  DataCheck out_;
};

}  // namespace

long DataCheck::Kind::sum() const { return std::accumulate(counts.begin(), counts.end(), 0L); }

DataCheck check_data(const DataOptions& options, const std::string& bundle, std::size_t first, const LogSink& log,
                     const std::function<void(const TextSide& source, const TextSide& target)>& fits) {
  check_training_files(options);
  Checker checker(options, first);
  checker.take_faults([&] {
    TrainingText text = read_training_text(options, bundle, log,
                                           [&](const PairLine& line, int corpus) { checker.add_fault(line, corpus); });
    checker.judge(text, log);
    checker.judge_others(std::move(text), fits);
  });
  return std::move(checker).finish();
}

}  // namespace heed
