#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "compositions.h"
#include "heed/nn/attention.h"
#include "heed/train/updater.h"
#include "kept_ids.h"

#ifndef HEED_SANITIZED  // which count for themselves

namespace {
std::atomic<long> allocations{0};
}

// What the C library has behind its own, which these stand before in this program.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
  ++allocations;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

namespace heed {
namespace {

std::vector<Example> batch_of(int count, int longest, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Example> out(static_cast<std::size_t>(count));
  for (Example& example : out) {
    for (std::span<const int>* side : {&example.source, &example.target}) {
      std::vector<int> ids;
      for (std::uint64_t left = 1 + rng.below(static_cast<std::uint64_t>(longest)); left > 0; --left) {
        ids.push_back(3 + static_cast<int>(rng.below(16)));
      }
      *side = kept(std::move(ids));
    }
  }
  return out;
}

ModelOptions narrow_model(const std::string& kind) {
  ModelOptions options;
  options.embedding = 6;
  options.encoder_hidden = options.decoder_hidden = 8;
  options.encoder_layers = options.decoder_layers = 2;
  options.dropout = 0.3;
  options.attention.kind = kind;
  return options;
}

/// Allocations of updates with batches that have been seen before; -1 if none is seen where there must be some.
long allocations_of_training(const ModelOptions& options) {
  Seq2Seq model(options, SourceTables(19), 19, 7);
  const auto optimizer = make_optimizer({.kind = "adam"}, model.parameters());
  WorkerPool pool(2);
  Updater updater(model, *optimizer, pool, {Precision::kFloat32, 2});
  std::vector<std::vector<Example>> batches;
  for (int b = 0; b < 3; ++b) {
    batches.push_back(batch_of(16 + b, 4 + 4 * b, static_cast<std::uint64_t>(b)));
    for (Example& example : batches.back()) example.copies = example.source;
  }
  const long first = allocations;
  long before = 0;
  for (int pass = 0; pass < 4; ++pass) {
    if (pass == 2) before = allocations;
    for (const auto& batch : batches) updater.update(batch, {0.001, 0, 0.1, 1});
  }
  return before == first ? -1 : allocations - before;
}

bool asks_for_none(const std::string& name, const ModelOptions& options) {
  const long count = allocations_of_training(options);
  if (count != 0) std::fprintf(stderr, "%s: %ld\n", name.c_str(), count);
  return count == 0;
}

bool none_asks() {
  bool none = true;
  for (const AttentionKind& kind : attention_kinds()) none = asks_for_none(kind.name, narrow_model(kind.name)) && none;
  for (const Composition& composition : compositions()) {
    ModelOptions options = narrow_model("bahdanau");
    composition.apply(options);
    none = asks_for_none(composition.name, options) && none;
  }
  ModelOptions copying = narrow_model("bahdanau");
  copying.copy = "pointer-generator";
  none = asks_for_none("copying", copying) && none;
  ModelOptions everywhere = narrow_model("bahdanau");
  everywhere.attention.dropout = everywhere.dropout.memory = everywhere.dropout.recurrent = 0.1;
  everywhere.dropout.source_words = everywhere.dropout.target_words = 0.1;
  none = asks_for_none("dropout in all places", everywhere) && none;
  // Then the words of the vocabulary are projected once.
  ModelOptions no_dropout = narrow_model("luong-general");
  no_dropout.dropout = 0;
  return asks_for_none("without dropout", no_dropout) && none;
}

TEST(Allocation, TrainingAsksForNoMemoryOnceItHasSeenItsBatches) { EXPECT_TRUE(none_asks()); }

}  // namespace
}  // namespace heed

#endif
