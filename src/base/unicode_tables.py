#!/usr/bin/env python3
"""Writes unicode_tables.h from Python's Unicode database: python3 unicode_tables.py > unicode_tables.h

With --check FILE: whether FILE is what it would write; 77 if this Python has another version of Unicode."""
import contextlib
import io
import sys
import textwrap
import unicodedata

category = [unicodedata.category(chr(c)) for c in range(0x110000)]


def ranges(chosen):
    """Ranges beyond ASCII; unassigned code points may fall on either side, which makes the table short."""
    out = []
    start = last = None
    for c in range(0x80, 0x110000):
        if category[c] == "Cn":
            continue
        if chosen(c):
            start, last = (c if start is None else start), c
        elif start is not None:
            out.append((start, last))
            start = None
    return out + ([(start, last)] if start is not None else [])


def lower_runs():
    """Runs (first, last, delta, stride) of str.lower(), but for U+0130, whose lower case has two characters."""
    runs = []
    for c in range(0x80, 0x110000):
        lower = chr(c).lower()
        if lower == chr(c) or len(lower) > 1:
            continue
        delta = ord(lower) - c
        if runs:
            first, last, run_delta, stride = runs[-1]
            if run_delta == delta and (c - last == stride or (first == last and c - last == 2)):
                runs[-1] = (first, c, delta, c - last)
                continue
        runs.append((c, c, delta, 1))
    return runs


def ends_a_word(before):
    """Whether a capital sigma behind this text is a final one, which says what the text's characters are."""
    return (before + "\u03a3").lower().endswith("\u03c2")


def is_cased(c):
    return ends_a_word(chr(c))


def is_case_ignorable(c):
    return ends_a_word("A" + chr(c)) and not is_cased(c)


def table(comment, declaration, rows):
    cells = ", ".join("{%s}" % ", ".join(hex(x) if i < 2 else str(x) for i, x in enumerate(row)) for row in rows)
    body = "\n".join(textwrap.wrap(cells, 116, break_on_hyphens=False))
    print("\n/// %s\ninline constexpr %s[] = {\n%s};" % (comment, declaration, textwrap.indent(body, "    ")))


def write():
    print("// Made by unicode_tables.py from Unicode %s; do not edit." % unicodedata.unidata_version)
    print("// clang-format off\n#pragma once\n#include <cstdint>\n\nnamespace heed::utf8 {\n")
    print("struct Range { char32_t first, last; };\nstruct CaseRun { char32_t first, last; std::int32_t delta; std::uint32_t stride; };")
    table("Punctuation, symbols, spaces, numbers, controls and private use beyond ASCII: all that is no letter or mark.",
          "Range kNoLetters", ranges(lambda c: category[c][0] in "PSZN" or category[c] in ("Cc", "Co")))
    table("Punctuation beyond ASCII.", "Range kPunctuation", ranges(lambda c: category[c][0] == "P"))
    table("Symbols beyond ASCII.", "Range kSymbols", ranges(lambda c: category[c][0] == "S"))
    table("Numbers beyond ASCII: digits, letters and others.", "Range kNumbers", ranges(lambda c: category[c][0] == "N"))
    table("Format characters: joiners, marks of direction.", "Range kFormat", ranges(lambda c: category[c] == "Cf"))
    table("Combining marks and format characters: no column of their own in a terminal.",
          "Range kZeroWidth", ranges(lambda c: category[c] in ("Mn", "Me", "Cf") and c != 0xAD))
    table("East Asian wide and full-width characters, emoji: two columns.",
          "Range kWide", ranges(lambda c: unicodedata.east_asian_width(chr(c)) in "WF"))
    table("Decimal digits beyond ASCII: blocks of ten, from zero.",
          "Range kDigits", [(c, c + 9) for c in range(0x80, 0x110000)
                            if category[c] == "Nd" and unicodedata.decimal(chr(c)) == 0])
    table("Cased letters that are not case-ignorable, beyond ASCII (Unicode, section 3.13).", "Range kCased", ranges(is_cased))
    table("Case-ignorable characters beyond ASCII.", "Range kCaseIgnorable", ranges(is_case_ignorable))
    table("Upper case letters: first, last, distance to the lower case, step.", "CaseRun kLower", lower_runs())
    print("\n}  // namespace heed::utf8")


def check(path):
    with open(path, encoding="utf-8") as file:
        there = file.read()
    if f"from Unicode {unicodedata.unidata_version};" not in there:
        print(f"skipped: this Python has Unicode {unicodedata.unidata_version}")
        return 77
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        write()
    return 0 if text.getvalue() == there else f"{path} is not what unicode_tables.py makes"


if __name__ == "__main__":
    sys.exit(check(sys.argv[2]) if sys.argv[1:2] == ["--check"] else write())
