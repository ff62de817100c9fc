#pragma once
#include "heed/model/config.h"
#include "heed/train/test_result.h"
#include "validator.h"

namespace heed {

// kTestFile of a run: how the bundle that stands there does on data.test, as validation judges but on all sentences.
// Each bundle that is written anew goes without it until it is judged.

/// Whether nothing is left to judge: there is no data.test, or the file is of this bundle and of these texts.
bool is_test_judged(const Config& config);

/// Judges a model with the weights of the bundle, writes the file, and returns what read_test() would. `best` is the
/// validation that the bundle was kept for. Throws Stopped as judge() does. Of several ranks the first alone writes,
/// and the others return nothing.
TestResult judge_test(const Candidate& candidate, const ValidationResult& best, const std::atomic<bool>& stop);

/// In words, for the log.
std::string test_text(const TestResult& result);

}  // namespace heed
