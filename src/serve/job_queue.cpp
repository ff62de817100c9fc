#include "job_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heed/base/error.h"
#include "heed/record/json_lines.h"
#include "heed/translate/align.h"

namespace heed::serve {
namespace {

constexpr std::size_t kFew = 4;  // sentences of a batch that is not worth dividing

/// A line of JSON as an object inside of another text.
std::string object_of(std::string line) {
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

std::size_t length_of(const JobLine& line) { return std::max(line.source.size(), line.target.size()); }

Problem late() { return {503, "timeout", "the server was too busy to answer in time", {{"Retry-After", "1"}}}; }

}  // namespace

JobQueue::JobQueue(QueueOptions options, Metrics& metrics) : options_(options), metrics_(metrics) {
  for (int i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { work(); });
}

JobQueue::~JobQueue() { end(); }

void JobQueue::end() {
  std::deque<Entry> left;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    for (Call& call : calls_) call.stop = true;
    left.swap(entries_);
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  for (const Entry& entry : left) entry.job->fail(stopping());
}

void JobQueue::add(const std::shared_ptr<Job>& job) {
  if (job->lines.size() > options_.most_lines) {
    throw Problem(413, "too_many_sentences",
                  fmt::format("{} sentences are more than the server takes at once, which are {}", job->lines.size(),
                              options_.most_lines));
  }
  const Clock::time_point now = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (ends_) throw stopping();
    if (entries_.size() + job->lines.size() > options_.most_lines) {
      throw Problem(429, "busy", fmt::format("{} sentences wait already", entries_.size()), {{"Retry-After", "1"}});
    }
    for (std::size_t i = 0; i < job->lines.size(); ++i) entries_.push_back({job, i, now});
    job->begin();
  }
  changed_.notify_all();
}

void JobQueue::end_what_is_late() {
  const Clock::time_point now = Clock::now();
  std::vector<std::shared_ptr<Job>> late_jobs;
  {
    const std::lock_guard lock(mutex_);
    late_jobs.reserve(entries_.size());  // no memory: none is lost
    for (Call& call : calls_) {
      if (call.deadline < now) call.stop = true;
    }
    std::erase_if(entries_, [&](Entry& entry) {
      if (entry.job->deadline >= now) return false;
      late_jobs.push_back(std::move(entry.job));
      return true;
    });
  }
  if (!late_jobs.empty()) changed_.notify_all();  // who waits for more beside them
  for (const std::shared_ptr<Job>& job : late_jobs) job->fail(late());
}

bool JobQueue::is_ending() const {
  const std::lock_guard lock(mutex_);
  return ends_;
}

std::size_t JobQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void JobQueue::work() {
  while (true) {
    try {
      std::vector<Entry> batch = take();
      if (batch.empty()) return;
      answer(batch);
    } catch (const std::bad_alloc&) {  // jobs that were lost end by themselves
    }
  }
}

/// Waits for sentences; none when the queue ends.
std::vector<JobQueue::Entry> JobQueue::take() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    const auto first = first_due();
    if (first != entries_.end()) return take_like(static_cast<std::size_t>(first - entries_.begin()));
    if (entries_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, entries_.front().since + options_.batch_wait);
    }
  }
  return {};
}

/// With the lock. The oldest that waits for no others any more, if there is one.
std::deque<JobQueue::Entry>::const_iterator JobQueue::first_due() const {
  if (entries_.size() >= static_cast<std::size_t>(options_.batch)) return entries_.begin();
  const Clock::time_point begun = Clock::now() - options_.batch_wait;
  return std::ranges::find_if(entries_,
                              [&](const Entry& entry) { return entry.since <= begun || entry.job->is_alone(); });
}

/// How many of so many sentences that go together a worker takes. More would wait for the longest of them, while those
/// that are as long go well together, and the next worker takes its share of the rest. What was waited for stays whole.
std::size_t JobQueue::share(std::size_t alike) const {
  const auto batch = static_cast<std::size_t>(options_.batch);
  if (options_.batch_wait.count() > 0) return batch;
  const auto threads = static_cast<std::size_t>(options_.threads);
  return std::min(batch, std::max(kFew, (alike + threads - 1) / threads));
}

/// With the lock.
std::vector<JobQueue::Entry> JobQueue::take_like(std::size_t oldest) {
  const Job& first = *entries_[oldest].job;
  const std::size_t length = length_of(entries_[oldest].text());
  std::vector<std::size_t> places = {oldest};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i != oldest && entries_[i].job->goes_with(first)) places.push_back(i);
  }
  // What is drawn depends on the place of a sentence in its call.
  const std::size_t most = first.search.sample ? 1 : share(places.size());
  if (places.size() > most) {
    const auto unlike = [&](std::size_t place) {
      const std::size_t own = length_of(entries_[place].text());
      return own > length ? own - length : length - own;
    };
    std::stable_sort(places.begin() + 1, places.end(),
                     [&](std::size_t a, std::size_t b) { return unlike(a) < unlike(b); });
    places.resize(most);
  }
  std::ranges::sort(places);
  std::vector<Entry> out;
  out.reserve(places.size());
  for (const std::size_t place : places) out.push_back(std::move(entries_[place]));
  std::erase_if(entries_, [](const Entry& entry) { return entry.job == nullptr; });
  return out;
}

