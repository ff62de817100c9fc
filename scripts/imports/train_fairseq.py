"""Trains small models with fairseq, and writes what it computes with them: train_fairseq.py FOLDER [--whole]

Without --whole the state of the training is left out of the checkpoints. Run by scripts/make-imports.
"""

import dataclasses
import importlib.metadata
import pathlib
import runpy
import shutil
import subprocess
import sys


def hashable(make):
    """fairseq 0.12 is for Python up to 3.10: from 3.11 on dataclasses refuse defaults that cannot be hashed, as its configurations are."""
    def dataclass(of=None, **options):
        def decorate(kind):
            made = make(kind, **options)
            if made.__hash__ is None:
                made.__hash__ = object.__hash__
            return made
        return decorate if of is None else decorate(of)
    return dataclass


dataclasses.dataclass = hashable(dataclasses.dataclass)
import numpy  # noqa: E402
import torch  # noqa: E402

numpy.float = float  # gone since NumPy 1.24

if len(sys.argv) > 2 and sys.argv[1] == "--program":  # one of fairseq's own, in this process
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__")
    sys.exit(0)

from fairseq import checkpoint_utils  # noqa: E402
import toy  # noqa: E402

CASES = {
    "lstm": "--encoder-embed-dim 12 --encoder-hidden-size 8 --encoder-bidirectional --decoder-embed-dim 12 --decoder-hidden-size 16 "
            "--decoder-out-embed-dim 12 --encoder-layers 1 --decoder-layers 1".split(),
    "widths": "--encoder-embed-dim 12 --encoder-hidden-size 10 --encoder-bidirectional --decoder-embed-dim 12 --decoder-hidden-size 14 "
              "--decoder-out-embed-dim 14 --encoder-layers 2 --decoder-layers 2".split(),
    "shared": "--encoder-embed-dim 14 --encoder-hidden-size 14 --decoder-embed-dim 14 --decoder-hidden-size 14 "
              "--decoder-out-embed-dim 14 --encoder-layers 2 --decoder-layers 2 --share-all-embeddings".split(),
}
EPOCHS = 25


def program(work, *arguments):
    command = [sys.executable, pathlib.Path(__file__).resolve(), "--program", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=work)
    if done.returncode != 0:
        raise SystemExit((done.stderr or done.stdout)[-3000:])
    return done.stdout


def train(case, work):
    for name, count, seed in (("train", 2000, 1), ("valid", 20, 4), ("test", 40 * toy.SENTENCES, 3)):
        toy.write_text(work, name, toy.pairs(count, seed))
    joint = ["--joined-dictionary"] if "--share-all-embeddings" in CASES[case] else []
    program(work, "fairseq_cli.preprocess", "--source-lang", "source", "--target-lang", "target", "--trainpref", "train", "--validpref",
            "valid", "--testpref", "test", "--destdir", "data", *joint)
    program(work, "fairseq_cli.train", "data", "--cpu", "--arch", "lstm", "--optimizer", "adam", "--lr", "0.01", "--batch-size", "32",
            "--max-epoch", EPOCHS, "--dropout", "0", "--save-dir", "model", "--no-epoch-checkpoints", "--seed", "1",
            "--criterion", "cross_entropy", "--disable-validation", "--num-workers", "0", "--no-progress-bar", *CASES[case])
    return work / "model" / "checkpoint_last.pt"


class Toolkit:
    """fairseq itself with a checkpoint."""

    def __init__(self, path, data):
        models, _, self.task = checkpoint_utils.load_model_ensemble_and_task([str(path)], arg_overrides={"data": str(data)})
        self.model = models[0].eval()

    def score(self, source, target):
        def ids(dictionary, tokens):
            return dictionary.encode_line(" ".join(tokens), add_if_not_exist=False).long()
        with torch.no_grad():
            read = ids(self.task.source_dictionary, source)[None]
            written = ids(self.task.target_dictionary, target)  # </s> behind it
            before = torch.cat([written[-1:], written[:-1]])[None]
            logits, _ = self.model(read, torch.tensor([read.shape[1]]), before)
            return torch.log_softmax(logits[0], -1).gather(1, written[:, None]).sum().item()


def translate(path, work):
    """Greedy answers of fairseq-generate, by their number."""
    said = program(work, "fairseq_cli.generate", "data", "--path", path, "--beam", "1", "--cpu", "--batch-size", "100", "--max-len-a", "0",
                   "--max-len-b", "20", "--num-workers", "0", "--no-progress-bar")
    answers = {}
    for line in said.splitlines():
        if line.startswith("H-"):
            number, _, text = line.split("\t")
            answers[int(number[2:])] = text.split()
    return answers


def make(case, folder, work, whole):
    trained = train(case, work)
    toolkit = Toolkit(trained, work / "data")
    sentences = [tuple(source) for source, _ in toy.pairs(40 * toy.SENTENCES, seed=3)]
    answers = {sentences[number]: answer for number, answer in translate(trained, work).items()}
    for side in ("source", "target"):
        shutil.copy(work / "data" / f"dict.{side}.txt", folder)
    toy.write_golden(folder, f"fairseq {importlib.metadata.version('fairseq')}: {case}", toolkit.score,
                     lambda source: answers[tuple(source)], kind="fairseq",
                     files=["model.pt", "dict.source.txt", "dict.target.txt"], options=[])
    if whole:
        shutil.copy(trained, folder / "model.pt")
    else:
        checkpoint = torch.load(trained, map_location="cpu")
        toy.save(torch, folder / "model.pt", {name: checkpoint[name] for name in ("args", "cfg", "model")})


if __name__ == "__main__":
    toy.main("fairseq", CASES, make)
