// The table of all keys.
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/bridge.h"
#include "heed/model/combination.h"
#include "heed/model/config.h"
#include "heed/model/context_entry.h"
#include "heed/model/encoder.h"
#include "heed/model/output.h"
#include "heed/nn/initializers.h"
#include "training_keys.h"

namespace heed {
namespace {

std::vector<std::string> normalizers() {
  std::vector<std::string> names;
  for (const NormalizerKind& kind : normalizer_kinds()) names.push_back(kind.name);
  return names;
}

std::vector<std::string> output_names() {
  std::vector<std::string> names = {kAuto};
  for (const OutputKind& kind : output_kinds()) names.push_back(kind.name);
  return names;
}

void describe_attention(Settings& settings, ModelOptions& model) {
  AttentionOptions& attention = model.attention;
  settings.checked_text(
      "model.attention.kind", &attention.kind, "auto, a name of `heed list attentions`, or several joined by '+'",
      [](const std::string& kind) {
        AttentionOptions options;
        options.kind = kind;
        kinds_of(options);
      },
      "attention mechanism; auto: bahdanau if both vocabularies have less than 1000 tokens, there are 5000 training "
      "pairs "
      "or more, and no key is set that it does not read, else luong-general");
  settings.choice("model.attention.entry", &model.attention_entry, context_entry_names(),
                  "where the context enters the decoder; auto: as the mechanism's paper has it");
  settings.choice("model.attention.layers", &model.attention_layers, {"top", "each"},
                  "attention of the last decoder layer, or of each layer");
  settings.choice("model.attention.source", &model.attention_source, {"top", "all"},
                  "encoder states that attention reads: of the last layer, or of all layers side by side");
  settings.choice("model.attention.normalizer", &attention.normalizer, normalizers(), "how scores become weights");
  settings.real("model.attention.temperature", &attention.temperature, {1e-3, 1e3},
                "divisor of the scores before the normalizer");
  settings.choice(
      "model.attention.scale", &attention.scale, {"width", "none"},
      "divisor of bilinear scores (luong-general and its kin): width, sqrt(Hd He) / 32 for decoder states of Hd and "
      "encoder states of He, which keeps the softmax from saturating in training; or none");
  settings.integer("model.attention.hops", &attention.hops, {1, 64},
                   "hops of attention in one step; each context enters the query of the next hop");
  settings.choice("model.attention.combine", &attention.combine, {"concat", "gate"},
                  "contexts of several mechanisms: concatenated, or a gated sum");
  settings.integer("model.attention.heads", &attention.heads, {1, 1024}, "heads of multi-head");
  settings.checked_text(
      "model.attention.score", &attention.score, "a name of `heed list attentions`",
      [](const std::string& kind) { (void)find_attention(kind); }, "mechanism of each head of multi-head");
  settings.integer("model.attention.window", &attention.window, {1, 10000},
                   "positions to each side, of local and first-order mechanisms");
  settings.integer("model.attention.chunk", &attention.chunk, {1, 10000}, "width of a chunk of monotonic-chunkwise");
  settings.integer("model.attention.filters", &attention.filters, {1, 1024},
                   "features of each position, of location-sensitive and coverage-neural");
  settings.integer("model.attention.filter_width", &attention.filter_width, {1, 1001},
                   "width of a filter of location-sensitive, in positions");
  settings.integer("model.attention.positions", &attention.positions, {1, 100000},
                   "source positions to which luong-location attends");
  settings.real("model.attention.noise", &attention.noise, {0, 100},
                "deviation of the noise in training that pushes monotonic mechanisms to hard decisions");
  settings.boolean("model.attention.hard", &attention.hard, "hard decisions of monotonic mechanisms in decoding");
}

void describe_dropout(Settings& settings, ModelOptions& model) {
  const auto place = [&](const char* name, double* rate, const char* help) {
    settings.real(fmt::format("model.dropout.{}", name), rate, {0, 0.95}, help);
  };
  DropoutOptions& dropout = model.dropout;
  place("source", &dropout.source, "share of units dropped in training, of embeddings of the source");
  place("target", &dropout.target, "of embeddings that the decoder reads");
  place("encoder", &dropout.encoder, "between layers of the encoder");
  place("memory", &dropout.memory, "of the encoder's states that attention reads");
  place("decoder", &dropout.decoder, "between layers of the decoder");
  place("output", &dropout.output, "before the output layer");
  place("attention", &model.attention.dropout, "of attention weights");
  place("recurrent", &dropout.recurrent, "of recurrent states: the same units in all steps of a sentence");
  place("source_words", &dropout.source_words, "of source tokens: whole embeddings");
  place("target_words", &dropout.target_words, "of tokens that the decoder reads: whole embeddings");
  settings.alias("model.dropout", {"model.dropout.source", "model.dropout.target", "model.dropout.encoder",
                                   "model.dropout.decoder", "model.dropout.output"});
}

void describe_initial(Settings& settings, InitialOptions& initial) {
  settings.choice("model.initial.weights", &initial.weights, initializer_names(), "values that weights begin with");
  settings.real("model.initial.scale", &initial.scale, {1e-6, 100},
                "limit of uniform weights, deviation of normal ones");
  settings.choice("model.initial.recurrent", &initial.recurrent, {"weights", "orthogonal"},
                  "those of the products with a cell's own state: as other weights, or orthogonal");
  settings.real_or_auto("model.initial.embedding", &initial.embedding, {1e-6, 100},
                        "deviation of embeddings; auto: 1, or with model.tied 1 / sqrt(their width)");
  settings.real("model.initial.forget_bias", &initial.forget_bias, {-100, 100}, "bias of an LSTM's forget gate");
}

void describe_model(Settings& settings, ModelOptions& model) {
  settings.integer("model.embedding", &model.embedding, {1, 65536}, "width of the embeddings of both sides");
  settings.integer_or_auto("model.source_embedding", &model.source_embedding, {1, 65536},
                           "width of the source's embeddings; auto: model.embedding");
  settings.integer_or_auto("model.target_embedding", &model.target_embedding, {1, 65536},
                           "width of the target's embeddings; auto: model.embedding");
  settings.choice("model.encoder.cell", &model.encoder_cell, cell_names(), "recurrent cell of the encoder");
  settings.integer("model.encoder.layers", &model.encoder_layers, {1, 64}, "layers of the encoder");
  settings.integer("model.encoder.hidden", &model.encoder_hidden, {1, 65536},
                   "width of the encoder's states, both directions together");
  settings.choice("model.encoder.bidirectional", &model.bidirectional, {"true", "false", "first"},
                  "layers that read in both directions: all, none, or the first alone");
  settings.boolean("model.encoder.residual", &model.encoder_residual,
                   "add the input of each layer from the second on to its output");
  settings.integer("model.encoder.cell_depth", &model.encoder_cell_depth, {1, 16},
                   "cells that a step of each layer goes through, the first of which reads its input");
  settings.integer("model.encoder.pyramid", &model.encoder_pyramid, {0, 16},
                   "number of layers, from the second on, that join pairs of neighbouring states");
  settings.choice("model.decoder.cell", &model.decoder_cell, cell_names(), "recurrent cell of the decoder");
  settings.integer("model.decoder.layers", &model.decoder_layers, {1, 64}, "layers of the decoder");
  settings.integer("model.decoder.hidden", &model.decoder_hidden, {1, 65536}, "width of the decoder's states");
  settings.boolean("model.decoder.residual", &model.decoder_residual,
                   "add the input of each layer from the second on to its output");
  settings.integer("model.decoder.cell_depth", &model.decoder_cell_depth, {1, 16},
                   "the same of the decoder, a second cell of the entry conditional apart");
  settings.choice("model.decoder.bridge", &model.bridge, bridge_names(),
                  "how the encoder's states become the decoder's first state");
  settings.boolean_or_auto("model.decoder.input_feeding", &model.input_feeding,
                           "feed the previous step's attentional vector h~ into the cell; auto: unless the context "
                           "enters it (model.attention.entry)");
  settings.boolean("model.decoder.deep_output", &model.deep_output, "let the previous token's embedding enter h~ too");
  settings.choice("model.decoder.context_gate", &model.context_gate, context_gates(),
                  "what a gate weighs in h~: the context, the rest, or both against each other (Tu et al. 2017)");
  describe_attention(settings, model);
  settings.choice("model.copy", &model.copy, {"none", "pointer-generator"},
                  "copying of source words: a mixture of generating and pointing (See et al. 2017)");
  settings.choice("model.output", &model.output, output_names(),
                  "from decoder states to probabilities; auto: as model.copy or the mechanism implies, or softmax");
  describe_dropout(settings, model);
  describe_initial(settings, model.initial);
  const char* vectors = "word2vec or fastText text file (.gz and .zst too) whose vectors a new training begins with";
  settings.text("model.pretrained.source", &model.pretrained_source, vectors);
  settings.text("model.pretrained.target", &model.pretrained_target, "the same for the target's tokens");
  settings.choice("model.tied", &model.tied, {kAuto, "none", "target", "all"},
                  "the output layer is the embeddings of the target, or of both sides, turned round; auto: "
                  "target if it has 1000 tokens or more and embeddings as wide as the decoder, which are neither "
                  "pretrained nor frozen, else none");
}

/// They are shown on terminals, where a control character would be a command.
void check_about(const std::string& text) {
  if (text.size() > AboutOptions::kLongest)
    throw UsageError(fmt::format("has {} bytes; expected at most {}", text.size(), AboutOptions::kLongest));
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0);
    const bool second_set = byte == 0xc2 && next >= 0x80 && next < 0xa0;  // U+0080 to U+009F in UTF-8
    if (second_set || byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t'))
      throw UsageError("has a control character; expected text");
  }
}

void describe_about(Settings& settings, AboutOptions& about) {
  const auto text = [&](const char* key, std::string* field, const char* help) {
    settings.checked_text(key, field, "text", check_about, help);
  };
  text("about.licence", &about.licence, "licence of the model, kept in its bundle for `heed info`");
  text("about.source", &about.source, "data that the model was trained on, and where they come from; likewise");
  text("about.citation", &about.citation, "what to cite; likewise");
  text("about.text", &about.text, "what else there is to say of the model; likewise");
}

}  // namespace

Settings Config::settings() {
  Settings out;
  out.integer("format_version", &format_version, {1, kFormatVersion}, "version of the bundle's format");
  data.describe(out);
  describe_model(out, model);
  describe_training(out, training);
  out.text("output", &output, "directory of the run; the best model is its bundle");
  describe_about(out, about);
  return out;
}

}  // namespace heed
