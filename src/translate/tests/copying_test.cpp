// Models that copy, from text to text.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/dictionary.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/shortlist.h"
#include "heed/translate/translator.h"
#include "test_name.h"
#include "toy_bundle.h"
#include "unknown_words.h"

namespace heed {
namespace {

/// A model with random weights that copies; `gate` is the bias of its switch: what is far below 0 copies always.
Bundle copying_bundle(const std::string& attention, float gate = 0, int seed = 1,
                      Precision precision = Precision::kFloat32) {
  Bundle bundle = toy_bundle(attention, seed);
  bundle.config.model.copy = "pointer-generator";
  bundle.model =
      std::make_shared<Seq2Seq>(bundle.config.model, SourceTables(kToySourceVocabulary), kToyTargetVocabulary, seed);
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 4.0F;
    if (parameter->name == "copy.bias") value.data[0] = gate;
  }
  pack(bundle, precision);
  bundle.precision = precision;
  return bundle;
}

/// Sentences of numbers, some of which only the source has, and of names that nobody knows.
std::vector<std::string> sentences_with_names(int count) {
  std::vector<std::string> out = toy_sentences(count);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] += " name" + std::to_string(i % 5);
    if (i % 2 == 0) out[i] = "Ulm " + out[i] + " Zoe";
  }
  return out;
}

class Copies : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Attentions, Copies, testing::Values("bahdanau", "luong-general", "multi-head"),
                         [](const auto& test) { return test_name(test.param); });

TEST_P(Copies, ProbabilitiesOverTheExtendedVocabularySumToOne) {
  const Bundle bundle = copying_bundle(GetParam());
  ModelScorer scorer(*bundle.model);
  const std::vector<std::vector<int>> sources = {{5, 0, 7, 0}, {0, 4}};
  const std::vector<std::vector<int>> copies = {{5, 19, 7, 20}, {19, 4}};
  scorer.start(sources, copies);
  const std::vector<int> parents = {0, 0, 1};
  scorer.advance(std::vector<int>{0, 1}, std::vector<int>{Vocabulary::kBegin, Vocabulary::kBegin});
  scorer.advance(parents, std::vector<int>{19, 6, 19});
  for (int row = 0; row < 3; ++row) {
    const RowScores scores = scorer.scores(row);
    ASSERT_EQ(scores.logits.size(), kToyTargetVocabulary + 2U);
    double sum = 0;
    for (std::size_t v = 0; v < scores.logits.size(); ++v) {
      sum += std::exp(static_cast<double>(scores.log_probability(v)));
    }
    EXPECT_NEAR(sum, 1.0, 1e-5) << row;
  }
  EXPECT_GT(scorer.scores(0).log_probability(20), -90.0F);
  EXPECT_EQ(scorer.scores(2).log_probability(20), -std::numeric_limits<float>::infinity());  // of the other sentence
}

TEST_P(Copies, AnAnswerDependsOnItsSentenceAlone) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    const Translator translator({copying_bundle(GetParam(), -1, 1, precision)});
    const auto sentences = sentences_with_names(20);
    for (const int beam : {1, 4}) {
      TranslateOptions options;
      options.beam = options.nbest = beam;
      options.attention = true;
      options.batch_sentences = 1;
      const auto alone = translator.translate(sentences, options);
      options.batch_sentences = 32;
      options.threads = 2;
      const auto together = translator.translate(sentences, options);
      for (std::size_t i = 0; i < sentences.size(); ++i) {
        ASSERT_EQ(alone[i].translations.size(), together[i].translations.size());
        for (std::size_t n = 0; n < alone[i].translations.size(); ++n) {
          const Translation& a = alone[i].translations[n];
          const Translation& b = together[i].translations[n];
          EXPECT_EQ(a.text, b.text);
          EXPECT_EQ(a.log_probability, b.log_probability);
          EXPECT_EQ(a.attention, b.attention);
          EXPECT_EQ(a.copied, b.copied);
        }
      }
    }
  }
}

