"""Models that are trained in a second, for tests that need one: letters become those that follow them, backwards; and what the binary says."""

import json
import pathlib
import random
import subprocess

LETTERS = "abcdefgh"


def sentences(count, seed):
    numbers = random.Random(seed)
    return [" ".join(numbers.choices(LETTERS, k=numbers.randint(1, 8))) for _ in range(count)]


def train(heed, output, *settings):
    """A bundle in the folder `output`, of texts beside it."""
    source = sentences(400, seed=1)
    target = [" ".join(LETTERS[(LETTERS.index(letter) + 1) % len(LETTERS)] for letter in reversed(line.split())) for line in source]
    for name, lines in {"small.source": source, "small.target": target, "small.dev.source": source[:20], "small.dev.target": target[:20]}.items():
        pathlib.Path(name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    pathlib.Path("small.yaml").write_text("""\
data:
  train: {source: small.source, target: small.target}
  validation: {source: small.dev.source, target: small.dev.target}
  source: {tokenizer: spaces}
  target: {tokenizer: spaces}
model:
  embedding: 16
  encoder: {layers: 1, hidden: 32}
  decoder: {layers: 1, hidden: 32}
training: {epochs: 3, decay_after_epochs: 2, learning_rate: 0.01, batch_sentences: 16, threads: 1}
""", encoding="utf-8")
    words = [word for setting in settings for word in ("--set", setting)]
    subprocess.run([heed, "train", "small.yaml", *words, "--output", output, "--quiet"], check=True, capture_output=True)


def command(heed, *words, source):
    """What the binary answers in the terminal: an object for each line."""
    out = subprocess.run([heed, *words, "--format", "jsonl"], input="".join(line + "\n" for line in source), capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]
