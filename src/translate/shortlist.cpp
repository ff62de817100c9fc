#include "heed/translate/shortlist.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

constexpr std::string_view kFirstLine = "heed-shortlist 2 ";     // and the checksum of all behind it
constexpr std::string_view kUncheckedLine = "heed-shortlist 1";  // of version 0.1, or edited
constexpr std::string_view kFrequent = "*";
constexpr char kTab = '\t';

void check_ids(std::span<const int> ids, int vocabulary) {
  for (const int id : ids) {
    if (id < 0 || id >= vocabulary) {
      throw Error(ErrorKind::kModel,
                  fmt::format("a shortlist has the target id {}, but the vocabulary has {}", id, vocabulary));
    }
  }
}

void leave_out_marks(std::vector<int>& ids) {
  std::erase_if(ids, [](int id) { return id < Vocabulary::kSpecials; });
}

/// The ids of a side's tokens.
class Ids {
 public:
  Ids(const TextSide& side, const char* name) : name_(name) {
    for (int id = 0; id < side.vocabulary_size(); ++id) ids_.emplace(side.token(id), id);
  }

  int of(std::string_view token) const {
    const auto found = ids_.find(token);
    if (found != ids_.end()) return found->second;
    throw Error(
        fmt::format("'{}' is not in the model's {} vocabulary; a shortlist fits only models of the vocabularies it "
                    "was made with",
                    token, name_));
  }

 private:
  std::unordered_map<std::string_view, int> ids_;
  const char* name_;
};

/// What stands before the first tab; takes it and the tab off the line.
std::string_view next_token(std::string_view& line) {
  const std::size_t end = std::min(line.find(kTab), line.size());
  const std::string_view token = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return token;
}

/// A file, line by line.
class Reader {
 public:
  Reader(const TextSide& source, const TextSide& target)
      : sources_(source, "source"),
        targets_(target, "target"),
        lists_(static_cast<std::size_t>(source.vocabulary_size())),
        seen_(lists_.size()) {}

  void read(std::string_view line, long number) {
    if (number == 1) {
      if (line != kUncheckedLine && !line.starts_with(kFirstLine)) {
        throw Error(fmt::format("'{}CHECKSUM' is expected here: this is not a shortlist", kFirstLine));
      }
      if (line != kUncheckedLine) checksum_ = line.substr(kFirstLine.size());
      return;
    }
    if (checksum_) (checked_ += line) += '\n';
    if (line.empty()) throw Error("an empty line; expected 'source TAB target TAB target...'");
    const std::string_view name = next_token(line);
    std::vector<int>& list = number == 2 ? frequent_of(name) : list_of(name);
    while (!line.empty()) list.push_back(targets_.of(next_token(line)));
    lines_ = number;
  }

  Shortlist finish(int target_vocabulary) {
    if (lines_ < 2) throw Error(fmt::format("the file ends before its second line, '{} TAB token...'", kFrequent));
    if (checksum_ && *checksum_ != checksum(checked_)) {
      throw Error(fmt::format(
          "damaged: the checksum in the first line is not that of the rest (if you changed it, write '{}' there)",
          kUncheckedLine));
    }
    return {std::move(lists_), std::move(frequent_), target_vocabulary};
  }

 private:
  std::vector<int>& frequent_of(std::string_view name) {
    if (name != kFrequent)
      throw Error(fmt::format("'{} TAB token...' is expected here: the frequent tokens", kFrequent));
    return frequent_;
  }

  std::vector<int>& list_of(std::string_view name) {
    const auto id = static_cast<std::size_t>(sources_.of(name));
    if (seen_[id]) throw Error(fmt::format("a second list of '{}'; expected one", name));
    seen_[id] = true;
    return lists_[id];
  }

  Ids sources_;
  Ids targets_;
  std::vector<std::vector<int>> lists_;
  std::vector<bool> seen_;
  std::vector<int> frequent_;
  long lines_ = 0;
  std::optional<std::string> checksum_;
  std::string checked_;
};

void append_line(std::string& out, std::string_view name, std::span<const int> ids, const TextSide& target) {
  out += name;
  for (const int id : ids) {
    const std::string& token = target.token(id);
    if (token.find(kTab) != std::string::npos) continue;
    out += kTab;
    out += token;
  }
  out += '\n';
}

}  // namespace

Shortlist::Shortlist(std::vector<std::vector<int>> lists, std::vector<int> frequent, int target_vocabulary)
    : lists_(std::move(lists)), frequent_(std::move(frequent)), target_vocabulary_(target_vocabulary) {
  check_ids(frequent_, target_vocabulary);
  leave_out_marks(frequent_);
  for (std::vector<int>& list : lists_) {
    check_ids(list, target_vocabulary);
    leave_out_marks(list);
  }
}

Shortlist Shortlist::load(const std::filesystem::path& path, const TextSide& source, const TextSide& target) {
  Reader reader(source, target);
  long last = 0;
  const auto with_place = [&](const auto& work) {
    try {
      return work();
    } catch (const Error& error) {
      throw Error::at({.file = path.string(), .line = last}, error.what(), ErrorKind::kModel);
    }
  };
  for_each_line(path.string(), [&](std::string_view line, long number) {
    last = number;
    with_place([&] { reader.read(line, number); });
  });
  last = std::max(last, 1L);
  return with_place([&] { return reader.finish(target.vocabulary_size()); });
}

std::string Shortlist::to_text(const TextSide& source, const TextSide& target) const {
  std::string out;
  append_line(out, kFrequent, frequent_, target);
  for (std::size_t id = 0; id < lists_.size(); ++id) {
    const std::string& token = source.token(static_cast<int>(id));
    if (!lists_[id].empty() && token.find(kTab) == std::string::npos) append_line(out, token, lists_[id], target);
  }
  return fmt::format("{}{}\n{}", kFirstLine, checksum(out), out);
}

void Shortlist::save(const std::filesystem::path& path, const TextSide& source, const TextSide& target) const {
  write_file_atomically(path, to_text(source, target));
}

std::vector<int> Shortlist::outputs(std::span<const int> source_ids) const {
  // Marks cost less than sorting what the lists have in common.
  std::vector<char> listed(static_cast<std::size_t>(target_vocabulary_));
  std::vector<int> out;
  const auto add = [&](int id) {
    if (!listed[static_cast<std::size_t>(id)]) out.push_back(id);
    listed[static_cast<std::size_t>(id)] = 1;
  };
  add(Vocabulary::kUnknown);
  add(Vocabulary::kEnd);
  for (const int id : frequent_) add(id);
  for (const int source : source_ids) {
    for (const int id : list(source)) add(id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void check_serves_shortlist(const Seq2Seq& model) {
  if (model.output().plain_softmax() != nullptr) return;
  const OutputKind& kind = model.output_kind();
  throw UsageError(
      fmt::format("a shortlist needs the output softmax; this model's is '{}' ({})", kind.name, kind.description));
}

}  // namespace heed
