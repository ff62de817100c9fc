#include "decoder.h"

#include "arithmetic.h"
#include "heed/model/array_names.h"
#include "heed/model/context_entry.h"
#include "line_of.h"
#include "output.h"

namespace heed::onnx {
namespace {

constexpr const char* kAttentional = "decoder.attentional";
constexpr const char* kContext = "decoder.context";

/// The sum of products with arrays that begin with `name`, as far as the model has them, and a bias.
Value combined(Graph& g, const std::string& name, const Stepped& step) {
  Value out = without_context(g, name, step.top, step.embedded);
  return step.context.empty() ? out : add(g, out, linear(g, step.context, name + ".context"));
}

struct GateLine {
  const char* name;
  Value (*weigh)(Graph& g, const Value& z, const Value& source, const Value& target);
};

constexpr GateLine kGates[] = {
    {"source", [](Graph& g, const Value& z, const Value& source,
                  const Value& target) { return add(g, multiply(g, z, source), target); }},
    {"target", [](Graph& g, const Value& z, const Value& source,
                  const Value& target) { return add(g, source, multiply(g, z, target)); }},
    {"both", [](Graph& g, const Value& z, const Value& source,
                const Value& target) { return add(g, target, multiply(g, z, subtract(g, source, target))); }},
};

/// A step in the making, with the states before it.
class Making {
 public:
  Making(Exchange& exchange, const std::vector<CellState>& first)
      : exchange_(exchange), g_(exchange.step), options_(exchange.options), entry_(context_entry(options_)) {
    for (std::size_t l = 0; l < first.size(); ++l) begin_layer(static_cast<int>(l), first[l]);
    const auto zeros = [&](std::int64_t width) {
      return fill(exchange_.encoder, exchange_.encoder.number(0), exchange_.inside, 1, {width});
    };
    if (feeds()) {
      const std::int64_t width = options_.output_columns();
      attentional_ = exchange_.begin(kAttentional, zeros(width), {kBatch, width});
    }
    if (keeps_context()) {
      const std::int64_t width = exchange_.decoder.context_columns();
      context_ = exchange_.begin(kContext, zeros(width), {kBatch, width});
    }
  }

  Stepped run() {
    now_.token = g_.input("token", Type::kInt64, {kBatch});
    now_.embedded = g_.op("Gather", {g_.weight(kTargetEmbedding), known_token(exchange_, now_.token)});
    begin_output(exchange_, now_);
    below_ = now_.embedded;
    for (int l = 0; l < options_.decoder_layers; ++l) add_layer(l);
    if (feeds()) exchange_.carry(kAttentional, now_.attentional);
    if (keeps_context()) exchange_.carry(kContext, now_.context);
    return now_;
  }

 private:
  bool feeds() const { return g_.has_weight(decoder_name(0) + ".feed"); }
  bool attends() const { return has_attention(options_.attention); }
  bool keeps_context() const { return attends() && entry_.asks == Asks::kAfterFirstLayer; }
  bool is_last(int layer) const { return layer + 1 == options_.decoder_layers; }
  /// Whether it has an h~ of its own.
  bool combines(int layer) const { return is_last(layer) || options_.attends_in_each_layer(); }
  std::string name(const char* part, int layer) const {
    return name_at_attention(part, options_, options_.attends_in_each_layer() ? layer : 0);
  }
  static std::string hidden_name(int layer) { return decoder_name(layer) + ".hidden"; }
  static std::string cell_name(int layer) { return decoder_name(layer) + ".cell"; }

  void begin_layer(int layer, const CellState& first) {
    const Shape shape = {kBatch, std::int64_t{options_.decoder_hidden}};
    CellState& before = before_.emplace_back();
    before.hidden = exchange_.begin(hidden_name(layer), first.hidden, shape);
    if (!first.cell.empty()) before.cell = exchange_.begin(cell_name(layer), first.cell, shape);
  }

  void attend_with(int layer, const Value& query) {
    const AttentionSizes sizes{options_.decoder_hidden, memory_columns(options_)};
    now_.attended.push_back(
        attend({exchange_, options_.attention, sizes, name("attention", layer), query, exchange_.states_read}));
    now_.context = now_.attended.back().context;
  }

  std::vector<Term> terms(int layer) const {
    std::vector<Term> out;
    const std::string context = decoder_name(layer) + ".context";
    if (g_.has_weight(context)) out.push_back({layer == 0 && keeps_context() ? context_ : now_.context, context});
    if (layer == 0 && feeds()) out.push_back({attentional_, decoder_name(0) + ".feed"});
    return out;
  }

  CellState run_cells(int layer) {
    const CellName cell{options_.decoder_cell, decoder_name(layer)};
    const CellState& before = before_[static_cast<std::size_t>(layer)];
    CellState now = cell_step(g_, cell, input_projection(g_, cell, below_), terms(layer), before);
    if (layer == 0 && attends() && entry_.asks == Asks::kBetweenCells) {
      attend_with(0, now.hidden);
      const CellName second{options_.decoder_cell, cell.name + ".conditional"};
      now = cell_step(g_, second, input_projection(g_, second, now_.context), {}, now);
    }
    return transitions(g_, cell, options_.decoder_cell_depth, now);
  }

  void add_layer(int layer) {
    if (layer == 0 && attends()) {
      if (entry_.asks == Asks::kLastBefore) attend_with(0, before_.back().hidden);
      if (entry_.asks == Asks::kFirstBefore) attend_with(0, before_.front().hidden);
    }
    const CellState now = run_cells(layer);
    exchange_.carry(hidden_name(layer), now.hidden);
    if (!now.cell.empty()) exchange_.carry(cell_name(layer), now.cell);
    now_.hidden = now.hidden;
    now_.top = options_.decoder_residual && layer > 0 ? add(g_, now.hidden, below_) : now.hidden;
    const bool asks_after = entry_.asks == Asks::kAfterLastLayer ? combines(layer) : keeps_context() && layer == 0;
    if (attends() && asks_after) attend_with(layer, now_.top);
    below_ = now_.top;
    if (!combines(layer)) return;
    now_.attentional = combine(name("output", layer));
    below_ = now_.attentional;
  }

  Value combine(const std::string& output) {
    const std::string gate = output + ".gate";
    if (!g_.has_weight(gate + ".bias")) return tanh(g_, combined(g_, output, now_));
    const Value z = sigmoid(g_, combined(g_, gate, now_));
    const Value source = linear(g_, now_.context, output + ".context");
    const Value target = without_context(g_, output, now_.top, now_.embedded);
    return tanh(g_, line_of(kGates, "context gate", options_.context_gate).weigh(g_, z, source, target));
  }

  Exchange& exchange_;
  Graph& g_;
  const ModelOptions& options_;
  const ContextEntryKind& entry_;
  std::vector<CellState> before_;
  Value attentional_;  // before
  Value context_;      // before
  Value below_;        // what the layer beneath hands up
  Stepped now_;
};

}  // namespace

Value without_context(Graph& g, const std::string& name, const Value& hidden, const Value& embedded) {
  const Value out = linear(g, hidden, name + ".hidden", name + ".bias");
  const std::string of_embedded = name + ".embedding";
  return g.has_weight(of_embedded) ? add(g, out, linear(g, embedded, of_embedded)) : out;
}

Stepped add_decoder(Exchange& exchange, const std::vector<CellState>& first) { return Making(exchange, first).run(); }

Value mean_weights(Graph& g, const Stepped& step) {
  Values all;
  for (const Attended& each : step.attended) all.push_back(each.weights);
  return all.empty() ? Value() : mean(g, all);
}

}  // namespace heed::onnx
