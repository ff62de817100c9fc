#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "fields.h"
#include "heed/data/corpus.h"

namespace heed::serve {

/// -log-likelihood of texts, as far as perplexity needs it.
struct Likelihood {
  double log_probability = 0;
  double tokens = 0;  ///< EOS counts

  void add(const Likelihood& other) {
    log_probability += other.log_probability;
    tokens += other.tokens;
  }
  double perplexity() const;
};

/// What came of corrections that were learnt together.
struct Lesson {
  std::size_t corrections = 0;  ///< that there are since
  int copy = 0;                 ///< that is served since: its folder's number; 0: the base
  bool learnt = false;
  std::string reason = {};         ///< why not
  Likelihood by_base, by_copy;     ///< of all corrections until then, each before it was learnt from
  std::size_t held_out_pairs = 0;  ///< and their perplexity
  double held_out_by_base = 0, held_out_by_copy = 0, held_out_most = 0;
};

/// Corrections of one project for one model, and the copy of the model that learns from them, in a folder of its own:
/// corrections.jsonl, lessons.json, copies/NUMBER. Files are written whole, the corrections before the lessons, and
/// what no lesson names is not there. Not thread-safe.
class Project {
 public:
  /// Reads the folder, if there is one. Throws Error that names the file.
  Project(std::filesystem::path folder, std::string base, std::string name);

  /// "en-fr@anna": by which its copy is served.
  std::string model_name() const { return base_ + "@" + name_; }
  const std::string& base() const { return base_; }
  const std::string& name() const { return name_; }
  const std::vector<SentencePair>& corrections() const { return corrections_; }
  /// Folder of the copy that is served; empty: none yet.
  std::filesystem::path copy() const { return lessons_.empty() ? "" : copy_of(lessons_.back()); }
  const Lesson* last() const { return lessons_.empty() ? nullptr : &lessons_.back(); }
  /// How many lessons can be taken back.
  std::size_t undoable() const;
  /// A folder for what is being made, empty.
  std::filesystem::path work_folder() const;

  /// Keeps the corrections, and the lesson with the bundle in `made`, which it takes; empty: the copy stays. Copies
  /// that nobody can go back to are for sweep().
  void add(const std::vector<SentencePair>& corrections, Lesson lesson, const std::filesystem::path& made);
  /// Takes the last lesson back, with its corrections; there must be one that is undoable().
  void undo();
  /// Removes what is no copy of a lesson, when nobody uses it any more.
  void sweep() const;
  /// Removes everything.
  void remove() const;

  /// What is told of it; `whole`: with the corrections.
  OrderedJson report(bool whole = false) const;

 private:
  std::filesystem::path copy_of(const Lesson& lesson) const;
  void read_lessons();
  void read_corrections();
  void write_lessons() const;
  void write_corrections() const;

  std::filesystem::path folder_;
  std::string base_, name_;
  std::vector<SentencePair> corrections_;
  std::vector<Lesson> lessons_;
};

/// Whether a project may have this name: letters of ASCII, digits, '-', '_' and inner dots, 64 at most.
bool is_project_name(const std::string& name);

}  // namespace heed::serve
