#include "html_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "heed/base/utf8.h"

namespace heed::recipes {
namespace {

struct Tag {
  std::string_view name;
  std::string_view attributes;
  bool closes = false;
};

/// The value of one attribute as it stands, or nothing; the pages quote all of them with ".
std::string_view attribute(const Tag& tag, std::string_view name) {
  constexpr std::string_view kEquals = "=\"";
  for (std::size_t at = tag.attributes.find(name); at != std::string_view::npos;
       at = tag.attributes.find(name, at + 1)) {
    const std::size_t behind = at + name.size();
    if (at == 0 || tag.attributes[at - 1] != ' ' || tag.attributes.substr(behind, 2) != kEquals) continue;
    const std::size_t begin = behind + kEquals.size();
    return tag.attributes.substr(begin, tag.attributes.find('"', begin) - begin);
  }
  return {};
}

bool has_class(const Tag& tag, std::string_view name) {
  std::string_view classes = attribute(tag, "class");
  while (!classes.empty()) {
    const std::size_t end = std::min(classes.find(' '), classes.size());
    if (classes.substr(0, end) == name) return true;
    classes.remove_prefix(std::min(end + 1, classes.size()));
  }
  return false;
}

bool is_block(std::string_view name) {
  return name == "p" || (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6');
}

bool is_code_point(std::uint32_t value) { return value > 0 && value < 0x110000 && (value < 0xd800 || value > 0xdfff); }

/// Appends the character that `entity` (between & and ;) stands for; false if it is none that we know.
bool append_entity(std::string& out, std::string_view entity) {
  static constexpr std::array<std::pair<std::string_view, char32_t>, 6> kNamed = {
      {{"amp", U'&'}, {"lt", U'<'}, {"gt", U'>'}, {"quot", U'"'}, {"apos", U'\''}, {"nbsp", U' '}}};
  for (const auto& [name, character] : kNamed) {
    if (entity == name) return utf8::append(out, character), true;
  }
  if (entity.size() < 2 || entity[0] != '#') return false;
  const bool hex = entity[1] == 'x' || entity[1] == 'X';
  const std::string_view digits = entity.substr(hex ? 2 : 1);
  std::uint32_t value = 0;
  const auto end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, value, hex ? 16 : 10).ptr != end || !is_code_point(value)) return false;
  utf8::append(out, static_cast<char32_t>(value));
  return true;
}

std::string decode_entities(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    if (end != std::string_view::npos && append_entity(out, text.substr(at + 1, end - at - 1))) {
      at = end + 1;
    } else {
      out += text[at++];
    }
  }
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

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// One pass over the page. Text is gathered in a stack of inline elements, because a <span class="switchinline">
/// holds one variant of a phrase for each system, of which one is kept.
class BlockReader {
 public:
  explicit BlockReader(std::string_view html) : html_(html) {}

  std::vector<Block> read() {
    std::size_t at = html_.find("<div id=\"DisplayArea\"");
    while (at < html_.size() && !done_) {
      const std::size_t open = std::min(html_.find('<', at), html_.size());
      take_text(html_.substr(at, open - at));
      at = take_tag(open);
    }
    end_block();
    return std::move(blocks_);
  }

 private:
  enum class Kind { kPlain, kLabel, kSwitch, kVariant };
  struct Inline {
    Kind kind = Kind::kPlain;
    bool standard = false;  ///< a variant: the one for "every other system"
    std::string text;
    bool chosen = false;  ///< a switch: text holds a variant
  };

  void take_text(std::string_view text) {
    if (!stack_.empty() && stack_.back().kind != Kind::kSwitch) stack_.back().text += decode_entities(text);
  }

  /// Reads the tag at `open` and returns where the text goes on.
  std::size_t take_tag(std::size_t open) {
    if (html_.substr(open, 4) == "<!--") return past("-->", open);
    const std::size_t end = past(">", open);
    if (end - open < 3) return end;
    std::string_view inner = html_.substr(open + 1, end - open - 2);
    Tag tag;
    tag.closes = inner.front() == '/';
    if (tag.closes) inner.remove_prefix(1);
    const std::size_t name_end = std::min(inner.find_first_of(" \t\r\n/"), inner.size());
    tag.name = inner.substr(0, name_end);
    tag.attributes = inner.substr(name_end);
    if (!tag.closes && (tag.name == "pre" || tag.name == "script" || tag.name == "style")) {
      end_block();
      return past(">", past(tag.name == "pre" ? "</pre" : tag.name == "style" ? "</style" : "</script", end));
    }
    on_tag(tag);
    return end;
  }

  std::size_t past(std::string_view mark, std::size_t from) const {
    const std::size_t at = html_.find(mark, from);
    return at == std::string_view::npos ? html_.size() : at + mark.size();
  }

  void on_tag(const Tag& tag) {
    if (is_block(tag.name)) {
      end_block();
      if (!tag.closes && !has_class(tag, "code")) start_block(tag);
    } else if (tag.name == "span") {
      tag.closes ? close_inline() : open_inline(tag);
    } else if (tag.name == "br") {
      take_text(" ");
    } else if (tag.name == "footer" || attribute(tag, "id") == "SearchFrame") {
      done_ = true;
    } else if (tag.name == "div" || tag.name == "td" || tag.name == "th" || tag.name == "li" || tag.name == "tr") {
      end_block();
    }
  }

  void start_block(const Tag& tag) {
    key_ = std::string(tag.name) + "#" + std::string(attribute(tag, "id"));
    stack_.assign(1, Inline{});
  }

  void end_block() {
    if (stack_.empty()) return;
    while (stack_.size() > 1) close_inline();
    blocks_.push_back({key_, tidy(stack_.front().text)});
    stack_.clear();
  }

  void open_inline(const Tag& tag) {
    if (stack_.empty()) return;
    Inline element;
    if (has_class(tag, "switchinline")) {
      element.kind = Kind::kSwitch;
    } else if (stack_.back().kind == Kind::kSwitch) {
      element.kind = Kind::kVariant;
      element.standard = attribute(tag, "id").starts_with("default");
    } else if (has_class(tag, "emph") || has_class(tag, "menuitem")) {
      element.kind = Kind::kLabel;
    }
    stack_.push_back(std::move(element));
  }

  void close_inline() {
    if (stack_.size() < 2) return;
    const Inline element = std::move(stack_.back());
    stack_.pop_back();
    Inline& parent = stack_.back();
    if (element.kind == Kind::kVariant) {
      if (!parent.chosen || element.standard) parent.text = element.text;
      parent.chosen = true;
      return;
    }
    // Translators forget the space before a menu's name: "Choisissez<span>Fichier".
    const bool glued = element.kind == Kind::kLabel && !parent.text.empty() && is_lower(parent.text.back()) &&
                       !element.text.empty() && is_upper(element.text.front());
    if (glued) parent.text += ' ';
    parent.text += element.text;
  }

  std::string_view html_;
  bool done_ = false;
  std::string key_;
  std::vector<Inline> stack_;  ///< the open block and its open spans; empty outside of a block
  std::vector<Block> blocks_;
};

}  // namespace

std::vector<Block> read_blocks(std::string_view html) { return BlockReader(html).read(); }

}  // namespace heed::recipes
