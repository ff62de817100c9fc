#include "heed/model/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/tensor/buffer.h"

namespace heed {
namespace {

class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) / ("heed-safetensors-" + std::string(test->name()));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  /// Writes header and data as they are, with the length that is said.
  void write(const std::string& header, const std::string& data, std::uint64_t length) const {
    std::string content(8, '\0');
    std::memcpy(content.data(), &length, 8);
    write_file_atomically(path_, content + header + data);
  }
  void write(const std::string& header, const std::string& data = "") const { write(header, data, header.size()); }

  /// The error of reading the file; "" if there is none.
  std::string error() const {
    return error_of([&] { const SafetensorsReader reader(path_); });
  }
  void expect_error(const std::string& part) const {
    const std::string message = error();
    EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' has no '" << part << "'";
    EXPECT_EQ(message.find(path_.string()), 0U) << message;
  }

  std::filesystem::path path_;
};

TEST_F(Safetensors, WritesAndReads) {
  const Buffer a(2, 3);
  const Buffer b(1, 4);
  for (int i = 0; i < 6; ++i) a.view().data[i] = static_cast<float>(i) / 3.0F;
  for (int i = 0; i < 4; ++i) b.view().data[i] = -static_cast<float>(i);
  write_file_atomically(path_, to_safetensors({{"b", b.view()}, {"a", a.view()}}, {{"made", "here"}}));
  const SafetensorsReader reader(path_);
  EXPECT_EQ(reader.metadata().at("made"), "here");
  EXPECT_EQ(reader.arrays().at("b").shape, std::vector<std::int64_t>{4});
  const Buffer again(2, 3);
  reader.read("a", again.view());
  EXPECT_EQ(std::memcmp(again.view().data, a.view().data, 6 * sizeof(float)), 0);
  EXPECT_EQ(reader.floats("b"), std::vector<float>(b.view().data, b.view().data + 4));
}

TEST_F(Safetensors, EveryTruncationIsAnError) {
  const Buffer a(2, 3);
  const std::string whole = to_safetensors({{"a", a.view()}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file_atomically(path_, whole.substr(0, size));
    EXPECT_NE(error(), "") << size;
  }
  write_file_atomically(path_, whole);
  EXPECT_EQ(error(), "");
}

TEST_F(Safetensors, HeaderLengthsThatDoNotFit) {
  write("{}", "", 3);
  expect_error("the header should have 3 bytes");
  write("{}", "", 0xFFFFFFFFFFFFFFFF);
  expect_error("the header should have");
  write("{}", "", 0xFFFFFFFFFFFFFFF8);
  expect_error("the header should have");
}

TEST_F(Safetensors, HeadersThatAreNoHeader) {
  for (const char* header : {"", "{", "[]x", "5", "[1]", "\"a\"", "{\"a\": []}", "{\"a\": 5}", "{\"a\": {}}",
                             "\xff\xfe", "{\"__metadata__\": 5}", "{\"__metadata__\": {\"k\": 5}}"}) {
    write(header);
    EXPECT_NE(error(), "") << header;
  }
}

// What is not in the format is refused where it begins: nothing is made of it.
TEST_F(Safetensors, HeadersThatNest) {
  const std::string deep(100000, '[');
  write(deep);
  expect_error("the header has a list for a value");
  write(R"({"a": )" + deep);
  expect_error("'a' has a list for a value");
  write(R"({"a": {"shape": )" + deep);
  expect_error("'shape' of array 'a' has a list for a value");
  write(R"({"a": {"other": )" + deep);
  expect_error("'other' of array 'a' has a list for a value");
  write(R"({"a": {"dtype": {)");
  expect_error("'dtype' of array 'a' has an object for a value");
  write(R"({"a": {"shape": [1, 1, 1, 1, 1, 1, 1, 1, 1)");
  expect_error("'shape' of array 'a' has more than 8 numbers");
  write(R"({"a": {"data_offsets": [0, 0, 0)");
  expect_error("'data_offsets' of array 'a' has more than 2 numbers");
}

TEST_F(Safetensors, WhatTheFormatDoesNotKnowIsPassedOver) {
  write(R"({"a": {"note": "x", "dtype": "F32", "level": 3, "shape": [], "data_offsets": [0, 4]}})", "1234");
  EXPECT_EQ(error(), "");
}

TEST_F(Safetensors, ArraysOfOneName) {
  const std::string array = R"("a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]})";
  write("{" + array + ", " + array + "}");
  expect_error("array 'a' appears twice");
}

TEST_F(Safetensors, ShapesThatOverflow) {
  write(R"({"a": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 0]}})");
  expect_error("the shape of array 'a' overflows");
  write(R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}})");
  expect_error("the shape of array 'a' overflows");
  write(R"({"a": {"dtype": "F32", "shape": [18446744073709551615], "data_offsets": [0, 0]}})");
  expect_error("the shape of array 'a' overflows");
  for (const char* shape : {"[-1]", "[1.5]", "[\"1\"]", "5", "[null]", "[1e300]"}) {
    write(std::string(R"({"a": {"dtype": "F32", "data_offsets": [0, 4], "shape": )") + shape + "}}", "1234");
    EXPECT_NE(error(), "") << shape;
  }
}

TEST_F(Safetensors, OffsetsThatDoNotFit) {
  const std::string start = R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": )";
  for (const char* offsets :
       {"[0, 8]", "[4, 8]", "[4, 0]", "[0, 3]", "[0]", "[-4, 0]", "[0.0, 4.0]", "[\"0\", \"4\"]", "[0, 1e300]", "4",
        "[18446744073709551612, 0]", "[18446744073709551612, 18446744073709551615]", "{}"}) {
    write(start + offsets + "}}", "1234");
    EXPECT_NE(error(), "") << offsets;
  }
  write(start + "[0, 4]}}", "1234");
  EXPECT_EQ(error(), "");
  write(start + "[0, 4]}}", "12345");
  expect_error("1 bytes after the last array");
}

TEST_F(Safetensors, ArraysThatOverlap) {
  write(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}})",
        "123456789012");
  expect_error("arrays overlap");
  write(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "b": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}})",
        "123456789012");
  expect_error("4 bytes between the arrays");
}

TEST_F(Safetensors, TypesAndNames) {
  write(R"({"a": {"dtype": "Q4", "shape": [1], "data_offsets": [0, 4]}})", "1234");
  expect_error("array 'a' has the unknown type 'Q4'");
  write(R"({"a": {"dtype": "I32", "shape": [1], "data_offsets": [0, 4]}})", "1234");
  const SafetensorsReader reader(path_);
  const Buffer into(1, 1);
  EXPECT_THROW(reader.read("a", into.view()), Error);
  EXPECT_THROW(reader.read("b", into.view()), Error);
}

TEST_F(Safetensors, MissingFile) { EXPECT_NE(error().find(path_.string()), std::string::npos); }

}  // namespace
}  // namespace heed
