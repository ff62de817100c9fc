// Files of bundles that are damaged at random: an error or a model, and nothing worse. tests/fuzz-bundles does it for
// longer.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "heed/base/rng.h"
#include "model_files.h"

namespace heed {
namespace {

std::vector<ModelFiles> healthy_bundles() {
  std::vector<ModelFiles> out = {toy_files(), toy_files("luong-general", Precision::kInt8),
                                 toy_files("multi-head", Precision::kBfloat16), sentencepiece_files()};
  for (ModelFiles& files : out) files.erase("checksums");  // damage is to be met by what reads the files
  return out;
}

/// A text that often means something: numbers at the ends of their types, what is in YAML, JSON and protobuf.
std::string token(Rng& rng) {
  static const std::vector<std::string> tokens = {"0",
                                                  "-1",
                                                  "999999999",
                                                  "2147483648",
                                                  "1e308",
                                                  "nan",
                                                  "\n",
                                                  ": ",
                                                  "[",
                                                  "{\"",
                                                  "}",
                                                  "&a [*a]",
                                                  "true",
                                                  std::string(1, '\0'),
                                                  "\xff",
                                                  std::string(8, '\xff'),
                                                  std::string(8, '\0'),
                                                  "\x7f\xff\xff\xff",
                                                  "I8",
                                                  "F32",
                                                  "</s>",
                                                  std::string(300, '[')};
  return tokens[rng.below(tokens.size())];
}

void damage(std::string& content, Rng& rng) {
  const std::size_t at = content.empty() ? 0 : rng.below(content.size());
  const std::size_t some = 1 + rng.below(16);
  switch (rng.below(6)) {
    case 0:
      content.resize(at);
      break;
    case 1:
      content.insert(at, token(rng));
      break;
    case 2:
      content.replace(at, some, token(rng));
      break;
    case 3:
      content.erase(at, some);
      break;
    case 4:
      content.insert(at, content.substr(rng.below(content.size() + 1), some * 4));
      break;
    default:
      if (!content.empty()) content[at] = static_cast<char>(content[at] ^ (1 << rng.below(8)));
  }
}

/// Models that still load answer, or say why not.
void use(heed_model* model) {
  heed_translate_options options;
  heed_translate_options_init(&options, sizeof options);
  options.max_output_ratio = 0;
  options.max_output_extra = 4;
  options.attention = 1;
  const heed_text sentence = {"3 4 the cat", 11};
  heed_result* result = nullptr;
  const std::string error = said(heed_translate(model, &sentence, 1, &options, &result));
  EXPECT_FALSE(error.starts_with("7")) << error;  // HEED_ERROR_INTERNAL
  heed_result_free(result);
  heed_model_free(model);
}

TEST(Fuzz, DamagedFilesAreErrorsOrModels) {
  const std::vector<ModelFiles> healthy = healthy_bundles();
  const char* seconds = std::getenv("HEED_FUZZ_SECONDS");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds == nullptr ? 0 : std::atoi(seconds));
  Rng rng(test_seed(1));
  int loaded = 0, rounds = 0;
  for (; rounds < 60 || std::chrono::steady_clock::now() < end; ++rounds) {
    ModelFiles files = healthy[rng.below(healthy.size())];
    for (std::uint64_t times = 1 + rng.below(4) / 3; times > 0; --times) {
      auto file = files.begin();
      std::advance(file, rng.below(files.size()));
      // The header of the parameters is where they can be wrong; numbers are only checked to be finite.
      const bool header = file->first == "parameters.safetensors" && rng.below(4) > 0;
      std::string front = file->second.substr(0, header ? 2500 : std::string::npos);
      const std::string rest = header ? file->second.substr(std::min<std::size_t>(2500, file->second.size())) : "";
      damage(front, rng);
      file->second = front + rest;
    }
    heed_model* model = nullptr;
    const std::string error = said(open_files(files, &model));
    ASSERT_EQ(error.empty(), model != nullptr);
    ASSERT_FALSE(error.starts_with("7")) << error;  // HEED_ERROR_INTERNAL
    if (model == nullptr) continue;
    ++loaded;
    use(model);
  }
  std::cout << rounds << " damaged bundles, of which " << loaded << " still load\n";
}

}  // namespace
}  // namespace heed