TEST_P(Copies, SearchAndScoringSayTheSame) {
  const Bundle bundle = copying_bundle(GetParam(), -20);
  const Translator translator({bundle});
  const auto sentences = sentences_with_names(60);
  TranslateOptions options;
  options.beam = 3;
  options.forced_length = 6;
  const auto answers = translator.translate(sentences, options);
  int own_words = 0;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const Translation& best = answers[i].translations.front();
    for (const std::string& token : best.tokens) {
      own_words += token != "<unk>" && bundle.target.id(token) == Vocabulary::kUnknown ? 1 : 0;
    }
    const std::vector<SentencePair> pair = {{sentences[i], best.text}};
    const Translation scored = score_targets(bundle, pair).front();
    const double tokens = scored.log_probability - scored.log_probabilities.back();  // without EOS
    if (best.text.find("<unk>") == std::string::npos) {
      EXPECT_NEAR(tokens, best.log_probability, 1e-4 * std::abs(tokens)) << best.text;
    }
  }
  EXPECT_GT(own_words, 3);
}

TEST(Copying, WhatIsCopiedIsSaid) {
  const auto sentences = sentences_with_names(20);
  const auto copied_of = [&](float gate) {
    const Bundle bundle = copying_bundle("luong-general", gate);
    const Translator translator({bundle});
    std::size_t copied = 0;
    std::size_t tokens = 0;
    for (const Translated& translated : translator.translate(sentences, {.beam = 2})) {
      const Translation& best = translated.translations.front();
      EXPECT_TRUE(best.copied.has_value());
      copied += best.copied->size();
      tokens += best.tokens.size();
      if (best.tokens.back() != "</s>" || best.text.find("<unk>") != std::string::npos) continue;
      const SentencePair pair{translated.source, best.text};
      EXPECT_EQ(score_targets(bundle, std::span(&pair, 1)).front().copied, best.copied) << best.text;
    }
    return std::pair(copied, tokens);
  };
  const auto [all, tokens] = copied_of(-200);
  EXPECT_EQ(all, tokens);  // EOS of the source too
  EXPECT_EQ(copied_of(200).first, 0U);
  const auto [some, of_all] = copied_of(0);
  EXPECT_GT(some, 0U);
  EXPECT_LT(some, of_all);
  const Translator none({toy_bundle("luong-general")});
  EXPECT_FALSE(none.translate(sentences, {}).front().translations.front().copied.has_value());
  EXPECT_FALSE(score_targets(toy_bundle("luong-general"), std::vector<SentencePair>{{"4 5", "4"}}).front().copied);
}

TEST(Copying, WhatMustNotOccurIsNotCopiedEither) {
  std::vector<Bundle> bundles;
  bundles.push_back(copying_bundle("luong-general", -50));  // copies always
  const Translator translator(std::move(bundles));
  const auto sentences = sentences_with_names(10);
  TranslateOptions options;
  options.forbidden = std::make_shared<ForbiddenPhrases>(translator.bundle().target, std::vector<std::string>{"Zoe"});
  const std::vector<OutputConstraints> constraints(10, OutputConstraints{.must_not = {"Ulm", "name1"}});
  const auto has = [](const Translated& answer, const std::string& word) {
    return (" " + answer.translations.front().text + " ").find(" " + word + " ") != std::string::npos;
  };
  int met = 0;
  for (const Translated& answer : translator.translate(sentences)) {
    for (const char* word : {"Ulm", "Zoe", "name1"}) met += has(answer, word) ? 1 : 0;
  }
  EXPECT_GT(met, 0);
  for (const Translated& answer : translator.translate(sentences, options, {}, constraints)) {
    for (const char* word : {"Ulm", "Zoe", "name1"}) EXPECT_FALSE(has(answer, word)) << answer.translations[0].text;
  }
}

TEST(Copying, AnEnsembleMixesMembersThatCopyAndOthers) {
  const auto sentences = sentences_with_names(12);
  const auto text_of = [&](std::vector<Bundle> bundles) {
    const Translator translator(std::move(bundles));
    std::vector<std::string> out;
    for (const Translated& translated : translator.translate(sentences, {.beam = 3})) {
      out.push_back(translated.translations.front().text);
      EXPECT_TRUE(std::isfinite(translated.translations.front().score));
      EXPECT_TRUE(translated.translations.front().copied.has_value());
    }
    return out;
  };
  const Bundle copying = copying_bundle("luong-general", -1);
  EXPECT_EQ(text_of({copying, copying}), text_of({copying}));
  text_of({copying_bundle("bahdanau", -1, 2), copying, toy_bundle("luong-general", 3)});
}

