#pragma once
#include <functional>
#include <string>
#include <vector>

#include "heed/model/config.h"

namespace heed {

/// A way to put a model together, of an encoder and a decoder with two layers or more.
struct Composition {
  std::string name;
  std::function<void(ModelOptions&)> apply;
};

inline const std::vector<Composition>& compositions() {
  const auto entry = [](const char* name) {
    return Composition{name, [name](ModelOptions& options) { options.attention_entry = name; }};
  };
  static const std::vector<Composition> all = {
      entry("output-only"),
      entry("input-feeding"),
      entry("cell-input"),
      entry("conditional"),
      entry("first-layer"),
      entry("all-layers"),
      {"attention at each layer",
       [](ModelOptions& options) {
         options.attention.kind = "luong-general";
         options.attention_layers = "each";
       }},
      {"all encoder layers", [](ModelOptions& options) { options.attention_source = "all"; }},
      {"deep output", [](ModelOptions& options) { options.deep_output = true; }},
      {"three hops", [](ModelOptions& options) { options.attention.hops = 3; }},
      {"beside each other", [](ModelOptions& options) { options.attention.kind = "luong-general+bahdanau"; }},
      {"gated heads, each layer, all encoder layers, deep output",
       [](ModelOptions& options) {
         options.attention.kind = "multi-head+luong-general";
         options.attention.heads = 2;
         options.attention.combine = "gate";
         options.attention_layers = "each";
         options.attention_source = "all";
         options.deep_output = true;
       }},
      {"gru", [](ModelOptions& options) { options.encoder_cell = options.decoder_cell = "gru"; }},
      {"gru, conditional, mean-tanh",
       [](ModelOptions& options) {
         options.encoder_cell = options.decoder_cell = "gru";
         options.attention_entry = "conditional";
         options.bridge = "mean-tanh";
       }},
      {"layernorm-lstm", [](ModelOptions& options) { options.encoder_cell = options.decoder_cell = "layernorm-lstm"; }},
      {"layernorm-lstm, all-layers",
       [](ModelOptions& options) {
         options.encoder_cell = options.decoder_cell = "layernorm-lstm";
         options.attention_entry = "all-layers";
       }},
      {"gru encoder, layernorm-lstm decoder, conditional",
       [](ModelOptions& options) {
         options.encoder_cell = "gru";
         options.decoder_cell = "layernorm-lstm";
         options.attention_entry = "conditional";
       }},
      {"gru encoder, copied",
       [](ModelOptions& options) {
         options.encoder_cell = "gru";
         options.bridge = "last";
       }},
      {"copied", [](ModelOptions& options) { options.bridge = "last"; }},
      {"linear bridge", [](ModelOptions& options) { options.bridge = "linear"; }},
      {"mean-tanh", [](ModelOptions& options) { options.bridge = "mean-tanh"; }},
      {"zero", [](ModelOptions& options) { options.bridge = "zero"; }},
      {"learned", [](ModelOptions& options) { options.bridge = "learned"; }},
      {"residual, attention at each layer",
       [](ModelOptions& options) {
         options.encoder_residual = options.decoder_residual = true;
         options.attention.kind = "luong-general";
         options.attention_layers = "each";
       }},
      {"residual", [](ModelOptions& options) { options.encoder_residual = options.decoder_residual = true; }},
      {"tied, narrow embeddings, conditional",
       [](ModelOptions& options) {
         options.tied = "target";
         options.target_embedding = 5;
         options.attention_entry = "conditional";
       }},
      {"tied, attention at each layer, deep output",
       [](ModelOptions& options) {
         options.tied = "target";
         options.attention.kind = "luong-general";
         options.attention_layers = "each";
         options.deep_output = true;
       }},
      {"tied, exact hard attention",
       [](ModelOptions& options) {
         options.tied = "target";
         options.attention.kind = "hard-exact";
       }},
      {"pyramid",
       [](ModelOptions& options) {
         options.encoder_layers = 3;
         options.encoder_pyramid = 2;
         options.encoder_residual = true;
       }},
      {"pyramid, mean-tanh, heads",
       [](ModelOptions& options) {
         options.encoder_layers = 2;
         options.encoder_pyramid = 1;
         options.bridge = "mean-tanh";
         options.attention.kind = "multi-head";
         options.attention.heads = 2;
       }},
      {"pyramid, exact hard attention",
       [](ModelOptions& options) {
         options.encoder_layers = 2;
         options.encoder_pyramid = 1;
         options.attention.kind = "hard-exact";
       }},
      {"pyramid, first order, residual, deep output",
       [](ModelOptions& options) {
         options.encoder_layers = 2;
         options.encoder_pyramid = 1;
         options.decoder_residual = true;
         options.deep_output = true;
         options.attention.kind = "hard-exact-first-order";
         options.attention.window = 2;
       }},
  };
  return all;
}

}  // namespace heed
