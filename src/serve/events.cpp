#include <fmt/format.h>

#include "api.h"

namespace heed::serve {
namespace {

/// A reader that is so far behind gets the next words when it has read these: each event has all words so far.
constexpr std::size_t kMostUnread = std::size_t{256} << 10;

std::string event(const char* name, const std::string& json) {
  return fmt::format("event: {}\ndata: {}\n\n", name, json);
}

std::string token_event(const TranslationStep& step) {
  const OrderedJson json = {{"sentence", step.sentence}, {"text", step.text}, {"tokens", step.tokens}};
  return event("token", dump(json));
}

/// The object of an answer, with its place in the request.
std::string translation_event(std::size_t sentence, const std::string& json) {
  return event("translation", fmt::format("{{\"sentence\":{},{}", sentence, json.substr(1)));
}

}  // namespace

void answer_in_events(const ExchangePointer& exchange, Job& job) {
  job.on_step = [exchange](const TranslationStep& step) {
    // A beam's first words may change: an event has them all.
    if (exchange->unread() < kMostUnread) exchange->write(token_event(step));
    return !exchange->is_gone();
  };
  job.on_answer = [exchange](std::size_t sentence, const std::string& json) {
    exchange->write(translation_event(sentence, json));
  };
  job.on_end = [exchange, model = job.model->name](const Problem* problem) {
    exchange->write(problem == nullptr ? event("done", dump({{"model", model}})) : event("error", problem->json()));
    exchange->finish();
  };
}

}  // namespace heed::serve
