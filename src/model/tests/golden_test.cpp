// The whole model against an independent float64 implementation in PyTorch: scripts/make-golden wrote the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include "heed/autograd/gradient_store.h"
#include "heed/model/array_names.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "test_name.h"

namespace heed {
namespace {

constexpr double kModelTolerance = 1e-4;

class Golden : public testing::TestWithParam<std::string> {};

std::vector<std::string> model_files() {
  std::vector<std::string> out;
  std::error_code none;  // a folder that is not there fails below, and not when tests are listed
  for (const auto& entry : std::filesystem::directory_iterator(HEED_SOURCE_DIR "/tests/golden", none)) {
    const std::string name = entry.path().stem().string();
    if (name.starts_with("model-")) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// What a file does not say is as usual.
void read_composition(const std::map<std::string, std::string>& metadata, ModelOptions& out) {
  const auto text = [&](const char* key, std::string& value) {
    if (const auto at = metadata.find(key); at != metadata.end()) value = at->second;
  };
  const auto number = [&](const char* key, int& value) {
    if (const auto at = metadata.find(key); at != metadata.end()) value = std::stoi(at->second);
  };
  text("entry", out.attention_entry);
  text("attention_layers", out.attention_layers);
  text("attention_source", out.attention_source);
  text("normalizer", out.attention.normalizer);
  out.attention.scale = "none";
  text("scale", out.attention.scale);
  text("score", out.attention.score);
  text("combine", out.attention.combine);
  number("hops", out.attention.hops);
  number("window", out.attention.window);
  number("positions", out.attention.positions);
  out.attention.heads = 2;
  number("heads", out.attention.heads);
  out.deep_output = metadata.contains("deep_output") && metadata.at("deep_output") == "true";
  if (metadata.contains("temperature")) out.attention.temperature = std::stod(metadata.at("temperature"));
}

ModelOptions options_of(const SafetensorsReader& file) {
  const auto& metadata = file.metadata();
  const auto number = [&](const char* key) { return std::stoi(metadata.at(key)); };
  ModelOptions out;
  out.embedding = number("embedding");
  out.encoder_hidden = number("encoder_hidden");
  out.decoder_hidden = number("decoder_hidden");
  const auto has = [&](const char* key) { return metadata.contains(key); };
  const auto choice = [&](const char* key, std::string& field) {
    if (has(key)) field = metadata.at(key);
  };
  out.encoder_layers = number(has("layers") ? "layers" : "encoder_layers");
  out.decoder_layers = number(has("layers") ? "layers" : "decoder_layers");
  choice("encoder_cell", out.encoder_cell);
  choice("decoder_cell", out.decoder_cell);
  choice("bridge", out.bridge);
  choice("context_gate", out.context_gate);
  choice("entry", out.attention_entry);
  if (has("encoder_cell_depth")) out.encoder_cell_depth = number("encoder_cell_depth");
  if (has("decoder_cell_depth")) out.decoder_cell_depth = number("decoder_cell_depth");
  if (has("pyramid")) out.encoder_pyramid = number("pyramid");
  out.encoder_residual = has("encoder_residual") && metadata.at("encoder_residual") == "true";
  out.decoder_residual = has("decoder_residual") && metadata.at("decoder_residual") == "true";
  out.bidirectional = metadata.at("bidirectional");
  out.input_feeding = metadata.at("input_feeding") == "true";
  out.attention.kind = metadata.at("attention");
  if (metadata.contains("filters")) {
    out.attention.filters = number("filters");
    out.attention.filter_width = number("filter_width");
    out.attention.chunk = number("chunk");
  }
  if (metadata.contains("copy")) out.copy = metadata.at("copy");
  if (metadata.contains("tied")) out.tied = metadata.at("tied");
  out.dropout = 0;
  read_composition(metadata, out);
  return out;
}

// Largest difference, relative to the largest value of the array: single elements may be near 0.
double relative_error(const Tensor& actual, const std::vector<float>& expected) {
  double difference = 0;
  double largest = 1e-6;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(actual.data[i]) - static_cast<double>(expected[i])));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return difference / largest;
}

double number_of(const SafetensorsReader& file, const std::string& key) {
  return file.metadata().contains(key) ? std::stod(file.metadata().at(key)) : 0;
}

std::vector<std::vector<int>> sequences(const SafetensorsReader& file, const std::string& side) {
  std::vector<std::vector<int>> out;
  for (int i = 0; file.has(side + "/" + std::to_string(i)); ++i) {
    const auto ids = file.integers(side + "/" + std::to_string(i));
    out.emplace_back(ids.begin(), ids.end());
  }
  return out;
}

// "pos concatenate dialect sum"
SourceTables tables_of(const SafetensorsReader& file, int vocabulary) {
  SourceTables out(vocabulary);
  if (!file.metadata().contains("features")) return out;
  std::istringstream words(file.metadata().at("features"));
  std::string join;
  for (FeatureTable table; words >> table.name >> join;) {
    const auto& shape = file.arrays().at("parameter/" + feature_embedding_name(table.name)).shape;
    table.vocabulary = static_cast<int>(shape[0]);
    table.columns = static_cast<int>(shape[1]);
    table.adds = join == "sum";
    out.features.push_back(table);
  }
  return out;
}

bool rows_sum_to_one(const SafetensorsReader& file) {
  AttentionOptions options;
  options.kind = file.metadata().at("attention");
  std::vector<const AttentionKind*> kinds = kinds_of(options);
  if (file.metadata().contains("score")) kinds.push_back(&find_attention(file.metadata().at("score")));
  return std::all_of(kinds.begin(), kinds.end(), [](const AttentionKind* kind) { return kind->rows_sum_to_one; });
}

void compare_rows(Tape& tape, const SafetensorsReader& file, const TargetBatch& target, const TeacherForced& forced,
                  const std::vector<int>& source_lengths, int tokens_per_state) {
  std::size_t row = 0;
  for (std::size_t t = 0; t < target.step_rows.size(); ++t) {
    for (int r = 0; r < target.step_rows[t]; ++r, ++row) {
      const std::string sentence = std::to_string(target.order[r]);
      const auto expected = file.floats("log_probability/" + sentence);
      EXPECT_NEAR(forced.log_probability[row], expected[t], kModelTolerance * std::abs(expected[t]));
      if (forced.steps[t].traces.empty()) continue;
      const auto attention = file.floats("attention/" + sentence);
      const int length = source_lengths[target.order[r]];
      const Tensor states = forced.steps[t].weights(tape).value();
      std::vector<float> weights(static_cast<std::size_t>(length));
      spread_attention({states.row(r), static_cast<std::size_t>(states.columns)}, tokens_per_state, weights);
      float sum = 0;
      for (int s = 0; s < length; ++s) {
        sum += weights[s];
        EXPECT_NEAR(weights[s], attention[t * length + s], 1e-5);
      }
      const int covered = (length + tokens_per_state - 1) / tokens_per_state;
      for (std::int64_t s = covered; s < states.columns; ++s) EXPECT_EQ(states.row(r)[s], 0.0F);
      if (rows_sum_to_one(file)) {
        EXPECT_NEAR(sum, 1.0F, 1e-5F);
      }
    }
  }
}

TEST_P(Golden, LossAttentionAndGradientsEqualPyTorch) {
  const SafetensorsReader file(HEED_SOURCE_DIR "/tests/golden/" + GetParam() + ".safetensors");
  const auto one = file.arrays().find("parameter/source.embedding");
  const auto& sources = one != file.arrays().end() ? one->second : file.arrays().at("parameter/target.embedding");
  const int source_vocabulary = static_cast<int>(sources.shape[0]);
  const int target_vocabulary = static_cast<int>(file.arrays().at("parameter/target.embedding").shape[0]);
  Seq2Seq model(options_of(file), tables_of(file, source_vocabulary), target_vocabulary, 1);
  for (Parameter* parameter : model.parameters().all()) {
    file.read("parameter/" + parameter->name, parameter->value.view());
  }
  model.parameters().pack(Precision::kFloat32, true);
  const auto tokens = sequences(file, "source"), copies = sequences(file, "copies"),
             features = sequences(file, "features");
  SourceBatch source;
  pack_sources({views_of(tokens), views_of(copies), views_of(features)}, {source_vocabulary}, source);
  const auto target = source.copies.empty() ? pack_targets(sequences(file, "target"), target_vocabulary)
                                            : pack_targets(sequences(file, "target"), target_vocabulary, source);

  Arena arena;
  GradientStore gradients(model.parameters());
  Tape tape(arena, true);
  const double scale = 1.0 / static_cast<double>(target.labels.size());
  const TeacherForced forced = model.teacher_force(
      tape, source, target, {number_of(file, "label_smoothing"), scale, nullptr, number_of(file, "coverage_loss")});
  const double expected = static_cast<double>(file.floats("loss")[0]);
  EXPECT_NEAR(forced.loss * scale, expected, kModelTolerance * expected);
  compare_rows(tape, file, target, forced, source.lengths, model.encoder().tokens_per_state());

  tape.backward();
  gradients.collect(tape);
  std::size_t parameters = 0;
  for (const auto& [name, array] : file.arrays()) parameters += name.starts_with("parameter/") ? 1 : 0;
  EXPECT_EQ(parameters, model.parameters().all().size());
  for (Parameter* parameter : model.parameters().all()) {
    EXPECT_LE(relative_error(gradients.of(*parameter), file.floats("gradient/" + parameter->name)), kModelTolerance)
        << parameter->name;
  }
}

// A file that is lost would be a test less, which nobody sees.
TEST(GoldenModels, AreAllThere) { EXPECT_EQ(model_files().size(), 107U); }

INSTANTIATE_TEST_SUITE_P(Models, Golden, testing::ValuesIn(model_files()),
                         [](const auto& test) { return test_name(test.param); });

}  // namespace
}  // namespace heed
