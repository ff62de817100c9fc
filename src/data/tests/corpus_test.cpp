#include "heed/data/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/base/settings.h"
#include "heed/data/compressed.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Of a text that comes in such pieces.
std::string compressed(std::string_view name, const std::string& text, std::size_t piece) {
  Compressor compressor(name);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) out += compressor.add(text.substr(at, piece));
  return out + compressor.finish();
}

std::string gzipped(std::string_view content) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
  return out;
}

class CorpusTest : public FolderTest {
 protected:
  void expect_error(const std::string& path, const std::string& message) {
    EXPECT_THAT([&] { read_lines(path); }, ThrowsMessage<Error>(HasSubstr(message)));
  }
};

TEST_F(CorpusTest, ColumnsByTheirNumbers) {
  ColumnReader reader(write("a.tsv", "a\tb\tc\r\nd\te\nf\n"), {2, 1, 3}, 2);
  EXPECT_THAT(reader.next().value(), ElementsAre("b", "a", "c"));
  EXPECT_THAT(reader.next().value(), ElementsAre("e", "d", ""));
  EXPECT_THAT([&] { reader.next(); }, ThrowsMessage<Error>(HasSubstr("a.tsv:3: 1 column, but column 2 is asked for")));
  EXPECT_FALSE(reader.next());
  ColumnReader empty(write("empty.tsv", ""), {1}, 1);
  EXPECT_THAT([&] { empty.next(); }, ThrowsMessage<Error>(HasSubstr("empty.tsv is empty")));
}

TEST_F(CorpusTest, Lines) {
  EXPECT_THAT(read_lines(write("a", "one\ntwo\n")), ElementsAre("one", "two"));
  EXPECT_THAT(read_lines(write("a", "one\n\n\ntwo")), ElementsAre("one", "", "", "two"));
  EXPECT_THAT(read_lines(write("a", "\xef\xbb\xbfone\r\ntwo\r\n\r\n")), ElementsAre("one", "two", ""));
  EXPECT_THAT(read_lines(write("a", "\n")), ElementsAre(""));
  EXPECT_THAT(read_lines(write("a", "")), ElementsAre());
  EXPECT_THAT(read_lines(write("a", "x\u2028y\u0085z\n")), ElementsAre("x\u2028y\u0085z"));
}

TEST_F(CorpusTest, LineNumbersAndCount) {
  std::vector<long> numbers;
  EXPECT_EQ(for_each_line(write("a", "x\ny\nz"), [&](std::string_view, long number) { numbers.push_back(number); }), 3);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
}

TEST_F(CorpusTest, VeryLongLines) {
  std::string line;
  for (int i = 0; i < 100000; ++i) line += "wörter ";
  EXPECT_THAT(read_lines(write("a", "x\n" + line + "\ny\n")), ElementsAre("x", line, "y"));
}

TEST_F(CorpusTest, BadFiles) {
  const std::string path = write("a.fr", "fine\nalso\nbe\xe9te\n");
  expect_error(path, path + ":3: invalid UTF-8 at byte 3");
  expect_error(write("utf16", std::string("\xff\xfe"
                                          "a\0",
                                          4)),
               "utf16:1: invalid UTF-8 at byte 1");
  expect_error(write("nul", std::string("a\nb\0c\n", 6)), "nul:2: a NUL byte at byte 2");
  expect_error((root / "none").string(), "none': No such file or directory");
  expect_error((root / "none.gz").string(), "none.gz': No such file or directory");
  expect_error(root.string(), "it is a directory");
}

TEST_F(CorpusTest, BadLinesCanBeGoneOver) {
  const std::string path = write("a", std::string("one\nb\0d\n\xe9\n", 10) + std::string(70000000, 'x') + "y\ntwo\n");
  std::vector<std::string> seen;
  LineReader reader(path);
  while (const std::optional<Line> line = reader.next()) {
    const std::string number = std::to_string(line->number) + " ";
    seen.push_back(line->fault.empty() ? number + std::string(line->text)
                                       : number + std::to_string(line->text.size()) + " bytes: " + line->fault);
  }
  EXPECT_EQ(reader.lines(), 5);
  EXPECT_THAT(
      seen,
      ElementsAre("1 one", "2 3 bytes: a NUL byte at byte 2; expected plain text", "3 1 bytes: invalid UTF-8 at byte 1",
                  "4 0 bytes: the line is longer than 67108864 bytes; is this a file of lines?", "5 two"));
}

