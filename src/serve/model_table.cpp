#include "model_table.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/model/file_names.h"
#include "heed/model/seq2seq.h"

namespace heed::serve {
namespace {

using Json = nlohmann::ordered_json;

std::string version_of(const std::vector<std::string>& directories) {
  std::string out;
  for (const std::string& directory : directories) out += serve::version_of(directory) + ";";
  return out;
}

Json describe(const TextSide& side) {
  return {{"tokenizer", side.options().tokenizer}, {"vocabulary", side.vocabulary_size()}};
}

std::string describe(const Model& model) {
  const Bundle& bundle = model.bundle();
  long parameters = 0;
  for (const Bundle& each : model.bundles) parameters += each.model->parameter_count();
  Json features = Json::array();
  for (const FeatureOptions& feature : bundle.source.options().features()) features.push_back(feature.name);
  const AboutOptions& about = bundle.config.about;
  const Json out = {
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
       {{"licence", about.licence}, {"source", about.source}, {"citation", about.citation}, {"text", about.text}}}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ModelPointer loaded(const ServedModel& from, std::optional<Precision> precision) {
  auto out = std::make_shared<Model>();
  out->name = from.name;
  out->directories = from.directories;
  // Before it is read: what changes meanwhile is read again later.
  out->version = version_of(from.directories);
  for (const std::string& directory : from.directories) {
    out->bundles.push_back(read_directory(directory, [&] { return Bundle::load(directory, precision); }));
    out->attends = out->attends || out->bundles.back().model->decoder().attends();
  }
  out->translator = std::make_unique<Translator>(out->bundles);
  out->description = describe(*out);
  return out;
}

}  // namespace

std::string version_of(const std::filesystem::path& directory) {
  std::string out;
  for (const std::filesystem::path& path : {directory / kParametersFile, directory / kConfigFile}) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) return "";
    out += fmt::format("{}.{}.{}.{} ", status.st_dev, status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return out;
}

void ModelTable::load(const ServedModel& model) {
  const std::lock_guard one_at_a_time(loading_);
  ModelPointer fresh = loaded(model, precision_);
  const std::lock_guard lock(mutex_);
  const auto place = std::ranges::find(models_, model.name, [](const ModelPointer& each) { return each->name; });
  place == models_.end() ? models_.push_back(std::move(fresh)) : void(*place = std::move(fresh));
}

bool ModelTable::drop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(models_, [&](const ModelPointer& each) { return each->name == name; }) > 0;
}

void ModelTable::reload_changed(const std::function<void(const std::string&)>& tell, bool all_of_them) {
  for (const ModelPointer& model : all()) {
    const std::string version = version_of(model->directories);
    if (version.empty() || (!all_of_them && (version == model->version || version == failed_[model->name]))) continue;
    failed_[model->name] = version;
    try {
      load({model->name, model->directories});
      tell(fmt::format("model '{}' was loaded anew", model->name));
    } catch (const std::exception& error) {
      tell(fmt::format("model '{}' stays as it was: {}", model->name, error.what()));
    }
  }
}

ModelPointer ModelTable::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  for (const ModelPointer& each : models_) {
    if (name.empty() || each->name == name) return each;
  }
  return nullptr;
}

std::vector<ModelPointer> ModelTable::all() const {
  const std::lock_guard lock(mutex_);
  return models_;
}

}  // namespace heed::serve
