#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed.h"
#include "model_files.h"

namespace heed {

template <auto kFree>
struct Freed {
  template <typename Type>
  void operator()(Type* handle) const {
    kFree(handle);
  }
};
using Model = std::unique_ptr<heed_model, Freed<heed_model_free>>;
using Result = std::unique_ptr<heed_result, Freed<heed_result_free>>;

inline Model open_model(const ModelFiles& files) {
  heed_model* model = nullptr;
  EXPECT_EQ(said(open_files(files, &model)), "");
  return Model(model);
}

inline const Model& toy_model() {
  static const Model model = open_model(toy_files());
  return model;
}

inline heed_translate_options translate_options() {
  heed_translate_options out;
  heed_translate_options_init(&out, sizeof out);
  return out;
}

inline Result translate(const heed_model* model, const std::vector<std::string>& sentences,
                        const heed_translate_options* options = nullptr) {
  std::vector<heed_text> texts;
  for (const std::string& sentence : sentences) texts.push_back(view(sentence));
  heed_result* result = nullptr;
  EXPECT_EQ(said(heed_translate(model, texts.data(), texts.size(), options, &result)), "");
  return Result(result);
}

inline std::string texts_of(const Result& result) {
  std::string out;
  for (std::size_t i = 0; i < heed_result_count(result.get()); ++i)
    out += copy(heed_result_text(result.get(), i, 0)) + "\n";
  return out;
}

}  // namespace heed
