// What the script of a page calls (src/view/single/). Texts are bytes of UTF-8 in the memory of the program, which the
// script takes and fills; what is answered stays there until the next call.
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "program.h"

namespace {

using heed::wasm::Program;
using heed::wasm::Reply;

// The script has one program, and calls one function at a time.
std::vector<heed::NamedBytes> files;     // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::unique_ptr<const Program> program;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
Reply reply;                             // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

#define HEED_FOR_SCRIPT(name) extern "C" __attribute__((export_name(#name)))

HEED_FOR_SCRIPT(heed_take) void* heed_take(std::size_t bytes) { return std::malloc(bytes); }
HEED_FOR_SCRIPT(heed_give_back) void heed_give_back(void* memory) { std::free(memory); }

/// Of which version it is, for single_page() of the room view, which finds the text in the file.
HEED_FOR_SCRIPT(heed_mark) const char* heed_mark() { return HEED_PROGRAM_MARK; }

/// A file of the bundle, whose bytes were taken and stay until heed_open().
HEED_FOR_SCRIPT(heed_add) void heed_add(const char* name, std::size_t length, const char* data, std::size_t bytes) {
  files.push_back({std::string(name, length), {data, bytes}});
}

/// Makes the program of all files under a name. The status is 200, or that of the refusal that is then the answer.
HEED_FOR_SCRIPT(heed_open) int heed_open(const char* name, std::size_t length) {
  try {
    program = std::make_unique<Program>(std::string(name, length), heed::Folder::of_memory(files, "page"));
    reply = {};
  } catch (...) {
    reply = heed::wasm::current_refusal();
  }
  for (const heed::NamedBytes& file : files) std::free(const_cast<char*>(file.bytes.data()));
  files.clear();
  return reply.status;
}

/// The status of the answer.
HEED_FOR_SCRIPT(heed_ask) int heed_ask(const char* what, std::size_t length, const char* body, std::size_t bytes) {
  reply = program->ask({what, length}, {body, bytes});
  return reply.status;
}
HEED_FOR_SCRIPT(heed_answer) const char* heed_answer() { return reply.body.data(); }
HEED_FOR_SCRIPT(heed_answer_bytes) std::size_t heed_answer_bytes() { return reply.body.size(); }
