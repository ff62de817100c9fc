#!/usr/bin/env python3
"""Documents name what there is: documented_test.py PATH_OF_HEED FOLDER_OF_THE_PROJECT

Every key of a config (model.*, training.*, data.*), every flag of a `heed` command and every config shown in README, docs/, the
recipes' and rooms' READMEs and examples/ is one that the binary knows.
"""

import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import check, finish  # noqa: E402

HEED, PROJECT = (os.path.realpath(argument) for argument in sys.argv[1:3])
NO_KEYS = (".h", ".cpp", ".md", ".yaml", ".jsonl")
FILES = "  train: {source: none, target: none}\n  validation: {source: none, target: none}\n"
DATA = "data:\n" + FILES


def heed(*words):
    done = subprocess.run([HEED, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.stdout + done.stderr


def documents():
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in ("build", "runs", "golden"))
        for name in sorted(names):
            if name.endswith(".md") and name != "CHANGELOG.md":
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, PROJECT), file.read()


def known_keys():
    """Every key and section."""
    keys = {line.split()[0] for line in heed("list", "settings").splitlines()}
    return keys | {key[:dot.start()] for key in keys for dot in re.finditer(r"\.", key)}


def known_flags():
    """The flags of each command; `bench` and `data` have those of their commands."""
    flags = {}
    for command in re.findall(r"^  (\w+) ", heed("--help"), re.M):
        helps = heed(command, "--help")
        if command in ("bench", "data"):
            helps += "".join(heed(command, each, "--help") for each in re.findall(r"^  (\w+) ", helps, re.M))
        flags[command] = set(re.findall(r"(?<![\w-])(--?[a-z][\w-]*)", helps))
    return flags


def unknown_keys(text, keys):
    text = re.sub(r"^```cpp.*?^```", "", text, flags=re.M | re.S)
    named = set(re.findall(r"\b((?:model|training|data)\.[a-z_]+(?:\.[a-z_]+)*)", text))
    return sorted(key for key in named - keys if not key.endswith(NO_KEYS))


def unknown_flags(text, flags):
    for line in re.findall(r"\bheed ((?:%s) [^`\n|<>#;]*)" % "|".join(flags), text.replace("\\\n", " ")):
        command, *words = line.split()
        for flag in (re.split(r"[=.,):]", word)[0] for word in words if re.match(r"--[a-z]", word)):
            if flag not in flags[command]:
                yield f"{command} {flag}"


def configs(text):
    """Blocks of YAML, with a language or indented."""
    yield from re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    for block in re.findall(r"(?:^    .*\n)+", text, re.M):
        if re.match(r"    (?:model|training|data):", block):
            yield re.sub(r"^    ", "", block, flags=re.M)
    for line in re.findall(r"`((?:model|training): \{[^`]*\})`", text):
        yield line


def faults(text):
    """What the binary says of the configs but for the missing text."""
    for block in configs(text):
        if re.match(r"\s*(?:model|training|data|output):", block):
            with open("shown.yaml", "w", encoding="utf-8") as file:
                if not re.search(r"^  train:", block, re.M):
                    block = re.sub(r"^data:\n", DATA, block, flags=re.M)
                file.write(block + "\n" + ("" if re.search(r"^data:", block, re.M) else DATA))
            said = heed("train", "shown.yaml", "--output", "run")
            if not re.fullmatch(r"heed: train: cannot read '[^']*': No such file or directory\n", said):
                yield said


def main():
    keys, flags = known_keys(), known_flags()
    check("there are keys and commands", len(keys) > 60 and len(flags) > 10)
    shown = 0
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name, text in documents():
            shown += len(list(configs(text)))
            check(f"{name}: keys that there are not", unknown_keys(text, keys), [])
            check(f"{name}: flags that there are not", list(unknown_flags(text, flags)), [])
            check(f"{name}: configs that are refused", list(faults(text)), [])
        os.chdir(PROJECT)
    check("configs are found", shown > 10)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