TEST_F(CorpusTest, Compressed) {
  std::string text;
  std::vector<std::string> lines;
  Rng rng(2);
  for (int i = 0; i < 60000; ++i) {
    lines.push_back("line " + std::to_string(rng.next()) + " é");
    text += lines.back();
    text += '\n';
  }
  EXPECT_EQ(read_lines(write("a.gz", gzipped(text))), lines);
  EXPECT_EQ(read_lines(write("a.zst", zstandard(text))), lines);
  std::vector<std::string> twice = lines;
  twice.insert(twice.end(), lines.begin(), lines.end());
  EXPECT_EQ(read_lines(write("a.gz", gzipped(text) + gzipped(text))), twice);
  EXPECT_EQ(read_lines(write("a.zst", zstandard(text) + zstandard(text))), twice);
  EXPECT_TRUE(read_lines(write("empty.gz", gzipped(""))).empty());
  EXPECT_TRUE(read_lines(write("empty.zst", zstandard(""))).empty());
  const std::string zeros(3000000, 'x');  // much more comes out than goes in
  EXPECT_THAT(read_lines(write("a.zst", zstandard(zeros))), ElementsAre(zeros));
  EXPECT_THAT(read_lines(write("a.gz", gzipped(zeros))), ElementsAre(zeros));
}

/// The lines of the parts of a file, each with its number in the file.
std::vector<std::string> in_parts(const std::string& path, int count) {
  std::vector<std::string> out;
  for (int i = 1; i <= count; ++i) {
    LineReader reader(path, {i, count});
    while (const std::optional<Line> line = reader.next())
      out.push_back(std::to_string(reader.before() + line->number) + " " + std::string(line->text) + line->fault);
  }
  return out;
}

// Lines of all lengths up to more than a buffer, and wherever a share ends.
TEST_F(CorpusTest, PartsAreTheWhole) {
  Rng rng(3);
  std::string text = "\xef\xbb\xbf";
  for (int i = 0; i < 30; ++i)
    text += std::string(rng.next() % 9, static_cast<char>('a' + i % 26)) + (i % 4 ? "\n" : "\r\n");
  text += std::string(200000, 'x') + "\n\n" + std::string(66000, 'y') + "\nlast";
  for (const std::string& whole : {std::string("\n"), std::string("a"), std::string("a\nb\n"), text, text + "\n"}) {
    const std::string path = write("a", whole), gz = write("a.gz", gzipped(whole)),
                      zst = write("a.zst", zstandard(whole));
    const std::vector<std::string> lines = in_parts(path, 1);
    for (int count = 1; count < 50; ++count) {
      EXPECT_EQ(in_parts(path, count), lines) << count;
      if (count % 7 == 2) {
        EXPECT_EQ(in_parts(gz, count), lines);
        EXPECT_EQ(in_parts(zst, count), lines);
      }
    }
  }
}

TEST_F(CorpusTest, PartsAreOfAlikeSize) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "123456789\n";
  const std::string path = write("a", text);
  for (int i = 1; i <= 3; ++i) {
    LineReader reader(path, {i, 3});
    EXPECT_EQ(reader.before(), 1000 * (i - 1));
    reader.skip(999);
    EXPECT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.lines(), 1000);
  }
  LineReader none(write("few", "a\nbbb"), {9, 9});
  EXPECT_FALSE(none.next());
  EXPECT_EQ(none.before(), 2);
  EXPECT_THAT(
      [] {
        LineReader("/dev/null", {1, 2});
      },
      ThrowsMessage<UsageError>(HasSubstr("is no file that can be read twice")));
}

