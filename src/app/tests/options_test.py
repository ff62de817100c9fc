#!/usr/bin/env python3
"""Every key of a config and every flag of a command does something: options_test.py PATH_OF_HEED

`heed list settings` and `heed COMMAND --help` say which there are. Each has a row in key_rows.py or flag_rows.py, with a value that is not usual,
and what must then be otherwise than without it; a key or a flag without a row fails, and so does a row without a key or
a flag. What is compared must be the same when the usual command runs again. A row may name the test that has it instead.
Of `heed bench` everything but times and rates is compared.
"""

import json
import os
import random
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import check, finish  # noqa: E402
from flag_rows import FLAGS, Flag  # noqa: E402
from key_rows import KEYS  # noqa: E402
from option_runs import Run, read  # noqa: E402

# ---- files ----


def letters(name, seed, lines, more=(), length=6):
    numbers = random.Random(seed)
    with open(name, "w", encoding="utf-8") as text:
        for _ in range(lines):
            text.write(" ".join(numbers.choice("abcdefgh") for _ in range(numbers.randint(2, length))) + "\n")
        text.writelines(line + "\n" for line in more)


def write(name, text):
    with open(name, "w", encoding="utf-8") as made:
        made.write(text)


def make_files():
    letters("train.source", 1, 24, ["A b c", "z a"])
    letters("other.source", 2, 26)
    shutil.copy("train.source", "train.target")
    letters("other.target", 3, 26)
    letters("dev", 4, 12)
    letters("other.dev", 5, 12)
    letters("long", 6, 250, length=60)
    letters("other.long", 7, 250, length=60)
    letters("longer", 8, 64, length=900)
    for name, sides in (("train.tsv", ("train.source", "train.target")), ("dev.tsv", ("dev", "dev"))):
        write(name, "".join(f"{s.rstrip()}\t{t}" for s, t in zip(open(sides[0]), open(sides[1]))))
    write("doubled", open("dev").read() * 2)
    write("long.best", "".join(f"{i} ||| {line.rstrip()} ||| 0\n" for i, line in enumerate(open("other.long"))))
    write("upper.dev", open("dev").read().upper())
    write("long.tsv", "".join(f"{s.rstrip()}\t{t}" for s, t in zip(open("long"), open("other.long"))))
    write("uneven.tsv", "".join(f"{s.rstrip()}\t{t}" for s, t in zip(open("dev"), open("other.dev"))))
    train = "  train: {source: train.source, target: train.target}\n"
    validation = "  validation: {source: dev, target: dev}\n"
    batch = "batch_sentences: 8, "
    config = f"""data:
{train}{validation}  source: {{tokenizer: spaces, vocabulary: 0}}
  target: {{tokenizer: spaces, vocabulary: 0}}
model:
  embedding: 8
  encoder: {{layers: 1, hidden: 8}}
  decoder: {{layers: 1, hidden: 8}}
  attention: {{kind: luong-general}}
  dropout: 0.1
training: {{learning_rate: 0.01, {batch}epochs: 2, threads: 1}}
"""
    write("config.yaml", config)
    letters("dotted", 4, 12)
    write("dotted", "".join(line.replace("\n", ".\n") for line in open("dotted")))
    write("stops.yaml", config.replace("{source: dev, target: dev}", "{source: dev, target: dotted}"))
    write("nothing.yaml", config.replace(train, ""))
    write("unvalidated.yaml", config.replace(validation, ""))
    write("bare.yaml", config.replace(train + validation, ""))
    write("tagged.tsv", "".join(line.replace("\n", f"\t{'xyz'[len(line) % 3]}\n") for line in open("train.tsv")))
    write("tokens.yaml", config.replace(batch, ""))
    write("upper", "A cat, of (mine).\n")
    write("lower", "a cat , of ( mine ) .\n")
    write("marks", "L'été, (cats) 犬猫。\n")
    write("other.marks", "l'été cat 犬 猫\n")
    lines = open("train.source").readlines()
    write("wide", "".join(line.replace("a", "\uff41") if i % 2 else line for i, line in enumerate(lines)))
    write("joined", "".join(line.replace(" ", "") for line in lines))
    write("numbers", "3 5\n")
    write("known", "a\nb\nc\nd\n")
    write("letters.vec", "".join(f"{letter} {i} 1 0 0 1 0 0 1\n" for i, letter in enumerate("abcdefgh")))
    lengths = [len(line.split()) for line in open("train.source")]
    write("train.links", "".join(" ".join(f"{i}-{i}" for i in range(n)) + "\n" for n in lengths))
    write("other.links", "0-0\n" * len(lengths))
    write("links", "0-0 1-1\n")
    write("sure", "0-0\n")
    write("gold", "0-0\n" * 12)
    write("more.gold", "0-0 1-1\n" * 12)
    write("words.forbidden", "a\nb\nc d\n")
    write("words", "".join(f"{letter}\tquagga\n" for letter in "abcdefgh"))
    write("pieces.jsonl", json.dumps({
        "source": "ab c", "source_tokens": ["\u2581a", "b", "\u2581c", "</s>"],
        "translations": [{"text": "xy", "tokens": ["\u2581x", "y", "</s>"], "attention": [[0.7, 0.1, 0.1, 0.1]] * 3}],
    }) + "\n")


