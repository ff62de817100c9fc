#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "correction.h"
#include "fields.h"
#include "lesson.h"

namespace heed::serve {

/// Corrections of one project for one model, the base, and the copy of it that learns from them, in a folder of its
/// own: project.json, which is written whole, and copies/NUMBER. What no lesson names is not there. Not thread-safe.
class Project {
 public:
  /// Reads the folder, if there is one. Throws Error that names the file.
  Project(std::filesystem::path folder, std::string base, std::string name);

  /// "en-fr@anna": by which its copy is served.
  std::string model_name() const { return base_ + "@" + name_; }
  const std::string& base() const { return base_; }
  const std::string& name() const { return name_; }
  /// Of the base's weights; empty: nothing was learnt yet.
  const std::string& base_checksum() const { return base_checksum_; }
  /// Folder of the copy that is served; empty: none yet.
  std::filesystem::path copy() const { return lessons_.empty() ? "" : copy_of(lessons_.back()); }
  /// Of which there may be none.
  const std::vector<Lesson>& lessons() const { return lessons_; }
  /// The last corrections that were learnt, so many at most.
  std::vector<Correction> recent(std::size_t most) const;
  /// How many lessons can be taken back.
  std::size_t undoable() const;
  /// A folder for what is being made, empty.
  std::filesystem::path work_folder() const;

  /// Keeps the corrections, and the lesson with the bundle in `made`, which it takes; empty: the copy stays. Where it
  /// throws, nothing has changed.
  void add(const std::vector<Correction>& corrections, Lesson lesson, const std::filesystem::path& made,
           const std::string& base_checksum);
  /// Takes the last lesson back, with its corrections; there must be one that is undoable(). Likewise.
  void undo();
  /// Removes what no step back leads to and what was being made; a project without a lesson, if nothing is left of it.
  void sweep() const;
  /// Removes everything.
  void remove() const;

  /// What is told of it; `whole`: with the corrections.
  OrderedJson report(bool whole = false) const;

 private:
  std::filesystem::path copy_of(const Lesson& lesson) const;
  void read();
  void keep(std::vector<Correction> corrections, std::vector<Lesson> lessons, const std::string& base_checksum);

  std::filesystem::path folder_;
  std::string base_, name_, base_checksum_;
  std::vector<Correction> corrections_;
  std::vector<Lesson> lessons_;
};

/// Whether a project may have this name: letters of ASCII, digits, '-', '_' and '.', but no dot in front; 64 at most.
bool is_project_name(const std::string& name);

}  // namespace heed::serve
