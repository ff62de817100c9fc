"""The part of YAML that configurations of models are written in.

Maps and lists by indentation, [lists] and {maps} in a line, plain and quoted scalars, comments. Anchors, aliases, tags and text of
several lines are refused with their line.

Not PyYAML: beside NumPy nothing has to be installed; of a vocabulary the keys `no` and `01` stay the tokens that they are, where
YAML 1.1 has False and 1; and no alias lets a small file become a large one.
"""

import json
import re

from .errors import ImportFailure
from .reading import read_text

DEEPEST = 50
QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')"""
QUOTED_KEY = re.compile(QUOTED + r"\s*:(?:\s+|$)")
KEY_BEGINS = re.compile(r"""[^\s\-\[\]{}"'#&*!|>%@`?]|-[^\s#:]|-(?=:)""")
KEY_ENDS = re.compile(r":(?:\s+|$)")
QUOTED_IN_FLOW = re.compile(r"(?<=[\s\[{,:])" + QUOTED)
FLOW_SCALAR = re.compile(QUOTED + r"|[^,\[\]{}:]+(?::[^\s,\[\]{}][^,\[\]{}:]*)*")
BLANKS = re.compile(r"\s*")


def read_yaml(path):
    return parse_yaml(read_text(path), path)


def parse_yaml(text, what):
    """Raises ImportFailure with the line, for what is no YAML, or more of YAML than this reads."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if without_comment(line).strip() not in ("", "---")]
    parser = Parser(lines, what)
    out = parser.block(0, 0) if lines else None
    if parser.at < len(lines):
        parser.fail("is not indented as the lines before it")
    return out


def without_comment(line):
    """A # begins a comment at the begin of the line or behind a blank, but not in quotes."""
    quote = ""
    for i, c in enumerate(line):
        if quote:
            quote = "" if c == quote and not (quote == '"' and line[i - 1] == "\\") else quote
        elif c in "\"'" and (i == 0 or line[i - 1] in " [{,:-"):
            quote = c
        elif c == "#" and (i == 0 or line[i - 1] in " \t"):
            return line[:i]
    return line


def opened(text):
    """How many lists and maps begin in it that do not end."""
    plain = QUOTED_IN_FLOW.sub("", text)
    return sum(plain.count(c) for c in "[{") - sum(plain.count(c) for c in "]}")


def split_key(text):
    """(key as it is written, what follows it), or None."""
    match = QUOTED_KEY.match(text)
    if match:
        return match[1], text[match.end():]
    begin = KEY_BEGINS.match(text)
    end = begin and KEY_ENDS.search(text, begin.end())
    if not end or re.search(r"\s#", text[:end.start()]):
        return None
    return text[:end.start()].rstrip(), text[end.end():]


def past_blanks(text, at):
    return BLANKS.match(text, at).end()


class Parser:
    def __init__(self, lines, what):
        self.lines, self.what, self.at = lines, what, 0

    def fail(self, why):
        number = self.lines[min(self.at, len(self.lines) - 1)][0]
        raise ImportFailure(f"{self.what}:{number}: {why}")

    def peek(self):
        """(indentation, text) of the current line; (-1, "") behind the last."""
        if self.at == len(self.lines):
            return -1, ""
        line = without_comment(self.lines[self.at][1]).rstrip()
        if "\t" in line[:len(line) - len(line.lstrip())]:
            self.fail("is indented by a tab")
        return len(line) - len(line.lstrip(" ")), line.strip()

    def block(self, least, depth):
        indentation, text = self.peek()
        if depth > DEEPEST:
            self.fail("is nested too deeply")
        if indentation < least:
            return None
        if text == "-" or text.startswith("- "):
            return self.items(indentation, depth)
        return self.entries(indentation, depth) if split_key(text) else self.one_scalar(text)

    def one_scalar(self, text):
        value = self.value(text)
        self.at += 1
        return value

    def items(self, indentation, depth):
        out = []
        while True:
            here, text = self.peek()
            if here != indentation or not (text == "-" or text.startswith("- ")):
                return out
            rest = text[1:].strip()
            if split_key(rest):
                # The map's other keys stand below its first one.
                number, line = self.lines[self.at]
                self.lines[self.at] = number, line.replace("-", " ", 1)
                out.append(self.block(indentation + 1, depth + 1))
            elif rest:
                out.append(self.one_scalar(rest))
            else:
                self.at += 1
                out.append(self.block(indentation + 1, depth + 1))

    def entries(self, indentation, depth):
        out = {}
        while True:
            here, text = self.peek()
            if here != indentation:
                if here > indentation:
                    self.fail("is not indented as the lines before it")
                return out
            found = split_key(text)
            if not found:
                self.fail("is no 'key: value'")
            key, rest = found[0], found[1].strip()
            if key[0] in "\"'":  # a plain key is text, whatever it looks like: `no`, `01`
                key = self.scalar(key)
            if key in out:
                self.fail(f"has the key '{key}' again")
            if rest:
                out[key] = self.value(rest)
                self.at += 1
            else:
                self.at += 1
                # Lists may stand as far to the left as their key.
                lists = self.peek()[0] == indentation and (self.peek()[1] + " ").startswith("- ")
                out[key] = self.block(indentation if lists else indentation + 1, depth + 1)

    def value(self, text):
        if text[0] in "[{":
            # It may go on in the next lines.
            parts, depth = [text], opened(text)
            while depth > 0 and self.at + 1 < len(self.lines):
                self.at += 1
                parts.append(without_comment(self.lines[self.at][1]).strip())
                depth += opened(" " + parts[-1])
            text = " ".join(parts)
            value, end = self.flow(text, 0, 0)
            rest = text[end:].strip()
            if rest:
                self.fail(f"has '{rest}' behind a list or a map")
            return value
        return self.scalar(text)

    def flow(self, text, at, depth):
        """What begins at that place of the text. -> (value, place behind it and behind blanks)"""
        at = past_blanks(text, at)
        if depth > DEEPEST or at == len(text):
            self.fail("has a list or a map that does not end")
        if text[at] not in "[{":
            match = FLOW_SCALAR.match(text, at)
            if not match:
                self.fail(f"has '{text[at]}' where a value is expected")
            return self.scalar(match[0].strip()), past_blanks(text, match.end())
        end, out = ("]", []) if text[at] == "[" else ("}", {})
        at = past_blanks(text, at + 1)
        while not text.startswith(end, at):
            value, at = self.flow(text, at, depth + 1)
            if end == "]":
                out.append(value)
            else:
                if not text.startswith(":", at) or isinstance(value, (list, dict)):
                    self.fail("has a map without a ':'")
                out[value], at = self.flow(text, at + 1, depth + 1)
            if text.startswith(",", at):
                at = past_blanks(text, at + 1)
            elif not text.startswith(end, at):
                self.fail("has a list or a map that does not end")
        return out, past_blanks(text, at + 1)

    def scalar(self, text):
        if text[0] == '"':
            try:
                return json.loads(re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text))
            except ValueError:
                self.fail(f"has {text}, whose escapes are not read here")
        if text[0] == "'":
            if len(text) < 2 or text[-1] != "'":
                self.fail("has a quote that does not end")
            return text[1:-1].replace("''", "'")
        if text[0] in "&*!|>%@`":
            self.fail(f"has '{text[0]}', which is not read here")
        words = {"true": True, "false": False, "yes": True, "no": False, "null": None, "~": None}
        if text.lower() in words:
            return words[text.lower()]
        for number, pattern in ((int, r"[-+]?\d{1,18}"), (float, r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?")):
            if re.fullmatch(pattern, text):
                return number(text)
        return text
