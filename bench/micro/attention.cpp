#include "heed/kernels/attention.h"

#include "fmt/format.h"
#include "kernel.h"
#include "sentences.h"

// Dot and additive attention, weighted sums and their gradients: one decoder step of 32 sentences, a worker's half
// of 64.
namespace heed::micro {
namespace {

constexpr int kSentences = 32;

struct Size {
  int length;
  std::int64_t columns;
};
constexpr Size kSizes[] = {{26, 512}, {10, 128}};

// A worker's operands for `steps` steps at once.
struct Operands {
  Operands(const Size& size, int steps)
      : sentences(kSentences, size.length, steps),
        rows(kSentences * std::int64_t{steps}),
        source(random_buffer(sentences.positions(), size.columns)),
        d_source(sentences.positions(), size.columns),
        query(random_buffer(rows, size.columns)),
        d_query(rows, size.columns),
        weights(random_buffer(rows, size.length, 0.1)),
        scores(rows, size.length),
        v(random_buffer(1, size.columns, 0.1)),
        d_v(1, size.columns) {}

  Sentences sentences;
  std::int64_t rows;
  Buffer source, d_source;  // keys, or values
  Buffer query, d_query;    // or contexts
  Buffer weights, scores;
  Buffer v, d_v;
};

double multiply_adds(const Size& size, int steps) {
  return 1.0 * kSentences * steps * size.length * static_cast<double>(size.columns);
}

// The source is what counts: each step reads all of it, once, and the queries are few beside it.
double source_bytes(const Size& size) { return sizeof(float) * multiply_adds(size, 1); }

template <typename Run>
void add_step(const char* name, const Size& size, const Work& work, int steps, Run run) {
  add_kernel(fmt::format("attention/{}/{}x{}x{}", name, kSentences * steps, size.length, size.columns), work,
             [=] { return [=, operands = Operands(size, steps)] { run(operands.sentences.pairing(), operands); }; });
}

void add_dot_attention(const Size& size) {
  const Work work{2 * multiply_adds(size, 1), source_bytes(size)};
  add_step("dot scores", size, work, 1, [](const Pairing& pairing, const Operands& of) {
    add_dot_scores(pairing, of.query.view(), of.source.view(), of.scores.view());
  });
  add_step("weighted sum", size, work, 1, [](const Pairing& pairing, const Operands& of) {
    add_weighted_rows(pairing, of.weights.view(), of.source.view(), of.d_query.view());
  });
  // The gradient of the source, for all steps at once.
  const int steps = size.length;
  const Work all{2 * multiply_adds(size, steps)};
  add_step("outer products", size, all, steps, [](const Pairing& pairing, const Operands& of) {
    add_outer_products(pairing, of.weights.view(), of.query.view(), of.d_source.view());
  });
}

void add_additive_attention(const Size& size) {
  add_step("additive scores", size, {0, source_bytes(size)}, 1, [](const Pairing& pairing, const Operands& of) {
    additive_scores(pairing, of.query.view(), of.source.view(), of.v.view().data, of.scores.view());
  });
  // Keys are read, their gradients read and written.
  add_step("additive backward", size, {0, 3 * source_bytes(size)}, 1, [](const Pairing& pairing, const Operands& of) {
    additive_backward(pairing, of.query.view(), of.source.view(), of.v.view().data,
                      {of.weights.view(), of.d_query.view(), of.d_source.view(), of.d_v.view().data});
  });
}

void add_softmax(const Size& size) {
  const double scores = sizeof(float) * static_cast<double>(kSentences) * size.length;
  add_step("softmax forward", size, {0, 2 * scores}, 1, [](const Pairing& pairing, const Operands& of) {
    softmax_forward(pairing, of.weights.view(), of.scores.view());
  });
  add_step("softmax backward", size, {0, 4 * scores}, 1, [](const Pairing& pairing, const Operands& of) {
    softmax_backward(pairing, of.weights.view(), of.weights.view(), of.scores.view());
  });
}

}  // namespace

void add_attention() {
  for (const Size& size : kSizes) {
    add_dot_attention(size);
    add_additive_attention(size);
    add_softmax(size);
  }
}

}  // namespace heed::micro
