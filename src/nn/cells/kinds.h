#pragma once
#include <memory>
#include <string>

#include "heed/nn/cell.h"

// The cells that cell.cpp lists; each is made in its own file.
namespace heed {

std::unique_ptr<Cell> make_lstm(const std::string& name, std::int64_t in, std::int64_t hidden);
std::unique_ptr<Cell> make_gru(const std::string& name, std::int64_t in, std::int64_t hidden);
std::unique_ptr<Cell> make_layer_norm_lstm(const std::string& name, std::int64_t in, std::int64_t hidden);
std::unique_ptr<Cell> make_layer_norm_gru(const std::string& name, std::int64_t in, std::int64_t hidden);

/// Makes the bias of a forget gate, the second of four, InitialOptions::forget_bias at first.
void open_forget_gate(Parameter& bias);
/// A vector of ones.
Parameter make_gain(std::string name, std::int64_t size);
/// The sum of products, in the first rows, which all of them have, `rows` at most; empty without terms.
Variable sum_of_products(Tape& tape, std::span<const LinearTerm> terms, std::int64_t rows);
/// Products that a step has to compute: of the input, if it was not projected, of what else the cell reads, and, if
/// there is a state before, of its hidden state. They lie in the arena.
std::span<LinearTerm> step_terms(Tape& tape, const CellInput& input, const Parameter& weight, const Variable& hidden,
                                 const Parameter* recurrent);

}  // namespace heed