TEST_F(CorpusTest, WhatIsReadHasAChecksum) {
  const std::string path = write("a", "x\ny\nz\n");
  const auto sum_of = [&](FilePart part, int lines) {
    StreamChecksum sum;
    LineReader reader(path, part);
    reader.add_to(sum);
    reader.skip(lines);
    return sum.value();
  };
  EXPECT_EQ(sum_of({}, 2), sum_of({}, 2));
  EXPECT_NE(sum_of({}, 1), sum_of({}, 2));
  EXPECT_NE(sum_of({1, 2}, 1), sum_of({2, 2}, 1));
  const std::string whole = sum_of({}, 3);
  write("a", "x\ny\nz\nmore\n");
  EXPECT_EQ(sum_of({}, 3), whole);
  write("a", "xy\n\nz\n");
  EXPECT_NE(sum_of({}, 3), whole);
}

// Whatever its name, as from a pipe.
TEST_F(CorpusTest, CompressedByItsFirstBytes) {
  EXPECT_THAT(read_lines(write("a", gzipped("one\ntwo\n"))), ElementsAre("one", "two"));
  EXPECT_THAT(read_lines(write("a", zstandard("one\ntwo\n"))), ElementsAre("one", "two"));
  EXPECT_THAT(read_lines(write("a", "(")), ElementsAre("("));
  EXPECT_THAT(read_lines(write("a", "(\n(b\n")), ElementsAre("(", "(b"));
  EXPECT_THAT(read_lines(write("a", "\x1f")), ElementsAre("\x1f"));
  expect_error(write("a", gzipped("one\ntwo\n").substr(0, 12)), "a': the gzip file is cut off");
}

TEST_F(CorpusTest, WhatIsWrittenCompressedReadsBack) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "line " + std::to_string(i) + "\n";
  for (const char* name : {"a", "a.gz", "a.zst"}) {
    for (const std::string& each : {text, std::string()}) {
      const std::string bytes = compressed(name, each, each.size() + 1);
      EXPECT_EQ(bytes == each, name == std::string("a")) << name;
      for (const std::size_t piece : {7, 65536, 100000}) EXPECT_EQ(compressed(name, each, piece), bytes) << piece;
      std::string back;
      for (const std::string& line : read_lines(write(name, bytes))) back += line + "\n";
      EXPECT_EQ(back, each);
    }
  }
}

TEST_F(CorpusTest, DamagedArchives) {
  std::string text;
  Rng rng(2);
  for (int i = 0; i < 30000; ++i) text += std::to_string(rng.next()) + '\n';
  const std::string gz = gzipped(text);
  const std::string zst = zstandard(text);
  for (const double share : {0.0, 0.00001, 0.5, 0.9999}) {
    const auto part = [&](const std::string& all) {
      return all.substr(0, static_cast<std::size_t>(share * static_cast<double>(all.size())));
    };
    expect_error(write("a.gz", part(gz)), "a.gz': the gzip file is cut off");
    expect_error(write("a.zst", part(zst)), "a.zst': the zstd file is cut off");
  }
  std::string broken = gz;
  broken[broken.size() / 2] ^= 0x55;
  expect_error(write("a.gz", broken), "a.gz': damaged");
  expect_error(write("plain.gz", "plain text\n"), "plain.gz': damaged, or not a gzip file");
  expect_error(write("plain.zst", "plain text\n"), "plain.zst': damaged, or not a zstd file");
  expect_error(write("tail.gz", gz + "garbage"), "tail.gz': damaged");
}

TEST_F(CorpusTest, Pairs) {
  CorpusFiles files;
  files.source = write("a.en", "one\n\ntwo\n");
  files.target = write("a.fr.gz", gzipped("un\nx\ndeux\n"));
  const std::vector<SentencePair> pairs = read_corpus(files);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[1].source, "");
  EXPECT_EQ(pairs[2].target, "deux");
}

TEST_F(CorpusTest, TabSeparated) {
  CorpusFiles files;
  files.tsv = write("a.tsv", "one\tun\textra\ntwo\t\n");
  const std::vector<SentencePair> pairs = read_corpus(files);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].target, "un");
  EXPECT_EQ(pairs[1].target, "");
  files.tsv = write("b.tsv", "one\tun\ntwo\n");
  EXPECT_THAT([&] { read_corpus(files); },
              ThrowsMessage<Error>(files.tsv + ":2: no tab; expected 'source TAB target'"));
  files.tsv = write("c.tsv", "");
  EXPECT_THAT([&] { read_corpus(files); }, ThrowsMessage<Error>(HasSubstr("c.tsv is empty")));
}

