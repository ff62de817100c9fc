#pragma once
#include <CLI/CLI.hpp>

namespace heed::app {

// Each adds a command; its callback runs it and throws heed::Error when it fails.
void add_train(CLI::App& app);
void add_translate(CLI::App& app);
void add_distill(CLI::App& app);
void add_score(CLI::App& app);
void add_rescore(CLI::App& app);
void add_align(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_view(CLI::App& app);
void add_report(CLI::App& app);
void add_probe(CLI::App& app);
void add_serve(CLI::App& app);
void add_info(CLI::App& app);
void add_list(CLI::App& app);
void add_average(CLI::App& app);
void add_quantize(CLI::App& app);
void add_export(CLI::App& app);
void add_shortlist(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_detokenize(CLI::App& app);
void add_data(CLI::App& app);
void add_data_cache(CLI::App& data);
void add_bench(CLI::App& app);
void add_completion(CLI::App& app);

}  // namespace heed::app
