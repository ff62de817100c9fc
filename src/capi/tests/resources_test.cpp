// Threads and memory that the system does not give: errors, or a slower way, and nothing worse. Each is tried in a
// process of its own.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "model_files.h"

namespace heed {
namespace {

constexpr long kAll = -1;
thread_local long allocations_left = kAll;

void* allocated(std::size_t size) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left > 0) --allocations_left;
  if (void* const out = std::malloc(std::max<std::size_t>(size, 1))) return out;
  throw std::bad_alloc();
}

/// The status of a process that does this, or 128 and the signal that ended it.
template <typename Work>
int status_of(const Work& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace
}  // namespace heed

void* operator new(std::size_t size) { return heed::allocated(size); }
// As the library's does; that of AddressSanitizer would not go with the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return heed::allocated(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace heed {
namespace {

TEST(CapiResources, AModelOpensAndTranslatesWithoutAThread) {
  const ModelFiles files = toy_files();
  const int status = status_of([&] {
    const rlimit none = {1, 1};
    if (setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
    if (getuid() == 0 && setuid(65534) != 0) return 3;  // root has no limit
    heed_model* model = nullptr;
    if (heed_error* const error = open_files(files, &model)) return 10 + heed_error_code(error);
    const heed_text sentences[] = {{"3 4", 3}, {"5", 1}};
    heed_translate_options options;
    heed_translate_options_init(&options, sizeof options);
    heed_result* result = nullptr;
    if (heed_translate(model, sentences, 2, &options, &result) != nullptr) return 4;
    options.threads = 2;
    if (heed_translate(model, sentences, 1, &options, &result) != nullptr) return 6;  // one batch, one thread
    heed_error* const error = heed_translate(model, sentences, 2, &options, &result);
    return error == nullptr ? 5 : 20 + heed_error_code(error);
  });
  EXPECT_EQ(status, 20 + HEED_ERROR_SYSTEM);
}

// The table of metrics is made in the first call of a process: here by each child, if this test runs alone, as in
// ctest.
TEST(CapiResources, AMetricWithoutMemoryIsAnError) {
  const auto evaluates_with = [](long allocations, const std::string& metric) {
    return status_of([&] {
      const heed_text text = {"a b", 3};
      heed_evaluation* evaluation = nullptr;
      allocations_left = allocations;
      heed_error* const error = heed_evaluate(view(metric), &text, &text, 1, 1, nullptr, &evaluation);
      return error == nullptr ? 0 : heed_error_code(error);
    });
  };
  for (const std::string metric : {"bleu", "ter", "rouge", "wer", "accuracy"}) {
    ASSERT_EQ(evaluates_with(kAll, metric), 0);
    for (long allocations = 0, status = -1; status != 0; ++allocations) {
      status = evaluates_with(allocations, metric);
      ASSERT_TRUE(status == 0 || status == HEED_ERROR_SYSTEM) << metric << ": " << status << " at " << allocations;
    }
  }
}

}  // namespace
}  // namespace heed
