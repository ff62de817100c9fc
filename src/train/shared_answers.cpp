#include "shared_answers.h"

#include <cstring>

namespace heed {
namespace {

// An answer as it goes: figures, then the text.
struct Head {
  AttentionStatistics::Sentence attention;
  std::size_t bytes;
  std::size_t cut;
};

void write(const Answer& answer, std::string& to) {
  const Head head{answer.attention, answer.text.size(), answer.cut ? std::size_t{1} : 0};
  to.append(reinterpret_cast<const char*>(&head), sizeof(head));
  to += answer.text;
}

Answer read(const std::string& from, std::size_t& at) {
  Head head;
  std::memcpy(&head, from.data() + at, sizeof(head));
  at += sizeof(head);
  Answer out{from.substr(at, head.bytes), head.cut != 0, head.attention};
  at += head.bytes;
  return out;
}

}  // namespace

bool is_own_sentence(const Ranks* ranks, std::size_t i) {
  return ranks == nullptr || i % static_cast<std::size_t>(ranks->size()) == static_cast<std::size_t>(ranks->rank());
}

std::vector<Answer> share_answers(Ranks* ranks, std::vector<Answer> own, std::size_t count) {
  if (ranks == nullptr) return own;
  std::string packed;
  for (const Answer& answer : own) write(answer, packed);
  const std::vector<std::string> all = ranks->gather(packed);
  std::vector<std::size_t> at(all.size());
  std::vector<Answer> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(read(all[i % all.size()], at[i % all.size()]));
  return out;
}

}  // namespace heed
