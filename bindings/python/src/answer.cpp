#include "answer.h"

#include <fmt/format.h>

#include <cstring>

#include "gil.h"
#include "heed/record/flat.h"
#include "heed/record/json_lines.h"
#include "heed/view/markup.h"

namespace heed::python {

const std::vector<float>& Answer::attention() const {
  std::call_once(joined_, [this] { attention_ = flat(translation().attention); });
  return attention_;
}

ViewedSentence Answer::viewed() const {
  ViewedSentence out{record()};
  if (place_ > 0) {
    out.translations = {translation()};
    out.trace = {};
    out.trace_tokens.clear();
  }
  return out;
}

nb::list answers_of(Translated translated) {
  const auto shared = std::make_shared<const Translated>(std::move(translated));
  nb::list out;
  for (std::size_t i = 0; i < shared->translations.size(); ++i)
    out.append(nb::cast(new Answer(shared, i), nb::rv_policy::take_ownership));
  return out;
}

nb::object own_matrix(const AttentionWeights& rows, std::size_t columns) {
  auto* values = new std::vector<float>(flat(rows));
  const nb::capsule owner(values, [](void* p) noexcept { delete static_cast<std::vector<float>*>(p); });
  return nb::cast(FloatMatrix(values->data(), {rows.size(), columns}, owner));
}

namespace {

nb::list ranges_of(const std::vector<ByteRange>& ranges) {
  nb::list out;
  for (const ByteRange& range : ranges) {
    if (range.begin == range.end) {
      out.append(nb::none());
    } else {
      out.append(nb::make_tuple(range.begin, range.end));
    }
  }
  return out;
}

nb::object attention_of(nb::handle self) {
  const auto& answer = nb::cast<const Answer&>(self);
  if (!answer.attends()) return nb::none();
  const std::size_t rows = answer.translation().attention.size();
  return nb::cast(FloatMatrix(answer.attention().data(), {rows, answer.record().source_tokens.size()}, self));
}

nb::list layers_of(const Answer& answer) {
  nb::list out;
  for (const std::vector<AttentionWeights>& layer : answer.translation().attention_layers) {
    nb::list heads;
    for (const AttentionWeights& head : layer) heads.append(own_matrix(head, answer.record().source_tokens.size()));
    out.append(heads);
  }
  return out;
}

nb::object copied_of(const Answer& answer) {
  if (!answer.translation().copied) return nb::none();
  nb::list out;
  for (const int place : *answer.translation().copied) out.append(place);
  return out;
}

nb::object probabilities_of(const Answer& answer) {
  if (answer.translation().log_probabilities.empty()) return nb::none();
  nb::list out;
  for (const double value : answer.translation().log_probabilities) out.append(value);
  return out;
}

nb::list links_of_answer(const Answer& answer) { return links_of(align_words(answer.record(), answer.translation())); }

std::string page_of(const Answer& answer, const std::string& title) {
  const ReleasedGil released;
  const PageModel model{.name = title, .sentences = {answer.viewed()}};
  return render_page(std::span(&model, 1), {.title = title});
}

/// The page in a frame, whose scripts and style then are its own; without attention the texts.
std::string cell_of(const Answer& answer) {
  if (!answer.attends())
    return fmt::format("<p>{}</p><p>{}</p>", escaped_markup(answer.record().source),
                       escaped_markup(answer.translation().text));
  return fmt::format(R"(<iframe srcdoc="{}" style="width: 100%; height: 36em; border: 0"></iframe>)",
                     escaped_markup(page_of(answer, "Attention")));
}

std::string json_of(const Answer& answer) {
  const ReleasedGil released;
  const bool empty = answer.translation().tokens.empty();  // as the lines of others, which were asked for all
  const bool scores = empty || !answer.translation().log_probabilities.empty();
  std::string out = to_json_line(answer.record(), {.attention = empty || answer.attends(), .token_scores = scores});
  out.pop_back();  // its line end
  return out;
}

nb::str repr_of(const Answer& answer) {
  const std::string text = fmt::format(", score={:.4f})", answer.translation().score);
  return nb::str(nb::str("Translation(") + nb::repr(text_of(answer.translation().text)) + text_of(text));
}

/// One HTML file of many sentences.
std::string page_of_all(const nb::list& answers, const nb::list& references, const std::string& title) {
  PageModel model{.name = title, .sentences = {}};
  for (const nb::handle each : answers) {
    model.sentences.push_back(nb::cast<const Answer&>(each).viewed());
    model.sentences.back().number = static_cast<int>(model.sentences.size());
    if (nb::len(references) > 0)
      model.sentences.back().references = {value_of<std::string>(references[model.sentences.size() - 1], "references")};
  }
  const ReleasedGil released;
  return render_page(std::span(&model, 1), {.title = title});
}

void bind_source(nb::class_<Answer>& type) {
  type.def_prop_ro(
          "source", [](const Answer& a) { return text_of(a.record().source); }, "The sentence.")
      .def_prop_ro(
          "source_tokens", [](const Answer& a) { return texts_of(a.record().source_tokens); },
          nb::sig("def source_tokens(self) -> list[str]"),
          "Its tokens, ``</s>`` last if the model reads it; empty for a blank sentence.")
      .def_prop_ro(
          "source_ranges", [](const Answer& a) { return ranges_of(a.record().source_ranges); },
          nb::sig("def source_ranges(self) -> list[tuple[int, int] | None]"),
          "Of each source token the bytes [begin, end) of ``source`` as UTF-8; None for one without text. Empty if "
          "unknown.")
      .def_prop_ro(
          "source_tokens_cut", [](const Answer& a) { return a.record().tokens_cut; },
          "Source tokens at the end that were not read, being more than ``max_length``.")
      .def_prop_ro(
          "unknown_tokens", [](const Answer& a) { return a.record().unknown_tokens; },
          "Source tokens that the model's vocabulary lacks.");
}

void bind_text(nb::class_<Answer>& type) {
  type.def_prop_ro(
          "text", [](const Answer& a) { return text_of(a.translation().text); }, "The translation.")
      .def_prop_ro(
          "tokens", [](const Answer& a) { return texts_of(a.translation().tokens); },
          nb::sig("def tokens(self) -> list[str]"), "Its tokens, ``</s>`` last unless it was cut.")
      .def_prop_ro(
          "ranges", [](const Answer& a) { return ranges_of(a.translation().ranges); },
          nb::sig("def ranges(self) -> list[tuple[int, int] | None]"),
          "Of each token the bytes [begin, end) of ``text`` as UTF-8; None for one without text. Empty if unknown.")
      .def_prop_ro(
          "score", [](const Answer& a) { return a.translation().score; },
          "By which an n-best list is sorted: the log-probability, normalised by length.")
      .def_prop_ro(
          "log_probability", [](const Answer& a) { return a.translation().log_probability; },
          "Natural logarithm of the probability of the whole target, ``</s>`` included.")
      .def_prop_ro("log_probabilities", probabilities_of, nb::sig("def log_probabilities(self) -> list[float] | None"),
                   "Of each token, given those before it; None unless asked for (``token_scores``, ``score``).")
      .def_prop_ro(
          "cut", [](const Answer& a) { return a.translation().cut; },
          "Whether the length limit or ``on_step`` ended it.")
      .def_prop_ro("copied", copied_of, nb::sig("def copied(self) -> list[int] | None"),
                   "Places of the tokens that were copied from the source; None for models that do not copy.")
      .def_prop_ro(
          "fault", [](const Answer& a) { return or_none(a.record().fault); }, nb::sig("def fault(self) -> str | None"),
          "Why there is no answer: what was asked of it cannot be met. None: there is one.");
}

void bind_attention(nb::class_<Answer>& type) {
  type.def_prop_ro(
          "attention", attention_of, nb::sig("def attention(self) -> numpy.typing.NDArray[numpy.float32] | None"),
          "Attention weights, float32 [tokens, source tokens], read-only: a view of the answer's own memory. A "
          "row sums to 1 (at most 1 with monotonic mechanisms). The mean of several layers or heads. None unless "
          "asked for.")
      .def_prop_ro("attention_layers", layers_of,
                   nb::sig("def attention_layers(self) -> list[list[numpy.typing.NDArray[numpy.float32]]]"),
                   "Of each layer (or hop) and head an array like ``attention``; empty where there is one of each, and "
                   "of ensembles.")
      .def_prop_ro(
          "attention_names", [](const Answer& a) { return texts_of(a.record().attention_names); },
          nb::sig("def attention_names(self) -> list[str]"), "Names of the ``attention_layers``.")
      .def_prop_ro("links", links_of_answer, nb::sig("def links(self) -> list[tuple[int, int]]"),
                   "For each word of the translation the source word that it attended to most, as (source, target), "
                   "counted from 0. Raises Error without attention.");
}

}  // namespace

void bind_answer(nb::module_& module) {
  nb::class_<Answer> type(module, "Translation",
                          "A translation, or a given target, of a sentence, with all that is known of it. Immutable; "
                          "threads may share it.");
  bind_source(type);
  bind_text(type);
  bind_attention(type);
  type.def(
          "to_html", page_of, nb::arg("title") = "Attention",
          "A page of HTML, one file that needs no other, with heat map, ribbons and (after ``trace=True``) the tree of "
          "the search.\n\nRaises\n------\nError\n    If there is no attention to show.")
      .def("to_json", json_of,
           "The sentence with all of its answers as a line of JSON (docs/json-lines.md), which ``heed view`` reads.")
      .def("_repr_html_", cell_of)
      .def("__str__", [](const Answer& a) { return text_of(a.translation().text); })
      .def("__repr__", repr_of);
  module.def("page", page_of_all, nb::arg("answers"), nb::arg("references"), nb::arg("title"),
             nb::sig("def page(answers: list[Translation], references: list[str], title: str) -> str"));
}

}  // namespace heed::python
