// What answers must and must not be, for every kind of tokens: random models over text, whose answers are nonsense that
// has to keep to the constraints all the same.
#include "../output_constraints.h"

#include <gmock/gmock.h>

#include "../text_automata.h"
#include "answers.h"
#include "heed/base/error.h"
#include "heed/translate/constraints.h"
#include "toy_bundle.h"

namespace heed {
namespace {

const std::vector<std::string> kText = {
    "the cat sat on the mat, and the catalogue fell.",
    "a cat's mat is 3D; the mats are not.",
    "on a mat the cat and a bat sat.",
    "the bat ate a fat cat, the mat and 42 rats.",
    "rats and bats sat on mats.",
    "the catalogue of a cat is on the mat.",
};

Bundle text_bundle(const std::string& tokenizer, int seed = 1, const std::string& attention = "luong-general") {
  TextOptions options;
  options.tokenizer = tokenizer;
  options.vocabulary = tokenizer == "sentencepiece" ? 60 : 0;
  Bundle bundle = toy_bundle(attention, seed);
  bundle.target = TextSide::build(options, kText);
  bundle.config.data.target = options;
  bundle.model =
      std::make_shared<Seq2Seq>(bundle.config.model, SourceTables(kToySourceVocabulary),
                                bundle.target.vocabulary_size(), test_seed(static_cast<std::uint64_t>(seed)));
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 4.0F;
  }
  pack(bundle, Precision::kFloat32);
  return bundle;
}

std::vector<Bundle> one(Bundle bundle) {
  std::vector<Bundle> out;
  out.push_back(std::move(bundle));
  return out;
}

std::vector<Translated> translate(const Translator& translator, const OutputConstraints& constraints,
                                  const TranslateOptions& options, int count = 12) {
  const auto sentences = toy_sentences(count);
  return translator.translate(sentences, options, {},
                              std::vector<OutputConstraints>(static_cast<std::size_t>(count), constraints));
}

bool is_word(char c) { return (std::isalnum(static_cast<unsigned char>(c)) != 0); }

/// Whether a phrase stands in a text between boundaries of words.
bool stands_in(const std::string& phrase, const std::string& text) {
  for (std::size_t at = text.find(phrase); at != text.npos; at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool begins = at == 0 || !(is_word(text[at - 1]) && is_word(phrase.front()));
    const bool ends = end == text.size() || !(is_word(phrase.back()) && is_word(text[end]));
    if (begins && ends) return true;
  }
  return false;
}

class EachTokenizer : public testing::TestWithParam<std::string> {
 protected:
  bool has_words() const { return GetParam() != "characters"; }
  bool occurs(const std::string& phrase, const std::string& text) const {
    return has_words() ? stands_in(phrase, text) : text.find(phrase) != text.npos;
  }
  /// A phrase of the text that tokens between spaces are, too.
  std::string spaced(const std::string& phrase) const { return GetParam() == "spaces" ? "on the" : phrase; }
};

TEST_P(EachTokenizer, AnswersBeginWithThePrefix) {
  const Translator translator(one(text_bundle(GetParam())));
  for (const std::string prefix : {"the", "the ", "the ca", "a ", "on a m"}) {
    for (const int beam : {1, 4}) {
      for (const Translated& answer : translate(translator, {.prefix = prefix}, beam_options(beam, 5, 2))) {
        ASSERT_EQ(answer.fault, "");
        for (const Translation& found : answer.translations) {
          const std::string text = found.text + " ";
          EXPECT_TRUE(text.starts_with(prefix)) << prefix << ": " << text;
          if (!has_words()) continue;
          EXPECT_EQ(found.attention.size(), found.tokens.size()) << "the prefix has attention too";
        }
      }
    }
  }
}

TEST_P(EachTokenizer, PhrasesOccur) {
  const Translator translator(one(text_bundle(GetParam())));
  const std::vector<std::string> phrases = {spaced("cat"), spaced("the mat,"), "a"};
  for (const int beam : {1, 3, 8}) {
    for (const Translated& answer : translate(translator, {.must = phrases}, beam_options(beam, 5, 2))) {
      ASSERT_EQ(answer.fault, "");
      for (const Translation& found : answer.translations) {
        for (const std::string& phrase : phrases)
          EXPECT_TRUE(occurs(phrase, found.text)) << phrase << ": " << found.text;
      }
    }
  }
}

// Whatever tokens spell them: random models hit on all ways.
TEST_P(EachTokenizer, PhrasesDoNotOccur) {
  for (int seed = 1; seed <= 4; ++seed) {
    const Translator translator(one(text_bundle(GetParam(), seed)));
    std::vector<std::string> forbidden;
    int met = 0;
    for (const Translated& answer : translate(translator, {}, beam_options(4, 5, 2))) {
      const std::string& text = answer.translations.front().text;
      const std::string first = has_words() ? text.substr(0, text.find(' ')) : text.substr(0, 2);
      if (!first.empty()) forbidden.push_back(first);
    }
    ASSERT_FALSE(forbidden.empty());
    TranslateOptions all = beam_options(4, 5, 2);
    all.forbidden = std::make_shared<ForbiddenPhrases>(translator.bundle().target, forbidden);
    const auto by_line = translate(translator, {.must_not = forbidden}, beam_options(4, 5, 2));
    const auto by_all = translate(translator, {}, all);
    for (std::size_t i = 0; i < by_line.size(); ++i) {
      expect_same(by_line[i], by_all[i], "said once for all or for each");
      for (const Translation& found : by_line[i].translations) {
        ++met;
        EXPECT_EQ(by_line[i].fault, "");
        for (const std::string& phrase : forbidden) {
          EXPECT_FALSE(occurs(phrase, found.text)) << phrase << ": " << found.text;
        }
      }
    }
    EXPECT_GT(met, 0);
    if (GetParam() == "sentencepiece") continue;  // a beam of 1 may begin a word that cannot be ended
    for (const Translated& answer : translate(translator, {.must_not = forbidden}, beam_options(1, 5, 2))) {
      EXPECT_EQ(answer.fault, "") << "a phrase is refused with its last token";
    }
  }
}

// A number is attached to a letter by a mark of its token: it is no phrase there.
TEST(OutputConstraints, APhraseBeginsAtABoundary) {
  TextOptions options;
  options.tokenizer = "words";
  const TextSide side = TextSide::build(options, std::vector<std::string>{"x1 1 x 3D D (1)"});
  TokenTextsOnce texts;
  const Constraints one = ConstraintCompiler(side, texts).compile({.must = {"1"}}, nullptr);
  ASSERT_EQ(one.must[0].ways.size(), 1u) << "not \uffed1";
  const Constraints letter = ConstraintCompiler(side, texts).compile({.must = {"D"}}, nullptr);
  EXPECT_TRUE(letter.must[0].begins_word);
  for (int id = Vocabulary::kSpecials; id < side.vocabulary_size(); ++id) {
    const bool digit_before_letter = side.token(id) == "3\uffed";
    EXPECT_EQ((*letter.joining)[static_cast<std::size_t>(id)], digit_before_letter) << side.token(id);
  }
}

TEST_P(EachTokenizer, AnswersAreOfTheClosedSet) {
  const Translator translator(one(text_bundle(GetParam())));
  const std::vector<std::string> allowed = {"the cat", "the catalogue", "a mat", "rats and bats"};
  TranslateOptions options = beam_options(3, 5, 2);
  options.allowed = std::make_shared<AllowedOutputs>(translator.bundle().target, allowed);
  EXPECT_THAT(options.allowed->left_out(), testing::IsEmpty());
  const auto by_all = translate(translator, {}, options);
  const auto by_line = translate(translator, {.allowed = allowed}, beam_options(3, 5, 2));
  for (std::size_t i = 0; i < by_all.size(); ++i) {
    expect_same(by_all[i], by_line[i], "said once for all or for each");
    for (const Translation& found : by_all[i].translations) EXPECT_THAT(allowed, testing::Contains(found.text));
  }
}

TEST_P(EachTokenizer, AnswersDoNotDependOnBatchOrThreads) {
  const Translator translator(one(text_bundle(GetParam())));
  const auto sentences = toy_sentences(9);
  std::vector<OutputConstraints> constraints(9);
  constraints[1].prefix = "the ca";
  constraints[2].must = {spaced("cat"), "a"};
  constraints[3].must_not = {"the", "a", "and"};
  constraints[4].allowed = {"the cat", "a mat"};
  constraints[5] = {.prefix = "a ", .must = {"the"}, .must_not = {"on"}};
  for (const int beam : {1, 4}) {
    const auto together = translator.translate(sentences, beam_options(beam, 9, 1), {}, constraints);
    for (const int threads : {1, 3}) {
      const auto alone = translator.translate(sentences, beam_options(beam, 1, threads), {}, constraints);
      for (std::size_t i = 0; i < 9; ++i) expect_same(together[i], alone[i], std::to_string(i));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachTokenizer, testing::Values("words", "characters", "spaces", "sentencepiece"),
                         [](const auto& kind) { return kind.param; });

// Attention, scores and tokens are those of the same target given.
TEST(OutputConstraints, AttentionIsThatOfForcedDecoding) {
  for (const std::string attention : {"bahdanau", "luong-general", "coverage"}) {
    const Bundle bundle = toy_bundle(attention);
    const Translator translator(one(bundle));
    const OutputConstraints constraints{.prefix = "5 9", .must = {"7 8 7", "11"}, .must_not = {"4", "12 13"}};
    TranslateOptions options = beam_options(5, 4, 1);
    options.token_scores = true;
    options.forbid_unknown = true;  // its text would be another token
    for (const Translated& answer : translate(translator, constraints, options)) {
      ASSERT_EQ(answer.fault, "");
      for (const Translation& found : answer.translations) {
        if (found.cut) continue;
        const std::vector<SentencePair> pair = {{answer.source, found.text}};
        const Translation forced = score_targets(bundle, pair).front();
        ASSERT_EQ(forced.tokens, found.tokens);
        EXPECT_NEAR(forced.log_probability, found.log_probability, 1e-3);
        for (std::size_t t = 0; t < found.tokens.size(); ++t) {
          EXPECT_NEAR(forced.log_probabilities[t], found.log_probabilities[t], 1e-4);
          for (std::size_t s = 0; s < found.attention[t].size(); ++s) {
            EXPECT_NEAR(forced.attention[t][s], found.attention[t][s], 1e-5);
          }
        }
      }
    }
  }
}

TEST(OutputConstraints, WhatCannotBeMetIsSaidAndTheOthersGoOn) {
  const Translator translator(one(text_bundle("words")));
  const auto sentences = toy_sentences(6);
  std::vector<OutputConstraints> constraints(6);
  constraints[0].prefix = "zebra ";
  constraints[1].prefix = "the zeb";
  constraints[2].must = {"zebra"};
  constraints[3].must = {" "};
  constraints[4].allowed = {"zebra"};
  const auto answers = translator.translate(sentences, beam_options(2, 3, 1), {}, constraints);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NE(answers[i].fault, "") << i;
    ASSERT_EQ(answers[i].translations.size(), 1u);
    EXPECT_EQ(answers[i].translations[0].text, "");
  }
  EXPECT_EQ(answers[5].fault, "");
  const auto alone = translator.translate(std::span(sentences).subspan(5), beam_options(2, 3, 1));
  expect_same(alone[0], answers[5], "the other");
  TranslateOptions few = beam_options(2, 3, 1);
  few.max_output = OutputLimit{.ratio = 0, .extra = 2};
  const auto too_long = translator.translate(std::span(sentences).first(1), few, {},
                                             std::vector<OutputConstraints>{{.must = {"the cat sat on the mat"}}});
  EXPECT_THAT(too_long[0].fault, testing::HasSubstr("length limit"));
  EXPECT_THROW(translator.translate(sentences, {}, {}, std::vector<OutputConstraints>(2)), UsageError);
  EXPECT_THROW(AllowedOutputs(translator.bundle().target, {}), Error);
}

TEST(OutputConstraints, WordsAndScriptsWithoutSpaces) {
  const std::vector<std::string> phrases = {"cat", "\u6771\u4eac", "3"};
  TextOptions options;
  options.tokenizer = "spaces";
  const TextSide side = TextSide::build(
      options, std::vector<std::string>{"cat cats \u6771\u4eac\u90fd caf\u00e9cat 3 3D (cat) 13 cat\u00e9"});
  const WithoutPhrases automaton(std::make_shared<TokenTexts>(side), phrases);
  const auto passes = [&](const std::string& token) {
    const int state = automaton.next(0, side.id(token));
    return state != TokenAutomaton::kDead && automaton.next(state, Vocabulary::kEnd) != TokenAutomaton::kDead;
  };
  for (const char* token : {"cats", "caf\u00e9cat", "13", "cat\u00e9", "3D"}) EXPECT_TRUE(passes(token)) << token;
  for (const char* token : {"cat", "(cat)", "3", "\u6771\u4eac\u90fd"}) EXPECT_FALSE(passes(token)) << token;
}

TEST(Sampled, AnswersDependOnSeedAndPlaceAlone) {
  const Translator translator(one(toy_bundle("luong-general")));
  const auto sentences = toy_sentences(12);
  TranslateOptions options = beam_options(1, 12, 1);
  options.nbest = 3;
  options.sampling = Sampling{.temperature = 1.3, .top_p = 0.9, .seed = 5};
  const auto together = translator.translate(sentences, options);
  options.batch_sentences = 2;
  options.threads = 3;
  const auto apart = translator.translate(sentences, options);
  options.first_sentence = 7;
  const auto behind = translator.translate(std::span(sentences).subspan(7), options);
  for (std::size_t i = 0; i < 12; ++i) {
    expect_same(together[i], apart[i], std::to_string(i));
    if (i >= 7) expect_same(together[i], behind[i - 7], "line by line");
  }
  options.first_sentence = 0;
  options.sampling->seed = 6;
  int same = 0;
  for (std::size_t i = 0; const Translated& other : translator.translate(sentences, options)) {
    same += other.translations[0].text == together[i++].translations[0].text ? 1 : 0;
  }
  EXPECT_LT(same, 12);
}

TEST(OnStep, TellsTheTextSoFar) {
  const Translator translator(one(text_bundle("words")));
  TranslateOptions options = beam_options(1, 4, 1);
  options.nbest = 1;
  std::map<std::size_t, std::vector<TranslationStep>> told;
  options.on_step = [&](const TranslationStep& step) {
    told[step.sentence].push_back(step);
    return step.sentence != 2 || step.tokens.size() < 2;
  };
  const auto answers = translator.translate(toy_sentences(4), options);
  EXPECT_TRUE(answers[2].translations[0].cut);
  EXPECT_EQ(answers[2].translations[0].tokens.size(), 2u);
  for (const auto& [sentence, steps] : told) {
    EXPECT_TRUE(answers[sentence].translations[0].text.starts_with(steps.front().text));
    EXPECT_EQ(steps.back().tokens.size(), steps.size());
  }
}

}  // namespace
}  // namespace heed
