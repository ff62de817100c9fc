#include <limits>

#include "handles.h"
#include "heed/record/flat.h"

using namespace heed::capi;  // NOLINT(google-build-using-namespace): the functions of heed.h stand in none

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Element i, or nullptr if there is none.
template <typename Type>
const Type* at(const std::vector<Type>& values, size_t i) {
  return i < values.size() ? &values[i] : nullptr;
}

const Sentence* sentence_of(const heed_result* result, size_t sentence) {
  return known(result) == nullptr ? nullptr : at(result->sentences, sentence);
}

const heed::Translation* answer_of(const heed_result* result, size_t sentence, size_t answer) {
  const Sentence* of = sentence_of(result, sentence);
  return of == nullptr ? nullptr : at(of->translated.translations, answer);
}

heed_token token_of(const std::vector<std::string>& tokens, const std::vector<heed::ByteRange>& ranges,
                    const std::vector<double>& log_probabilities, size_t i) {
  heed_token out = {kNoText, HEED_UNKNOWN, HEED_UNKNOWN, kNone};
  if (const std::string* text = at(tokens, i)) out.text = text_of(*text);
  const heed::ByteRange* range = at(ranges, i);
  if (range != nullptr && range->begin < range->end) {  // not that of the end of sentence
    out.begin = range->begin;
    out.end = range->end;
  }
  if (const double* log_probability = at(log_probabilities, i)) out.log_probability = *log_probability;
  return out;
}

void set(size_t* out, size_t value) {
  if (out != nullptr) *out = value;
}

}  // namespace

heed_result::heed_result(std::vector<heed::Translated> answers) {
  for (heed::Translated& each : answers) {
    Sentence& sentence = sentences.emplace_back();
    for (heed::Translation& answer : each.translations) {
      sentence.attention.push_back(heed::flat(answer.attention));
      answer.attention = {};
    }
    sentence.translated = std::move(each);
  }
}

void heed_result_free(heed_result* result) { free_handle(result); }

size_t heed_result_count(const heed_result* result) { return known(result) == nullptr ? 0 : result->sentences.size(); }

size_t heed_result_source_token_count(const heed_result* result, size_t sentence) {
  const Sentence* of = sentence_of(result, sentence);
  return of == nullptr ? 0 : of->translated.source_tokens.size();
}

heed_token heed_result_source_token(const heed_result* result, size_t sentence, size_t token) {
  const Sentence* of = sentence_of(result, sentence);
  if (of == nullptr) return token_of({}, {}, {}, 0);
  return token_of(of->translated.source_tokens, of->translated.source_ranges, {}, token);
}

size_t heed_result_tokens_cut(const heed_result* result, size_t sentence) {
  const Sentence* of = sentence_of(result, sentence);
  return of == nullptr ? 0 : static_cast<size_t>(of->translated.tokens_cut);
}

heed_text heed_result_fault(const heed_result* result, size_t sentence) {
  const Sentence* of = sentence_of(result, sentence);
  return of == nullptr ? kNoText : text_of(of->translated.fault);
}

const heed_link* heed_result_links(const heed_result* result, size_t sentence, size_t* count) {
  const Sentence* of = sentence_of(result, sentence);
  const size_t links = of == nullptr ? 0 : of->links.size();
  set(count, links);
  return links == 0 ? nullptr : of->links.data();
}

size_t heed_result_answer_count(const heed_result* result, size_t sentence) {
  const Sentence* of = sentence_of(result, sentence);
  return of == nullptr ? 0 : of->translated.translations.size();
}

heed_text heed_result_text(const heed_result* result, size_t sentence, size_t answer) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  return of == nullptr ? kNoText : text_of(of->text);
}

double heed_result_score(const heed_result* result, size_t sentence, size_t answer) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  return of == nullptr ? 0 : of->score;
}

double heed_result_log_probability(const heed_result* result, size_t sentence, size_t answer) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  return of == nullptr ? 0 : of->log_probability;
}

int32_t heed_result_is_cut(const heed_result* result, size_t sentence, size_t answer) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  return of != nullptr && of->cut ? 1 : 0;
}

size_t heed_result_token_count(const heed_result* result, size_t sentence, size_t answer) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  return of == nullptr ? 0 : of->tokens.size();
}

heed_token heed_result_token(const heed_result* result, size_t sentence, size_t answer, size_t token) {
  const heed::Translation* of = answer_of(result, sentence, answer);
  if (of == nullptr) return token_of({}, {}, {}, 0);
  return token_of(of->tokens, of->ranges, of->log_probabilities, token);
}

const float* heed_result_attention(const heed_result* result, size_t sentence, size_t answer, size_t* target,
                                   size_t* source) {
  const Sentence* of = sentence_of(result, sentence);
  const std::vector<float>* weights = of == nullptr ? nullptr : at(of->attention, answer);
  const bool has = weights != nullptr && !weights->empty();
  set(target, has ? of->translated.translations[answer].tokens.size() : 0);
  set(source, has ? of->translated.source_tokens.size() : 0);
  return has ? weights->data() : nullptr;
}
