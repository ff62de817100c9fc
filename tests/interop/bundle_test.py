"""Bundles read with numpy and safetensors (examples/read_bundle.py, docs/bundle.md): bundle_test.py PATH_OF_HEED

Models of several kinds are trained, in float32, bfloat16 and int8; what NumPy computes from their files is what
`heed score` says. Exit status 77, with a reason, where a package is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(root / "src/app/tests"), str(root / "examples")]
from checks import check, finish  # noqa: E402

try:
    import numpy as np
    from safetensors import safe_open
    from read_bundle import Model, read_arrays
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

heed = os.path.realpath(sys.argv[1])

CONFIG = """data:
  train:      {source: train, target: train}
  validation: {source: dev, target: dev}
  source: {tokenizer: spaces, vocabulary: 0}
  target: {tokenizer: spaces, vocabulary: 0}
model: {embedding: 40, encoder: {hidden: 24}, decoder: {hidden: 40}}
training: {epochs: 4, batch_sentences: 4, learning_rate: 0.01, threads: 1}
"""

MODELS = {
    "lstm": ["model.attention.kind=bahdanau"],
    "deep": ["model.attention.kind=luong-general", "model.encoder.layers=2", "model.decoder.layers=3"],
    "gru": ["model.attention.kind=luong-general", "model.encoder.cell=gru", "model.decoder.cell=gru", "model.encoder.bidirectional=false"],
    "tied": ["model.attention.kind=luong-general", "model.tied=target"],
    "all": ["model.attention.kind=bahdanau", "model.tied=all", "data.joint_vocabulary=true"],
}


def run(*arguments):
    return subprocess.run([heed, *arguments], check=True, capture_output=True, text=True, timeout=120).stdout


def scores(bundle, *more):
    lines = run("score", "--model", bundle, "--source", "dev", "--target", "dev", "--format", "jsonl", "--attention", *more)
    return [json.loads(line) for line in lines.splitlines()]


def largest_difference(bundle, *more):
    """Of log-probabilities and of attention, between heed and NumPy."""
    model = Model(bundle)
    of_score = of_attention = 0.0
    for record in scores(bundle, *more):
        found, attention = model.score(record["source_tokens"], record["target_tokens"])
        of_score = max(of_score, abs(found.sum() - record["log_probability"]))
        of_attention = max(of_attention, np.abs(attention - np.array(record["attention"])).max())
    return of_score, of_attention


def starts(path):
    """Where each array in int8 begins in the data, of those that are a multiple of 64 bytes long."""
    raw = pathlib.Path(path).read_bytes()
    header = json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])
    header.pop("__metadata__")
    places = [array["data_offsets"] for array in header.values() if array["dtype"] == "I8"]
    return [begin for begin, end in places if (end - begin) % 64 == 0]


def check_rounded(name):
    whole, half = read_arrays(f"{name}/parameters.safetensors"), read_arrays(f"{name}.bf16/parameters.safetensors")
    relative = max(np.abs(half[key] / np.where(whole[key] == 0, 1, whole[key]) - 1)[whole[key] != 0].max() for key in whole)
    check(f"{name}: bfloat16 has 8 bits of mantissa", 0 < relative <= 2 ** -8)
    size = pathlib.Path(f"{name}.bf16/parameters.safetensors").stat().st_size / pathlib.Path(f"{name}/parameters.safetensors").stat().st_size
    check(f"{name}: half of the size", 0.5 <= size < 0.6)


def check_dequantized(name):
    whole, small = read_arrays(f"{name}/parameters.safetensors"), read_arrays(f"{name}.int8/parameters.safetensors")
    check(f"{name}: the same arrays", sorted(whole), sorted(small))
    for key, values in whole.items():
        # Rounded to 127 steps of the largest of a column, or of an embedding's row.
        along = 1 if key.endswith("embedding") else 0
        found = small[key][tuple(slice(size) for size in values.shape)]
        step = np.abs(values).max(axis=along, keepdims=True) / 127
        if not (np.abs(found - values) <= step * 0.5001 + 1e-7).all():
            check(f"{name}: {key} within half a step", False)
    blocks = starts(f"{name}.int8/parameters.safetensors")
    check(f"{name}: int8 begins at multiples of 64", blocks != [] and all(start % 64 == 0 for start in blocks))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sentences = [" ".join("abcdefgh"[(i * k) % 8] for k in range(1, 2 + i % 6)) + "\n" for i in range(200)]
    pathlib.Path("train").write_text("".join(sentences), encoding="utf-8")
    pathlib.Path("dev").write_text("".join(sentences[:12]), encoding="utf-8")
    pathlib.Path("config.yaml").write_text(CONFIG, encoding="utf-8")
    for name, settings in MODELS.items():
        run("train", "config.yaml", "--output", name, *(word for setting in settings for word in ("--set", setting)))
        run("quantize", name, "--output", f"{name}.int8")
        run("quantize", name, "--output", f"{name}.bf16", "--precision", "bfloat16")
        of_score, of_attention = largest_difference(name)
        check(f"{name}: log-probabilities are those of heed score ({of_score:.1e})", of_score < 1e-4)
        check(f"{name}: and attention is ({of_attention:.1e})", of_attention < 1e-5)
        of_score, of_attention = largest_difference(f"{name}.bf16", "--precision", "float32")
        check(f"{name}: of bfloat16 ({of_score:.1e}, {of_attention:.1e})", of_score < 1e-4 and of_attention < 1e-5)
        # heed quantizes what it multiplies too.
        of_score, of_attention = largest_difference(f"{name}.int8")
        check(f"{name}: of int8 ({of_score:.1e}, {of_attention:.1e})", of_score < 0.2 and of_attention < 0.05)
        check_rounded(name)
        check_dequantized(name)
    with safe_open("lstm/parameters.safetensors", "np") as file:
        check("the package safetensors reads it", file.metadata(), {"format": "heed"})
    with safe_open("lstm/training_state/optimizer.safetensors", "np") as file:
        mean, places = file.get_tensor("adam.mean"), file.metadata()
        at, rows, columns = map(int, places["generator.weight"].split())
        check("the optimizer's arrays have a place for each parameter", (rows, columns, at + rows * columns <= mean.size), (40, 11, True))
        check("of which all were moved", (mean.reshape(-1)[at:at + rows * columns] != 0).mean() > 0.9)
    os.chdir("/")
sys.exit(finish())