TEST(Copying, ALogLinearEnsembleCopiesWithAllItsModelsOrNone) {
  const Bundle copying = copying_bundle("luong-general", -1);
  const auto sentences = sentences_with_names(12);
  const auto one = Translator({copying}).translate(sentences, {.beam = 3});
  const auto two = Translator({copying, copying}, {Combine::kLogLinear}).translate(sentences, {.beam = 3});
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    EXPECT_EQ(one[i].translations[0].text, two[i].translations[0].text);
    EXPECT_EQ(one[i].translations[0].copied, two[i].translations[0].copied);
  }
  EXPECT_THROW(Translator({copying, toy_bundle("luong-general", 3)}, {Combine::kLogLinear}), UsageError);
}

TEST(Copying, AShortListIsRefused) {
  const Translator translator({copying_bundle("luong-general")});
  TranslateOptions options;
  options.shortlist =
      std::make_shared<Shortlist>(std::vector<std::vector<int>>(kToySourceVocabulary), std::vector<int>{4}, 19);
  EXPECT_THROW(translator.translate(sentences_with_names(1), options), UsageError);
}

TEST(Copying, ABatchMustSayWhatIsCopied) {
  const Bundle bundle = copying_bundle("luong-general");
  ModelScorer scorer(*bundle.model);
  EXPECT_THROW(scorer.start(std::vector<std::vector<int>>{{4, 5}}), Error);
}

/// A model that says <unk> and nothing else.
Bundle speechless_bundle(const std::string& attention, int seed = 1) {
  Bundle bundle = toy_bundle(attention, seed);
  for (Parameter* parameter : bundle.model->parameters().all()) {
    if (parameter->name == "generator.bias") parameter->value.view().data[Vocabulary::kUnknown] = 500;
  }
  pack(bundle, Precision::kFloat32);
  return bundle;
}

TEST(ReplaceUnknown, TakesTheWordThatWasAttendedToMost) {
  for (const char* attention : {"luong-general", "multi-head"}) {
    const Translator translator({speechless_bundle(attention)});
    const auto sentences = sentences_with_names(30);
    TranslateOptions options;
    options.beam = 3;
    options.nbest = 2;
    options.forced_length = 5;
    options.attention = true;
    options.replace_unknown = true;
    const auto with = translator.translate(sentences, options);
    options.replace_unknown = false;
    const auto raw = translator.translate(sentences, options);
    options.replace_unknown = true;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      for (std::size_t n = 0; n < raw[i].translations.size(); ++n) {
        const Translation& before = raw[i].translations[n];
        const Translation& after = with[i].translations[n];
        EXPECT_EQ(after.text.find("<unk>"), std::string::npos);
        ASSERT_EQ(before.attention, after.attention);
        for (std::size_t t = 0; t < before.tokens.size(); ++t) {
          const auto& row = before.attention[t];
          const auto most = static_cast<std::size_t>(std::max_element(row.begin(), row.end() - 1) - row.begin());
          EXPECT_EQ(after.tokens[t], before.tokens[t] == "<unk>" ? raw[i].source_tokens[most] : before.tokens[t]);
        }
      }
    }
    options.attention = false;
    const auto without = translator.translate(sentences, options);
    EXPECT_EQ(with[3].translations[1].text, without[3].translations[1].text);
    EXPECT_TRUE(without[3].translations[1].attention.empty());
  }
}

TEST(ReplaceUnknown, NeedsAttention) {
  const Translator translator({toy_bundle("none")});
  TranslateOptions options;
  options.replace_unknown = true;
  EXPECT_THROW(translator.translate(toy_sentences(1), options), UsageError);
}

class DictionaryTest : public testing::Test {
 protected:
  Dictionary load(const std::string& text) {
    std::ofstream(path_) << text;
    return Dictionary::load(path_);
  }
  ~DictionaryTest() override { std::filesystem::remove(path_); }
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("heed-dictionary-" + std::to_string(getpid()));
};

TEST_F(DictionaryTest, KnowsWordsWithTheirMarks) {
  const Dictionary dictionary = load("Ulm\tUlma\nNew York\tNueva York\n");
  EXPECT_EQ(dictionary.translate("Ulm"), "Ulma");
  EXPECT_EQ(dictionary.translate("\uffedUlm\uffed"), "\uffedUlma\uffed");
  EXPECT_EQ(dictionary.translate("\u2581Ulm"), "\u2581Ulma");
  EXPECT_EQ(dictionary.translate("\u2581"), "\u2581");
  EXPECT_EQ(dictionary.translate("Kiel"), "Kiel");
}

