#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/metrics/accuracy.h"
#include "heed/metrics/aer.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/chrf.h"
#include "heed/metrics/rouge.h"
#include "heed/metrics/ter.h"
#include "heed/metrics/wer.h"
#include "segments.h"
#include "sentence_counts.h"

namespace heed {

// Of each metric what it counts in sentences, and its score of a sum of such rows. `references`: SentenceCounts'.

using Lines = std::vector<std::string>;
using Sums = std::span<const double>;

SentenceCounts count_bleu(const Texts& texts, const BleuOptions& options);
BleuScore bleu_of(Sums sums, const std::string& references, const BleuOptions& options);

SentenceCounts count_chrf(const Texts& texts, const ChrfOptions& options);
ChrfScore chrf_of(Sums sums, const std::string& references, const ChrfOptions& options);

SentenceCounts count_ter(const Texts& texts, const TerOptions& options);
TerScore ter_of(Sums sums, const std::string& references, const TerOptions& options);

SentenceCounts count_rouge(const Texts& texts, const RougeOptions& options);
RougeScore rouge_of(Sums sums, const std::string& references, const RougeOptions& options);

SentenceCounts count_wer(const Texts& texts, const WerOptions& options);
WerScore wer_of(Sums sums, const std::string& references, const WerOptions& options);

SentenceCounts count_cer(const Texts& texts, const WerOptions& options);
WerScore cer_of(Sums sums, const std::string& references, const WerOptions& options);

SentenceCounts count_edits(const Texts& texts, const WerOptions& options);
EditDistanceScore edit_distance_of(Sums sums, const std::string& references, const WerOptions& options);

SentenceCounts count_accuracy(const Texts& texts, const AccuracyOptions& options);
AccuracyScore accuracy_of(Sums sums, const std::string& references, const AccuracyOptions& options);

SentenceCounts count_token_accuracy(const Texts& texts, const AccuracyOptions& options);
AccuracyScore token_accuracy_of(Sums sums, const std::string& references, const AccuracyOptions& options);

SentenceCounts count_alignments(std::span<const AlignedLinks> sentences);
/// The hypotheses are Pharaoh lines, the references the sure links and, if there are any, the possible ones.
SentenceCounts count_alignments(const Texts& texts, const AerNames& names);
AerScore alignments_of(Sums sums);

}  // namespace heed
