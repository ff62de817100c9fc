#include "profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "heed/base/rng.h"
#include "heed/products/matmul.h"
#include "heed/tensor/buffer.h"
#include "measure.h"
#include "ways.h"

namespace heed::bench {
namespace {

constexpr double kLeastShare = 0.004;  // of a line of its own

double gflop_of(const Work& product) {
  return 2e-9 * static_cast<double>(product.rows) * static_cast<double>(product.in) * static_cast<double>(product.out);
}

Buffer random_values(std::int64_t rows, std::int64_t columns) {
  Rng rng(1);
  Buffer out(rows, columns);
  for (std::int64_t i = 0; i < out.view().size(); ++i) out.view().data[i] = static_cast<float>(rng.uniform()) - 0.5F;
  return out;
}

/// Median seconds of some runs.
template <typename Run>
double seconds_of(Run&& run) {
  constexpr int kRuns = 9;
  run();
  std::vector<double> seconds;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = Clock::now();
    run();
    seconds.push_back(seconds_since(start));
  }
  return percentile(seconds, 0.5);
}

struct Best {
  double gflops = 0;
  std::string_view way;
};

/// Of all ways in a precision, with operands that are near the processor.
Best best_alone(const Work& product, Precision precision) {
  const bool gradient = product.name == kGradientWork;
  const std::int64_t rows = product.rows;
  const Buffer x = random_values(rows, product.in);
  Best best;
  for (const ProductWay& way : product_ways()) {
    if (way.precision != precision || !way.available() || way.in_place || (gradient && way.gradient == nullptr))
      continue;
    double seconds = 0;
    if (gradient) {
      const Buffer dy = random_values(rows, product.out);
      const Buffer dw(product.in, product.out);
      const std::array parts{GradientRows{x.view(), dy.view()}};
      seconds = seconds_of([&] { matmul_gradient(parts, dw.view(), Accumulate::kNo, way); });
    } else {
      PackedWeights weights;
      weights.pack(random_values(product.in, product.out).view(), false, way);
      const Buffer y(rows, product.out);
      seconds = seconds_of([&] { matmul(x.view(), weights, y.view(), Accumulate::kNo); });
    }
    if (const double gflops = gflop_of(product) / seconds; gflops > best.gflops) best = {gflops, way.name};
  }
  return best;
}

/// In a thread of its own, as pools compute: with one thread in each product.
Best best_of_thread(const Work& product, Precision precision) {
  Best best;
  WorkerPool pool(1);
  pool.run([&](int) { best = best_alone(product, precision); });
  return best;
}

using Lines = std::vector<std::pair<Work, WorkSpent>>;

Lines sorted(const WorkDetails& details, bool products) {
  Lines lines;
  for (const auto& [work, spent] : details) {
    if ((work.kind == WorkKind::kProduct) == products) lines.emplace_back(work, spent);
  }
  std::ranges::sort(lines, [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
  return lines;
}

std::string rates_of(const Lines::value_type& line, const Profile& profile) {
  const auto& [product, spent] = line;
  const double gflop = gflop_of(product);
  const Best best = best_of_thread(product, profile.precision);
  return fmt::format("{:.0f} | {:.0f} | {} |", gflop * static_cast<double>(spent.times) / spent.seconds, best.gflops,
                     best.way);
}

std::string start_of(const Lines::value_type& line, const Profile& profile) {
  const auto& [work, spent] = line;
  return fmt::format("{:.1f} | {:.3g} | {:.1f} % |", static_cast<double>(spent.times) / profile.units,
                     spent.seconds / profile.units * 1e3, 100 * spent.seconds / profile.thread_seconds);
}

std::string others(const Lines& lines, const Profile& profile, std::string_view cells) {
  WorkSpent sum;
  int count = 0;
  for (const auto& [work, spent] : lines) {
    if (spent.seconds >= kLeastShare * profile.thread_seconds) continue;
    sum.seconds += spent.seconds;
    sum.times += spent.times;
    ++count;
  }
  return count == 0
             ? ""
             : fmt::format("| {} other{} | {}{}\n", count, count == 1 ? "" : "s", start_of({{}, sum}, profile), cells);
}

std::string products_table(const Profile& profile) {
  std::string out = fmt::format(
      "| product, rows x in x out | times {0} | ms of all threads | share | GFLOP/s | best way alone | |\n"
      "|---|---|---|---|---|---|---|\n",
      profile.unit);
  const Lines lines = sorted(profile.details, true);
  double gflop = 0;
  double seconds = 0;
  for (const auto& line : lines) {
    const auto& [product, spent] = line;
    gflop += gflop_of(product) * static_cast<double>(spent.times);
    seconds += spent.seconds;
    if (spent.seconds < kLeastShare * profile.thread_seconds) continue;
    out += fmt::format("| {} {} x {} x {} | {} {}\n", product.name, product.rows, product.in, product.out,
                       start_of(line, profile), rates_of(line, profile));
  }
  out += others(lines, profile, " | | |");
  return out + fmt::format(
                   "\nProducts: {:.3g} GFLOP {} at {:.0f} GFLOP/s a thread; at the machine's rate, {:.0f}, "
                   "they would take {:.3g} of {:.3g} ms.\n",
                   gflop / profile.units, profile.unit, gflop / seconds, profile.thread_gflops,
                   gflop / profile.thread_gflops / profile.units * 1e3, seconds / profile.units * 1e3);
}

constexpr std::array kKinds = {"overhead", "product", "vector", "memory", "waiting"};  // in the order of WorkKind

std::string work_table(const Profile& profile) {
  std::string out =
      fmt::format("| other work | times {} | ms of all threads | share | |\n|---|---|---|---|---|\n", profile.unit);
  const Lines lines = sorted(profile.details, false);
  for (const auto& line : lines) {
    if (line.second.seconds < kLeastShare * profile.thread_seconds) continue;
    const Work& work = line.first;
    const std::string name(work.name.empty() ? "all else" : work.name);
    out += fmt::format("| {} | {} {} |\n", name, start_of(line, profile), kKinds[static_cast<std::size_t>(work.kind)]);
  }
  return out + others(lines, profile, " |");
}

}  // namespace

std::string describe(const Profile& profile) {
  const double milliseconds = profile.thread_seconds / profile.threads / profile.units * 1e3;
  return fmt::format("{}, {} thread{}: {:.3g} ms {}\n\n", name_of(profile.precision), profile.threads,
                     profile.threads == 1 ? "" : "s", milliseconds, profile.unit) +
         products_table(profile) + "\n" + work_table(profile);
}

std::string describe_memory(const std::vector<std::pair<std::string, double>>& kinds, double peak) {
  std::string out = "| memory | MB |\n|---|---|\n";
  double left = peak;
  for (const auto& [name, bytes] : kinds) {
    out += fmt::format("| {} | {:.0f} |\n", name, bytes * 1e-6);
    left -= bytes;
  }
  return out + fmt::format("| all else: the program, data, compiled products | {:.0f} |\n| peak | {:.0f} |\n",
                           left * 1e-6, peak * 1e-6);
}

}  // namespace heed::bench
