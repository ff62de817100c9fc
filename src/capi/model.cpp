#include <algorithm>
#include <optional>

#include "guarded.h"
#include "heed/model/seq2seq.h"
#include "inputs.h"

using namespace heed::capi;  // NOLINT(google-build-using-namespace): the functions of heed.h stand in none

namespace {

std::optional<heed::Precision> precision_of(const heed_model_options* options) {
  const char* name = given_options(options, heed_model_options_init).precision;
  return name == nullptr ? std::nullopt : std::optional(heed::find_precision(name));
}

std::unique_ptr<heed_model> model_of(heed::Bundle bundle) {
  std::vector<heed::Bundle> one;
  one.push_back(std::move(bundle));
  return std::make_unique<heed_model>(std::move(one));
}

std::vector<int> attention_heads(const heed_model& model) {
  const heed::Decoder& decoder = model.translator.bundle().model->decoder();
  return decoder.attends() ? decoder.attention_heads() : std::vector<int>();
}

}  // namespace

void heed_model_options_init(heed_model_options* options, size_t size) {
  init_options(options, size, {.size = 0, .precision = nullptr});
}

heed_error* heed_model_open(heed_text path, const heed_model_options* options, heed_model** out) {
  return guarded(out, [&] {
    const std::string directory = given_text("path", path);
    if (directory.find('\0') != std::string::npos) throw heed::UsageError("path has a NUL");
    return model_of(heed::Bundle::load(std::filesystem::path(directory), precision_of(options)));
  });
}

heed_error* heed_model_open_memory(const heed_file* files, size_t count, const heed_model_options* options,
                                   heed_model** out) {
  return guarded(out, [&] {
    check_array("files", files, count);
    std::vector<heed::NamedBytes> named;
    for (size_t i = 0; i < count; ++i) {
      const auto* bytes = static_cast<const char*>(files[i].data);
      check_array("the data of a file", bytes, files[i].length, {}, PTRDIFF_MAX);
      named.push_back({given_text("the name of a file", files[i].name), {bytes, files[i].length}});
    }
    return model_of(heed::Bundle::load(heed::Folder::of_memory(named), precision_of(options)));
  });
}

void heed_model_free(heed_model* model) { free_handle(model); }

int32_t heed_model_attends(const heed_model* model) { return heed_model_layers(model) > 0 ? 1 : 0; }

int32_t heed_model_layers(const heed_model* model) {
  return known(model) == nullptr ? 0 : static_cast<int32_t>(attention_heads(*model).size());
}

int32_t heed_model_heads(const heed_model* model, int32_t layer) {
  const int32_t layers = heed_model_layers(model);
  if (layers == 0 || layer < 0 || layer > layers) return 0;
  const std::vector<int> heads = attention_heads(*model);
  return layer > 0 ? heads[layer - 1] : *std::max_element(heads.begin(), heads.end());
}
