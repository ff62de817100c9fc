#pragma once
#include "decoder.h"
#include "exchange.h"

namespace heed::onnx {

/// The token that the decoder reads: for a word that was copied and is in no vocabulary <unk>.
Value known_token(Exchange& exchange, const Value& token);
/// Before the decoder's step: what the token tells an output of the previous one.
void begin_output(Exchange& exchange, const Stepped& step);
/// From the decoder's step to log-probabilities [B, V].
void add_output(Exchange& exchange, const Stepped& step);
/// Adds weights over tokens [B, source] as outputs: the mean, and where there are several those of each layer and head.
/// Returns the names of these, by layer.
std::vector<std::vector<std::string>> add_attention(Exchange& exchange, const Stepped& step);

}  // namespace heed::onnx
