#include "model_table.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "fields.h"
#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/model/file_names.h"
#include "heed/model/seq2seq.h"

namespace heed::serve {
namespace {

OrderedJson describe(const TextSide& side) {
  return {{"tokenizer", side.options().tokenizer}, {"vocabulary", side.vocabulary_size()}};
}

std::string describe(const Model& model) {
  const Bundle& bundle = model.bundle();
  long parameters = 0;
  for (const Bundle& each : model.bundles) parameters += each.model->parameter_count();
  OrderedJson features = OrderedJson::array();
  for (const FeatureOptions& feature : bundle.source.options().features()) features.push_back(feature.name);
  const AboutOptions& about = bundle.config.about;
  OrderedJson out = {
      {"name", model.name},
      {"members", model.bundles.size()},
      {"attention", bundle.config.model.attention.kind},
      {"attends", model.attends},
      {"precision", name_of(bundle.precision)},
      {"parameters", parameters},
      {"source", describe(bundle.source)},
      {"target", describe(bundle.target)},
      {"features", features},
      {"about",
       {{"licence", about.licence}, {"source", about.source}, {"citation", about.citation}, {"text", about.text}}},
      {"learns", model.learns()}};
  if (!model.base.empty()) {
    out["base"] = model.base;
    out["project"] = model.project;
  }
  return dump(out);
}

/// The names of a bundle's files, sorted.
std::vector<std::string> bundle_files(const std::string& directory) {
  std::vector<std::string> out;
  std::error_code fault;
  for (std::filesystem::directory_iterator at(directory, fault), end; !fault && at != end; at.increment(fault)) {
    const std::string name = at->path().filename().string();
    if (is_bundle_file(name)) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

/// A copy, so that files that are written over, as `cp` does, change nothing of a model in use. (They would be mapped.)
Bundle load_copy(const std::string& directory, std::optional<Precision> precision) {
  const std::vector<std::string> names = bundle_files(directory);
  if (names.empty()) return Bundle::load(directory, precision);  // which says why
  const Folder folder(directory);
  std::vector<std::string> texts;
  texts.reserve(names.size());
  std::vector<NamedBytes> files;
  files.reserve(names.size());
  for (const std::string& name : names) texts.push_back(folder.read(name, std::numeric_limits<std::uintmax_t>::max()));
  for (std::size_t i = 0; i < names.size(); ++i) files.push_back({names[i], texts[i]});
  return Bundle::load(Folder::of_memory(files, directory), precision);
}

ModelPointer loaded(const ServedModel& from, int number, std::optional<Precision> precision,
                    const std::function<std::string(const Model&)>& why_not_learning) {
  auto out = std::make_shared<Model>();
  out->name = from.name;
  out->number = number;
  out->directories = from.directories;
  out->base = from.base;
  out->project = from.project;
  // Before it is read: what changes meanwhile is read again later.
  out->version = version_of(from.directories);
  for (const std::string& directory : from.directories) {
    out->bundles.push_back(read_directory(directory, [&] { return load_copy(directory, precision); }));
    out->attends = out->attends || out->bundles.back().model->decoder().attends();
  }
  out->translator = std::make_unique<Translator>(out->bundles);
  out->why_not_learning = why_not_learning(*out);
  out->description = describe(*out);
  return out;
}

}  // namespace

std::string version_of(const std::vector<std::string>& directories) {
  std::string out;
  for (const std::string& directory : directories) {
    const std::vector<std::string> names = bundle_files(directory);
    if (names.empty()) return "";
    for (const std::string& name : names) {
      struct stat status = {};
      if (stat((std::filesystem::path(directory) / name).c_str(), &status) != 0) return "";
      out += fmt::format("{} {}.{}.{}.{}.{} ", name, status.st_dev, status.st_ino, status.st_size,
                         status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
  }
  return out;
}

ServedModel as_served(const Model& model) { return {model.name, model.directories, model.base, model.project}; }

void ModelTable::load(const ServedModel& model) {
  const int number = numbers_.try_emplace(model.name, static_cast<int>(numbers_.size())).first->second;
  ModelPointer fresh = loaded(model, number, precision_, why_not_learning_);
  const std::lock_guard lock(mutex_);
  const auto place = std::ranges::find(models_, model.name, [](const ModelPointer& each) { return each->name; });
  place == models_.end() ? models_.push_back(std::move(fresh)) : void(*place = std::move(fresh));
}

bool ModelTable::drop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(models_, [&](const ModelPointer& each) { return each->name == name; }) > 0;
}

ModelPointer ModelTable::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  for (const ModelPointer& each : models_) {
    if (name.empty() ? each->base.empty() : each->name == name) return each;
  }
  return nullptr;
}

std::vector<ModelPointer> ModelTable::all() const {
  std::vector<ModelPointer> out;
  {
    const std::lock_guard lock(mutex_);
    out = models_;
  }
  std::stable_partition(out.begin(), out.end(), [](const ModelPointer& each) { return each->base.empty(); });
  return out;
}

}  // namespace heed::serve