/// A source sentence as a side reads it.
Translated read(const TextSide& side, const std::string& sentence) {
  Translated out;
  out.source = sentence;
  for (const Piece& piece : side.encode(sentence).pieces) {
    out.source_tokens.push_back(piece.text);
    out.source_ranges.push_back({piece.begin, piece.end});
  }
  out.source_tokens.emplace_back("</s>");
  out.source_ranges.emplace_back();
  return out;
}

TEST_F(DictionaryTest, TheLongestPhraseOverTheTokenIsTaken) {
  const Dictionary dictionary = load("York\tYorque\nNew York\tNueva York\nNew York City\tla ciudad\nlm\tx\n");
  const std::vector<std::string> text = {"in New York, Ulm", "New York City"};
  for (const char* tokenizer : {"words", "characters"}) {
    const TextSide side = TextSide::build({.tokenizer = tokenizer}, text);
    const Translated first = read(side, text[0]);
    const Translated second = read(side, text[1]);
    const auto at = [&](const Translated& source, const std::string& token) {
      const auto found = std::find(source.source_tokens.begin(), source.source_tokens.end(), token);
      return replacement_of(source, static_cast<std::size_t>(found - source.source_tokens.begin()), side, &dictionary);
    };
    const bool words = tokenizer == std::string("words");
    const Replacement found = at(first, words ? "York" : "Y");
    EXPECT_EQ(found.token, "Nueva York");
    EXPECT_EQ(found.first, words ? 1U : 3U);
    EXPECT_EQ(found.last, words ? 2U : 10U);
    EXPECT_EQ(at(second, words ? "New" : "N").token, "la ciudad");
    EXPECT_EQ(at(first, words ? "in" : "i").token, words ? "in" : "i");
    EXPECT_EQ(at(first, words ? "Ulm" : "U").token, words ? "Ulm" : "U") << "a part of a word is none";
  }
}

TEST_F(DictionaryTest, APhraseHasSixteenWordsAtMost) {
  std::string words, dots;
  for (int i = 0; i < 16; ++i) {
    words += (i == 0 ? "" : " ") + std::string("w") + std::to_string(i);
    dots += '.';
  }
  const std::string text = "before " + words + " behind";
  for (const char* tokenizer : {"words", "characters"}) {
    const TextSide side = TextSide::build({.tokenizer = tokenizer}, std::vector{text});
    const Dictionary dictionary = load(words + "\tfound\n" + dots + "\tdots\n");
    const Translated source = read(side, text);
    for (std::size_t t = 0; t + 1 < source.source_tokens.size(); ++t) {
      const bool covered = source.source_ranges[t].begin >= 7 && source.source_ranges[t].end <= 7 + words.size();
      const Replacement found = replacement_of(source, t, side, &dictionary);
      EXPECT_EQ(found.token == "found", covered) << tokenizer << " " << t << " " << found.token;
    }
  }
  for (const std::string& longer : {words + " w16", dots + "."}) {
    EXPECT_NE(error_of([&] { load("a\tb\n" + longer + "\tc\n"); }).find(":2: the phrase has more than 16 words"),
              std::string::npos);
  }
}

TEST_F(DictionaryTest, SeveralUnknownWordsOfAPhraseAreReplacedOnce) {
  const Translator translator({speechless_bundle("luong-general")});
  TranslateOptions options{.beam = 1, .attention = true, .forced_length = 6, .replace_unknown = true};
  const std::string sentence = "alpha beta";  // <unk> attends to one of them
  options.dictionary = std::make_shared<Dictionary>(load("alpha beta\tone two\n"));
  const Translation best = translator.translate(sentence, options).translations.front();
  EXPECT_EQ(best.text, "one two");
  ASSERT_EQ(best.tokens.size(), 6U);
  EXPECT_EQ(best.tokens[0], "one two");
  EXPECT_EQ(best.tokens[1], "<unk>");
  EXPECT_EQ(best.ranges[0], (ByteRange{0, 7}));
  EXPECT_EQ(best.ranges[1], ByteRange());
  EXPECT_EQ(best.attention.size(), 6U);
}

TEST_F(DictionaryTest, SaysWhichLineIsWrong) {
  for (const char* bad : {"a\tb\nc\n", "a\tb\n\tc\n", "a\tb\nc\t\n", "a\tb\na\tc\n", "a\tb\nc\td\te\n"}) {
    const std::string error = error_of([&] { load(bad); });
    EXPECT_NE(error.find(":2: "), std::string::npos) << bad << error;
  }
}

}  // namespace
}  // namespace heed
