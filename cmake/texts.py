#!/usr/bin/env python3
"""What readers meet: no retired word (retired-words.txt) in sources, scripts and documents; no document wider than 120 columns; no name of
a kind that code is written around (check_comparisons).

Only those at the top have narrow tables and code too; links and pictures may be as wide as they are.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FOLDERS = ("bench", "bindings", "cmake", "docs", "examples", "recipes", "scripts", "src", "tests")
KINDS = (".cmake", ".cpp", ".h", ".in", ".js", ".md", ".py", ".sh", ".txt", ".yaml")
OWN = ("retired-words.txt", "CHANGELOG.md")  # the list itself; names of earlier versions
WIDEST = 120
NARROW = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")

faults = []


def files():
    for name in sorted(os.listdir(ROOT)):
        if name.endswith((".md", ".txt")):
            yield name
    for folder in FOLDERS:
        for path, folders, names in os.walk(os.path.join(ROOT, folder)):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            for name in sorted(names):
                if name.endswith(KINDS) or "." not in name:
                    yield os.path.relpath(os.path.join(path, name), ROOT)


def retired():
    """Pattern and advice of each line. Between two words of a phrase may stand a line's end and the next one's comment marks."""
    with open(os.path.join(HERE, "retired-words.txt"), encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                word, use = line.rstrip("\n").split(" -> ")
                phrase = r"\s(?:[\s/#*]*\s)?".join(map(re.escape, word.split(" ")))
                yield re.compile(rf"(?<!\w){phrase}(?!\w)", 0 if word != word.lower() else re.I), word, use


def check_words(name, text, words):
    for pattern, word, use in words:
        for found in pattern.finditer(text):
            faults.append(f"{name}:{text.count(chr(10), 0, found.start()) + 1}: '{word}' is retired: use {use}")


def check_width(name, text):
    code = False
    for number, line in enumerate(text.splitlines(), 1):
        code ^= line.startswith("```")
        free = name not in NARROW and (code or line.startswith(("|", "    ")))
        if len(line) > WIDEST and not free and " " in re.sub(r"!?\[[^\]]*\]\([^)]*\)", "", line).strip():
            faults.append(f"{name}:{number}: {len(line)} columns, more than {WIDEST}")


# These read words that others wrote: YAML, JSON, keys of a config.
READERS = ("base/settings_values.cpp", "base/settings_yaml.cpp", "model/config_check.cpp", "model/interval.cpp", "model/read_config.cpp",
           "model/safetensors_header.cpp", "model/text_checks.cpp", "record/source_line.cpp", "train/history.cpp")
# What a word of an option means stands in a table, or is asked of the option's struct; of these words a single place asks.
ONCE = {"model/config.cpp": 1, "nn/module.cpp": 1, "text/normal_form.cpp": 1, "metrics/bleu.cpp": 1, "train/selection.cpp": 3}


def check_comparisons(name, text):
    room, _, file = name.removeprefix("src/").partition("/")
    if not name.startswith("src/") or not name.endswith(".cpp") or room == "app" or "tests/" in file or f"{room}/{file}" in READERS:
        return
    found = re.findall(r'[=!]= ("[a-z][a-z0-9_-]*")', text)
    if len(found) > ONCE.get(f"{room}/{file}", 0):
        faults.append(f"{name}: compares with {', '.join(found)}: let a table, or a function of the option's struct, say what the word means")


def main():
    words = list(retired())
    count = 0
    for name in files():
        try:
            with open(os.path.join(ROOT, name), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            continue  # golden files and the like
        count += 1
        if os.path.basename(name) not in OWN:
            check_words(name, text, words)
        check_comparisons(name, text)
        if name.endswith(".md"):
            check_width(name, text)
    for fault in faults:
        print(fault)
    print(f"{count} texts, {len(words)} retired words, {len(faults)} faults")
    return bool(faults) or count < 300


if __name__ == "__main__":
    sys.exit(main())