def made(words, to=None):
    run = Run(words)
    check(f"made: {words}", (run.status, run.err[-300:] if run.status else b""), (0, b""))
    if to:
        with open(to, "wb") as written:
            written.write(run.out)


def make_models():
    made("train config.yaml --output history")
    made("train config.yaml --output model")
    made("train config.yaml --output another --set training.seed=2")
    made("train config.yaml --output kept --set training.keep_last=3 --set training.epochs=3")
    made("train config.yaml --output twice --set training.epochs=1")
    # All but two letters are unknown to it.
    made("train config.yaml --output unknown --set data.source.vocabulary=5 --set data.target.vocabulary=5 --set training.epochs=6")
    made("train config.yaml --output heads --set model.attention.kind=multi-head --set model.attention.hops=2")
    made("train config.yaml --output letters --set data.source.tokenizer=characters --set data.target.tokenizer=characters")
    made("shortlist --model model --source dev --target dev --output few --best 1 --frequent 1")
    seen = "translate --input dev --format jsonl --attention --beam 3 --nbest 2 --trace"
    made(seen + " --model heads", "seen.jsonl")
    made(seen + " --model another", "other.jsonl")
    made("translate --model model --input dev --beam 4 --nbest 4", "best")
    made("translate --model another --input dev --beam 4 --nbest 4", "other.best")
    made("score --model model --source dev --target dev --format jsonl --attention", "scored.jsonl")


# ---- the checks ----

usual = {}  # what the command without a flag, or the training without a key, did


def usual_of(name, do, sees):
    """Done twice, so that what differs from one time to the next is no effect."""
    if (name, sees) not in usual:
        usual[name, sees] = do()
        check(f"the same again: {name}", do() == usual[name, sees])
    return usual[name, sees]


def train(row, settings):
    for folder in ("run", "elsewhere"):
        shutil.rmtree(folder, ignore_errors=True)
    return row.sees(Run(" ".join(["train", row.config] + [f"--set {each}" for each in settings])))


def check_key(key, row):
    beside = row.beside.split()
    where = [] if key == "output" else ["output=run"]
    without = beside + (where or ["output=" + row.without])
    before = usual_of(f"{row.config} {without}", lambda: train(row, without), row.sees)
    check(key, train(row, beside + where + [f"{key}={row.value}"]) != before)


def do(row, words):
    if words.startswith("train"):
        for folder in ("run", "elsewhere"):
            os.makedirs(folder, exist_ok=True)
            shutil.rmtree(folder)
    return row.sees(Run(words, row.stdin))


def check_flag(flag, row):
    before = usual_of(f"{row.usual} {row.stdin}", lambda: do(row, row.usual), row.sees)
    check(flag, do(row, row.changed) != before)


def elsewhere(what, name, path):
    """The test in another file has the flag of the command at least, or the key."""
    text = read(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.path.basename(path))).decode()
    check(f"{what}: in {path}", all(word in text for word in name.split()))


def there_are():
    listed = Run("list settings").out.decode()
    all_keys = {line.split()[0] for line in listed.splitlines()}
    commands = re.findall(r"^  (\w+) ", Run("--help").out.decode(), re.M)
    commands = [command for command in commands if command not in ("bench", "data", "help")]
    for group in ("bench", "data"):
        commands += [f"{group} {name}" for name in re.findall(r"^  (\w+) ", Run(f"{group} --help").out.decode(), re.M)]
    flags = set()
    for command in commands:
        for flag in re.findall(r"^  (?:-\w,)?(--[\w-]+)", Run(command + " --help").out.decode(), re.M):
            flags.add(f"{command} {flag}")
    return all_keys, {flag for flag in flags if not flag.endswith(" --help")}


def main():
    all_keys, all_flags = there_are()
    check("there are keys and flags", len(all_keys) > 50 and len(all_flags) > 80)
    check("every key has a row, and every row a key", all_keys ^ set(KEYS), set())
    check("every flag has a row, and every row a flag", all_flags ^ set(FLAGS), set())
    make_files()
    make_models()
    for key, row in KEYS.items():
        elsewhere(key, key, row) if isinstance(row, str) else check_key(key, row)
    for flag, row in FLAGS.items():
        if isinstance(row, str):
            elsewhere(flag, flag, row)
        elif isinstance(row, Flag):
            check_flag(flag, row)
        else:
            row.check(flag)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    main()
    os.chdir("/")
sys.exit(finish())