void JobQueue::answer(std::span<Entry> batch) {
  const Clock::time_point now = Clock::now();
  const auto needed = std::stable_partition(batch.begin(), batch.end(), [&](const Entry& entry) {
    return !entry.job->is_over() && entry.job->deadline > now;
  });
  for (auto entry = needed; entry != batch.end(); ++entry) entry->job->fail(late());
  batch = batch.first(static_cast<std::size_t>(needed - batch.begin()));
  if (batch.empty()) return;
  const std::vector<std::string> answers = computed(batch);
  for (std::size_t i = 0; i < answers.size(); ++i) batch[i].job->answer(batch[i].line, answers[i]);
}

/// A call that end_what_is_late() and end() can stop.
class JobQueue::UnderWay {
 public:
  UnderWay(JobQueue& queue, std::span<const Entry> batch) : queue_(queue) {
    const std::lock_guard lock(queue_.mutex_);
    call_ = queue_.calls_.emplace(queue_.calls_.end());
    for (const Entry& entry : batch) call_->deadline = std::max(call_->deadline, entry.job->deadline);
    call_->stop = queue_.ends_;
  }
  ~UnderWay() {
    const std::lock_guard lock(queue_.mutex_);
    queue_.calls_.erase(call_);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  const std::atomic<bool>& stop() const { return call_->stop; }

 private:
  JobQueue& queue_;
  std::list<Call>::iterator call_;
};

/// None if that failed, which the jobs then know.
std::vector<std::string> JobQueue::computed(std::span<Entry> batch) {
  try {
    const UnderWay call(*this, batch);
    return compute(batch, call.stop());
  } catch (const Error& error) {
    if (batch.size() > 1) {  // one sentence may be the reason: the others are answered
      for (Entry& entry : batch) answer(std::span(&entry, 1));
      return {};
    }
    batch.front().job->fail(problem_of(error));
  } catch (const std::exception& error) {
    const Problem problem = is_ending() ? stopping() : problem_of(error);
    for (const Entry& entry : batch) entry.job->fail(problem);
  }
  return {};
}

std::vector<std::string> JobQueue::compute(std::span<Entry> batch, const std::atomic<bool>& stop) {
  const Clock::time_point begin = Clock::now();
  std::vector<std::string> out;
  switch (batch.front().job->task) {
    case Task::kTranslate:
      out = translate(batch, stop);
      break;
    case Task::kScore:
      out = score(batch, stop);
      break;
    case Task::kAlign:
      out = align(batch, stop);
      break;
  }
  metrics_.add_batch(batch.size(), Clock::now() - begin);
  return out;
}

std::vector<std::string> JobQueue::translate(std::span<Entry> batch, const std::atomic<bool>& stop) {
  const Job& job = *batch.front().job;
  TranslateOptions options = job.search.options();
  options.batch_sentences = options_.batch;
  options.max_source_tokens = options_.most_tokens;
  options.first_sentence = batch.front().line;
  options.stop = &stop;
  if (job.on_step) {
    options.on_step = [&](TranslationStep step) {
      step.sentence = batch[step.sentence].line;
      return job.on_step(step);
    };
  }
  std::vector<std::string> sentences;
  std::vector<FeatureValues> features;
  std::vector<OutputConstraints> constraints;
  for (const Entry& entry : batch) {
    sentences.push_back(entry.text().source);
    if (!entry.text().features.empty()) features.push_back(entry.text().features);
    constraints.push_back(entry.text().constraints);
  }
  if (std::ranges::all_of(constraints, &OutputConstraints::empty)) constraints.clear();
  std::vector<std::string> out;
  for (const Translated& translated : job.model->translator->translate(sentences, options, features, constraints)) {
    std::string fault = translated.fault;
    if (translated.tokens_cut > 0) fault = fmt::format("the sentence has more than {} tokens", options_.most_tokens);
    metrics_.add_sentence(translated);
    out.push_back(object_of(!fault.empty() ? to_error_line(translated.source, fault)
                                           : to_json_line(translated, {.attention = job.search.attention,
                                                                       .token_scores = job.search.token_scores})));
  }
  return out;
}

ScoreOptions JobQueue::score_options(const Entry& first, const std::atomic<bool>& stop) const {
  return {.batch_sentences = options_.batch,
          .attention = first.job->search.attention,
          .max_length = options_.most_tokens,
          .first_line = static_cast<long>(first.line) + 1,
          .stop = &stop};
}

namespace {

std::vector<SentencePair> pairs_of(const auto& batch) {
  std::vector<SentencePair> out;
  for (const auto& entry : batch) out.push_back({entry.text().source, entry.text().target, entry.text().features});
  return out;
}

}  // namespace

std::vector<std::string> JobQueue::score(std::span<Entry> batch, const std::atomic<bool>& stop) const {
  const Job& job = *batch.front().job;
  std::vector<std::string> out;
  for (const Translated& scored :
       score_pairs(job.model->bundles, pairs_of(batch), score_options(batch.front(), stop))) {
    out.push_back(object_of(to_scored_line(scored, {.attention = job.search.attention})));
  }
  return out;
}

std::vector<std::string> JobQueue::align(std::span<Entry> batch, const std::atomic<bool>& stop) const {
  const Job& job = *batch.front().job;
  AlignOptions options;
  options.score = score_options(batch.front(), stop);
  options.score.attention = true;
  options.choice.shift = job.shift;
  const std::vector<AlignedPair> aligned = align_pairs(job.model->bundles, pairs_of(batch), options);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const JobLine& pair = batch[i].text();
    out.push_back(object_of(to_aligned_line(pair.source, pair.target, aligned[i].links, aligned[i].weights)));
  }
  return out;
}

}  // namespace heed::serve
