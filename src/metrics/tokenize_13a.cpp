#include "heed/metrics/bleu.h"
#include "words.h"

namespace heed {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_stop(char c) { return c == '.' || c == ','; }

/// ASCII punctuation that always stands alone: all but apostrophe, comma, full stop and hyphen.
bool is_symbol(char c) {
  return (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  std::string_view rest = text;
  for (std::size_t at; (at = rest.find(from)) != std::string_view::npos; rest.remove_prefix(at + from.size()))
    out.append(rest.substr(0, at)).append(to);
  text = out.append(rest);
}

std::string isolate_symbols(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (is_symbol(c)) {
      out += {' ', c, ' '};
    } else {
      out += c;
    }
  }
  return out;
}

/// Rewrites, from the left and without overlap, each pair of neighbours of which `applies` is true. The rules of
/// mteval look at bytes below 0x80 or at "no digit", so that pairs of bytes serve as well as pairs of characters.
template <typename Applies, typename Rewrite>
std::string rewrite_pairs(const std::string& text, Applies applies, Rewrite rewrite) {
  std::string out;
  std::size_t at = 0;
  while (at + 1 < text.size()) {
    if (applies(text[at], text[at + 1])) {
      rewrite(out, text[at], text[at + 1]);
      at += 2;
    } else {
      out += text[at++];
    }
  }
  out.append(text, at);
  return out;
}

}  // namespace

std::string tokenize_13a(const std::string& line) {
  std::string text = " " + line + " ";
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");

  text = isolate_symbols(text);
  const auto separate_second = [](std::string& out, char a, char b) { out += {a, ' ', b, ' '}; };
  const auto separate_first = [](std::string& out, char a, char b) { out += {' ', a, ' ', b}; };
  // A full stop or comma stays in a word only between digits; a hyphen leaves a digit before it.
  text = rewrite_pairs(
      text, [](char a, char b) { return !is_digit(a) && is_stop(b); }, separate_second);
  text = rewrite_pairs(
      text, [](char a, char b) { return is_stop(a) && !is_digit(b); }, separate_first);
  text = rewrite_pairs(
      text, [](char a, char b) { return is_digit(a) && b == '-'; }, separate_second);
  return join(split_words(text), " ");
}

}  // namespace heed
