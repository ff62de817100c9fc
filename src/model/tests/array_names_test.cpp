#include "heed/model/array_names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "heed/model/seq2seq.h"

namespace heed {
namespace {

constexpr int kSourceTokens = 23, kTargetTokens = 29;  // no other array has such an extent

// What start_from, TensorBoard and bundles know of names is what the model has.
TEST(ArrayNames, TellWhichArraysAreOfAVocabulary) {
  for (const char* tied : {"none", "target", "all"}) {
    ModelOptions options;
    options.embedding = options.encoder_hidden = options.decoder_hidden = 8;
    options.decoder_layers = 2;
    options.attention_layers = "each";
    options.tied = tied;
    Seq2Seq model(options, SourceTables(options.ties_both() ? kTargetTokens : kSourceTokens), kTargetTokens);
    int found = 0;
    for (const Parameter* parameter : model.parameters().all()) {
      SCOPED_TRACE(parameter->name);
      const std::optional<VocabularyArray> array = vocabulary_array(parameter->name);
      const bool of_source = parameter->rows() == kSourceTokens;
      const bool in_columns = parameter->columns() == kTargetTokens;
      ASSERT_EQ(array.has_value(), of_source || in_columns || parameter->rows() == kTargetTokens);
      if (!array) continue;
      ++found;
      EXPECT_EQ(array->of_source, of_source);
      EXPECT_EQ(array->in_columns, in_columns);
    }
    EXPECT_EQ(found, options.ties_both() ? 2 : options.ties_target() ? 3 : 4);
  }
}

TEST(ArrayNames, BeginWithTheirLayer) {
  ModelOptions options;
  options.encoder_hidden = options.decoder_hidden = options.embedding = 8;
  options.encoder_layers = options.decoder_layers = 2;
  for (const char* layers : {"top", "each"}) {
    options.attention_layers = layers;
    Seq2Seq model(options, SourceTables(kSourceTokens), kTargetTokens);
    for (const std::string& name :
         {forward_name(1), backward_name(0), decoder_name(1), name_at_attention("output", options, 0),
          name_at_attention("attention", options, 0)}) {
      const auto& all = model.parameters().all();
      EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Parameter* one) {
        return one->name.starts_with(name + ".");
      })) << name;
    }
  }
}

}  // namespace
}  // namespace heed
