#include "html_page.h"

#include <gumbo.h>

#include <algorithm>
#include <memory>
#include <span>

#include "heed/base/utf8.h"

namespace heed::recipes {
namespace {

std::string_view attribute(const GumboElement& element, const char* name) {
  const GumboAttribute* found = gumbo_get_attribute(&element.attributes, name);
  return found == nullptr ? std::string_view() : found->value;
}

bool has_class(const GumboElement& element, std::string_view name) {
  std::string_view classes = attribute(element, "class");
  while (!classes.empty()) {
    const std::size_t end = std::min(classes.find(' '), classes.size());
    if (classes.substr(0, end) == name) return true;
    classes.remove_prefix(std::min(end + 1, classes.size()));
  }
  return false;
}

const GumboElement* element_of(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT ? &node->v.element : nullptr;
}

std::span<GumboNode* const> children_of(const GumboElement& element) {
  return {reinterpret_cast<GumboNode* const*>(element.children.data), element.children.length};
}

bool is_block(GumboTag tag) { return tag == GUMBO_TAG_P || (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6); }
bool is_program(GumboTag tag) { return tag == GUMBO_TAG_PRE || tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE; }

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::string text_of(const GumboElement& element);

/// A <span class="switchinline"> holds one variant of a phrase for each system: that for "every other system", or else
/// the first.
std::string standard_variant(const GumboElement& phrase) {
  const GumboElement* chosen = nullptr;
  for (const GumboNode* child : children_of(phrase)) {
    const GumboElement* variant = element_of(child);
    if (variant == nullptr || variant->tag != GUMBO_TAG_SPAN) continue;
    if (chosen == nullptr || attribute(*variant, "id").starts_with("default")) chosen = variant;
  }
  return chosen == nullptr ? "" : text_of(*chosen);
}

void append_span(std::string& out, const GumboElement& span) {
  const std::string text = has_class(span, "switchinline") ? standard_variant(span) : text_of(span);
  // Translators forget the space before a menu's name: "Choisissez<span>Fichier".
  const bool label = has_class(span, "emph") || has_class(span, "menuitem");
  if (label && !out.empty() && is_lower(out.back()) && !text.empty() && is_upper(text.front())) out += ' ';
  out += text;
}

void append_text(std::string& out, const GumboNode* node) {
  const GumboElement* element = element_of(node);
  if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE) {
    out += node->v.text.text;
  } else if (element == nullptr || is_program(element->tag)) {
    return;
  } else if (element->tag == GUMBO_TAG_BR) {
    out += ' ';
  } else if (element->tag == GUMBO_TAG_SPAN) {
    append_span(out, *element);
  } else {
    for (const GumboNode* child : children_of(*element)) append_text(out, child);
  }
}

std::string text_of(const GumboElement& element) {
  std::string out;
  for (const GumboNode* child : children_of(element)) append_text(out, child);
  return out;
}

/// Single spaces between words, none at the ends; soft hyphens and zero-width marks go.
std::string tidy(std::string_view text) {
  std::string out;
  bool space = false;
  for (const std::string_view character : utf8::chars(text)) {
    const char32_t c = utf8::decode(character);
    if (c == 0xad || c == 0x200b || c == 0x200e || c == 0x200f || c == 0x2060 || c == 0xfeff) continue;
    if (utf8::is_space(c) || c == 0xa0 || c == 0x202f || c < 0x20) {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += character;
  }
  return out;
}

/// Walks the page in the order of its text, from the element DisplayArea to the footer or the frame of the search.
class BlockReader {
 public:
  void visit(const GumboNode* node) {
    const GumboElement* element = element_of(node);
    if (element == nullptr || is_program(element->tag)) return;
    const std::string_view id = attribute(*element, "id");
    if (id == "DisplayArea") begun_ = true;
    if (begun_ && (element->tag == GUMBO_TAG_FOOTER || id == "SearchFrame")) done_ = true;
    if (done_) return;
    if (begun_ && is_block(element->tag)) {
      if (has_class(*element, "code")) return;
      blocks.push_back(
          {std::string(gumbo_normalized_tagname(element->tag)) + "#" + std::string(id), tidy(text_of(*element))});
      return;
    }
    for (const GumboNode* child : children_of(*element)) visit(child);
  }

  std::vector<Block> blocks;

 private:
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace

std::vector<Block> read_blocks(std::string_view html) {
  const auto destroy = [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); };
  const std::unique_ptr<GumboOutput, decltype(destroy)> page(
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()));
  BlockReader reader;
  reader.visit(page->root);
  return std::move(reader.blocks);
}

}  // namespace heed::recipes
