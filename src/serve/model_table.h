#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "heed/products/precision.h"
#include "heed/serve/server.h"
#include "heed/translate/translator.h"

namespace heed::serve {

/// A model in use, or an ensemble of several. Immutable: what is loaded anew is another one, and who has this one keeps
/// it until the last answer is given.
struct Model {
  std::string name;
  int number = 0;  ///< from 0: of this name as long as the server runs
  std::vector<std::string> directories;
  std::string base, project;     ///< of a copy that learns
  std::string why_not_learning;  ///< empty: it may be copied, or is a copy
  std::string version;           ///< another one for other files
  std::vector<Bundle> bundles;   ///< they share what the translator has
  std::unique_ptr<Translator> translator;
  bool attends = false;
  std::string description;  ///< the object of GET /models

  bool learns() const { return why_not_learning.empty(); }
  const Bundle& bundle() const { return bundles.front(); }
};
using ModelPointer = std::shared_ptr<const Model>;

/// What it was loaded by.
ServedModel as_served(const Model& model);

/// The models by name. Any thread may ask and change it; loading, which takes a while, keeps nobody from asking.
class ModelTable {
 public:
  /// `why_not_learning` is asked of each model.
  ModelTable(std::optional<Precision> precision, std::function<std::string(const Model&)> why_not_learning)
      : precision_(precision), why_not_learning_(std::move(why_not_learning)) {}

  /// Loads it, in the place of one of this name. Throws Error that says what is wrong with it; nothing has changed
  /// then.
  /// From one thread at a time.
  void load(const ServedModel& model);
  /// Whether there was one.
  bool drop(const std::string& name);
  /// The one of this name, or the first that is no copy if it is empty; nullptr if there is none.
  ModelPointer find(const std::string& name) const;
  /// The copies that learn last.
  std::vector<ModelPointer> all() const;

 private:
  const std::optional<Precision> precision_;
  const std::function<std::string(const Model&)> why_not_learning_;
  std::map<std::string, int> numbers_;  // by name
  mutable std::mutex mutex_;
  std::vector<ModelPointer> models_;
};

/// What changes when the files of bundles do: nothing is read of them. Empty: one of them is not there.
std::string version_of(const std::vector<std::string>& directories);

}  // namespace heed::serve