TEST_F(CorpusTest, Columns) {
  CorpusFiles files;
  files.tsv = write("a.tsv", "one\tun\textra\ntwo\tdeux\t\nthree\ttrois\tmore\tstill\n");
  files.columns = {3, 1};
  const std::vector<SentencePair> pairs = read_corpus(files);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].source, "extra");
  EXPECT_EQ(pairs[0].target, "one");
  EXPECT_EQ(pairs[1].source, "");
  EXPECT_EQ(pairs[2].source, "more");
  files.columns = {1, 4};
  EXPECT_THAT([&] { read_corpus(files); },
              ThrowsMessage<Error>(files.tsv + ":1: 3 columns, but column 4 is asked for"));
  for (const std::vector<int>& wrong : {std::vector<int>{1}, {0, 1}, {1, 2, 0}}) {
    files.columns = wrong;
    EXPECT_THROW(read_corpus(files), UsageError);
  }
}

TEST_F(CorpusTest, LinesThatAreNoPairsCanBeGoneOver) {
  const auto faults = [](const CorpusFiles& files) {
    std::vector<std::string> out;
    PairReader reader(files);
    while (const std::optional<PairLine> pair = reader.next()) {
      const std::string where = pair->file + ":" + std::to_string(pair->number) + ": ";
      out.push_back(pair->fault.empty() ? std::string(pair->source) + (pair->trimmed ? "*" : "") : where + pair->fault);
    }
    return out;
  };
  CorpusFiles two{write("a", "one\nt\xe9o\nthree\r\n"), write("b", "un\ndeux\ntrois\n"), ""};
  EXPECT_THAT(faults(two), ElementsAre("one", two.source + ":2: invalid UTF-8 at byte 2", "three*"));
  two.target = write("c", "un\ndeux\ntr\xe9is\n");
  EXPECT_THAT(faults(two), ElementsAre("one", two.source + ":2: invalid UTF-8 at byte 2",
                                       two.target + ":3: invalid UTF-8 at byte 3"));
  CorpusFiles one;
  one.tsv = write("a.tsv", "one\tun\ntwo\nthree\ttrois\n");
  EXPECT_THAT(faults(one), ElementsAre("one", one.tsv + ":2: no tab; expected 'source TAB target'", "three"));
}

TEST_F(CorpusTest, CountsMustAgree) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(root);
  CorpusFiles files{"train.en", "train.fr", ""};
  std::string hundred, most;
  for (int i = 0; i < 100; ++i) (i < 98 ? most : hundred) += "x\n";
  write("train.en", most + hundred);
  write("train.fr", most);
  EXPECT_THAT([&] { read_corpus(files); },
              ThrowsMessage<Error>("train.en has 100 lines but train.fr has 98: line 99 of train.en has no partner"));
  write("train.en", "x\n");
  EXPECT_THAT([&] { read_corpus(files); }, ThrowsMessage<Error>(HasSubstr("line 2 of train.fr has no partner")));
  write("train.en", "");
  EXPECT_THAT([&] { read_corpus(files); }, ThrowsMessage<Error>("train.en is empty"));
  std::filesystem::current_path(before);
}

TEST_F(CorpusTest, FilesMustBeNamedRight) {
  EXPECT_THROW(read_corpus({}), UsageError);
  EXPECT_THROW(read_corpus({"a", "", ""}), UsageError);
  EXPECT_THROW(read_corpus({"a", "b", "c"}), UsageError);
  EXPECT_THROW(read_corpus({"-", "-", ""}), UsageError);
}

TEST_F(CorpusTest, DescribeBindsKeys) {
  CorpusFiles files;
  EXPECT_TRUE(files.empty());
  Settings settings;
  files.describe(settings, "data.train");
  settings.load("data: {train: {source: a.en, target: a.fr}}", "c.yaml");
  EXPECT_EQ(files.source, "a.en");
  EXPECT_EQ(files.target, "a.fr");
  EXPECT_FALSE(files.empty());
}

}  // namespace
}  // namespace heed
