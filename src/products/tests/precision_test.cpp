#include "heed/products/precision.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Precision, NamesAreFoundAgain) {
  EXPECT_THAT(precision_names(), ElementsAre("float32", "bfloat16", "int8"));
  EXPECT_EQ(name_of(Precision::kFloat32), "float32");
  EXPECT_EQ(name_of(Precision::kBfloat16), "bfloat16");
  EXPECT_EQ(name_of(Precision::kInt8), "int8");
  for (const std::string& name : precision_names()) EXPECT_EQ(name_of(find_precision(name)), name);
}

TEST(Precision, WrongNamesSuggestTheRightOne) {
  EXPECT_THAT([] { find_precision("bfloat61"); },
              testing::ThrowsMessage<UsageError>(AllOf(HasSubstr("'bfloat61'"), HasSubstr("did you mean 'bfloat16'"))));
  for (const std::string name : {"", "Float32", "float32 ", "float", "int"}) {
    EXPECT_THROW(find_precision(name), UsageError) << name;
  }
}

TEST(Precision, EveryProcessorHasFloat32) { EXPECT_TRUE(is_native(Precision::kFloat32)); }

TEST(Precision, TrainingTakesBfloat16OnlyWhereTheProcessorHasIt) {
  EXPECT_NE(fastest_training_precision(), Precision::kInt8);
  EXPECT_TRUE(is_native(fastest_training_precision()));
}

}  // namespace
}  // namespace heed
