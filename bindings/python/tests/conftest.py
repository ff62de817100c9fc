"""Toy models, trained once: letters become capitals."""

import os
import random
import subprocess

import pytest

import heed

LETTERS = "abcdefgh"


def sentences(count, seed):
    numbers = random.Random(seed)
    return [" ".join(numbers.choices(LETTERS, k=numbers.randint(1, 7))) for _ in range(count)]


def pairs(count, seed):
    return [(text, text.upper()) for text in sentences(count, seed)]


def toy_config(folder, output, **training):
    return {
        "data": {
            "train": heed.write_pairs(pairs(400, 1), folder, "train"),
            "validation": heed.write_pairs(pairs(40, 2), folder, "dev"),
            "source": {"tokenizer": "spaces"},
            "target": {"tokenizer": "spaces"},
        },
        "model": {"embedding": 16, "encoder": {"hidden": 32}, "decoder": {"hidden": 32}},
        "training": {"learning_rate": 0.01, "batch_sentences": 16, "epochs": 4, "threads": 1, **training},
        "output": os.fspath(output),
    }


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def toy(folder):
    """The folder of a model with one layer of attention."""
    return heed.train(toy_config(folder, folder / "toy")).output


@pytest.fixture(scope="session")
def mute(folder):
    """Of one without attention."""
    config = toy_config(folder, folder / "mute", epochs=1)
    config["model"]["attention"] = {"kind": "none"}
    return heed.train(config).output


@pytest.fixture(scope="session")
def back(folder):
    """Of one from target to source, of which the attention has heads."""
    config = toy_config(folder, folder / "back", epochs=2)
    for part in ("train", "validation"):
        files = config["data"][part]
        config["data"][part] = {"source": files["target"], "target": files["source"]}
    config["model"]["attention"] = {"kind": "multi-head", "heads": 2}
    return heed.train(config).output


@pytest.fixture(scope="session")
def tagged(folder):
    """Of one that reads a feature, which says whether letters become capitals; and copies what it does not know."""
    rows = [(a, b, "up") for a, b in pairs(200, 3)] + [(a, a, "as-is") for a in sentences(200, 4)]
    (folder / "tagged.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    config = toy_config(folder, folder / "tagged", epochs=1)
    config["data"]["train"] = config["data"]["validation"] = {"tsv": str(folder / "tagged.tsv")}
    config["data"]["source"]["features"] = [{"name": "case", "column": 3}]
    config["model"]["output"] = "pointer-generator"
    return heed.train(config).output


@pytest.fixture(scope="session")
def translator(toy):
    return heed.Translator(toy, threads=2)


@pytest.fixture(scope="session")
def binary():
    """The program itself: call it with arguments and a text, get what it writes."""
    path = os.environ.get("HEED_BINARY")
    if not path:
        pytest.skip("HEED_BINARY does not name the program to compare with")

    def run(*arguments, text=""):
        return subprocess.run([path, *arguments], input=text, capture_output=True, check=True, text=True).stdout

    return run
