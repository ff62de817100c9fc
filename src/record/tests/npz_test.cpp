#include "heed/record/npz.h"

#include <gtest/gtest.h>

#include "error_of.h"

namespace heed {
namespace {

// numpy 2.4.6: io.BytesIO(); numpy.savez(to, **{"0.0": numpy.array([[0.25, 0.75]], "<f4")}); the array's file in it,
// behind its header.
const std::string kArray = std::string("\x93NUMPY\x01\0\x76\0", 10) +
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" + std::string(58, ' ') + "\n" +
                           std::string("\0\0\x80\x3e\0\0\x40\x3f", 8);

TEST(NpzWriter, ArraysAreNumpys) {
  NpzWriter writer;
  const std::string first = writer.add("0.0", {{0.25F, 0.75F}});
  EXPECT_EQ(first.substr(0, 4), "PK\x03\x04");
  EXPECT_EQ(first.substr(30), "0.0.npy" + kArray);
  EXPECT_EQ(writer.add("1.0", {}).find("'shape': (0, 0)") != std::string::npos, true);
  const std::string end = writer.finish();
  EXPECT_EQ(end.substr(0, 4), "PK\x01\x02");
  EXPECT_EQ(end.substr(end.size() - 22, 4), "PK\x05\x06");
  EXPECT_EQ(end[end.size() - 12], 2) << "entries";
  EXPECT_EQ(error_of([&] { writer.add("2.0", {{1}, {1, 2}}); }), "rows of a matrix have different lengths");
}

}  // namespace
}  // namespace heed
