"""Models exported to ONNX, run by ONNX Runtime (examples/onnx_translate.py, docs/onnx.md): onnx_test.py PATH_OF_HEED

Of each mechanism, cell and composition a model with random weights: log-probabilities and attention of each step are
those of `heed score`. A few that were trained give the same translations. Exit status 77, with a reason, where a package
is missing.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(root / "src/app/tests"), str(root / "examples")]
from checks import check, finish  # noqa: E402

try:
    import numpy as np
    import sentencepiece  # noqa: F401
    from onnx_translate import Model, line_of
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

heed = os.path.realpath(sys.argv[1])

CONFIG = """data:
  train:      {tsv: train.tsv}
  validation: {tsv: dev.tsv}
  source: {tokenizer: spaces, vocabulary: 0, max_length: 0}
  target: {tokenizer: spaces, vocabulary: 0, max_length: 0}
model:
  embedding: 7
  encoder: {hidden: 8}
  decoder: {hidden: 6}
  attention: {kind: luong-general}
  initial: {weights: normal, scale: 0.6}
training: {epochs: 1, batch_sentences: 8, learning_rate: 0.1, threads: 1, optimizer: sgd, average_decay: 0, label_smoothing: 0}
"""

A = "model.attention."
EACH = "model.decoder.layers=2 model.encoder.layers=2 "
DEEP = "model.decoder.layers=3 model.encoder.layers=2 "
EQUAL = "model.encoder.hidden=6 "
CELLS = "model.encoder.cell={0} model.decoder.cell={0} model.encoder.layers=2 model.decoder.layers=2"

# Mechanisms, and keys beside their names.
MECHANISMS = {
    "none": "",
    "bahdanau": "",
    "bahdanau-normed": DEEP,
    "luong-dot": EQUAL,
    "scaled-dot": EQUAL,
    "luong-general": "",
    "luong-scaled": A + "scale=none",
    "luong-concat": A + "temperature=0.5",
    "luong-location": A + "positions=3",
    "luong-local-m": A + "window=2",
    "luong-local-p": A + "window=2",
    "location-sensitive": f"{A}filters=3 {A}filter_width=5",
    "coverage": "",
    "coverage-fertility": "",
    "coverage-neural": A + "filters=3",
    "monotonic-soft": "",
    "monotonic-chunkwise": A + "chunk=3",
    "hard-exact": "",
    "hard-exact-first-order": A + "window=2",
    "multi-head": f"{A}heads=2 {A}score=location-sensitive {A}filter_width=3",
}
# Compositions, by what they are.
COMPOSITIONS = {
    "sparsemax": f"{A}kind=bahdanau {A}normalizer=sparsemax {A}temperature=0.3",
    "entmax15": f"{A}kind=luong-general {A}normalizer=entmax15 {A}temperature=0.2",
    "sparse windows": f"{A}kind=luong-local-p {A}normalizer=sparsemax {A}window=2 model.copy=pointer-generator",
    "hard decisions": f"{A}kind=monotonic-soft {A}hard=true",
    "hard decisions in chunks": f"{A}kind=monotonic-chunkwise {A}hard=true {A}chunk=2",
    "side by side": f"{A}kind=luong-general+luong-local-m+coverage {A}window=1",
    "gates": f"{A}kind=luong-concat+luong-location {A}combine=gate",
    "hops": f"{A}kind=luong-general+coverage-neural {A}hops=2 {A}filters=2",
    "heads side by side": f"{A}kind=multi-head+luong-general {A}heads=4",
    "each layer": f"{EACH} {A}layers=each {A}kind=coverage {A}entry=output-only",
    "all encoder layers": f"{EACH} {A}source=all {A}kind=bahdanau",
    "no input feeding": "model.decoder.input_feeding=false",
    "both ways into the cell": f"{A}kind=bahdanau model.decoder.input_feeding=true model.decoder.deep_output=true",
    "conditional": f"{A}kind=bahdanau {A}entry=conditional model.decoder.cell=gru model.encoder.cell=gru model.decoder.bridge=mean-tanh",
    "conditional with layer norm": f"{A}entry=conditional model.decoder.cell=layernorm-gru model.encoder.cell=lstm model.decoder.cell_depth=2",
    "first layer": f"{EACH} {A}entry=first-layer",
    "all layers": f"{DEEP} {A}entry=all-layers model.decoder.residual=true",
    "gru": CELLS.format("gru"),
    "layernorm-lstm": CELLS.format("layernorm-lstm") + f" {A}kind=bahdanau",
    "layernorm-gru": CELLS.format("layernorm-gru"),
    "gru to lstm": "model.encoder.cell=gru model.decoder.bridge=last model.encoder.hidden=6",
    "depth": "model.encoder.cell_depth=3 model.decoder.cell_depth=2 model.decoder.bridge=learned",
    "residual": DEEP + "model.encoder.residual=true model.decoder.residual=true model.decoder.bridge=zero",
    "one way": "model.encoder.bidirectional=false model.decoder.bridge=linear",
    "first both ways": EACH + "model.encoder.bidirectional=first",
    "pyramid": "model.encoder.layers=3 model.encoder.pyramid=2 model.decoder.bridge=mean-tanh",
    "pyramid below a residual layer": "model.encoder.layers=3 model.encoder.pyramid=1 model.encoder.residual=true",
    "pyramid with heads": f"model.encoder.layers=2 model.encoder.pyramid=1 {A}kind=multi-head {A}heads=2",
    "context gate of the source": "model.decoder.context_gate=source",
    "context gate of the target": "model.decoder.context_gate=target model.decoder.deep_output=true",
    "context gate of both": "model.decoder.context_gate=both",
    "tied": "model.tied=target",
    "tied all": "model.tied=all data.joint_vocabulary=true",
    "copying": "model.copy=pointer-generator data.target.vocabulary=6",
    "copying by heads": f"model.copy=pointer-generator data.target.vocabulary=6 {A}kind=multi-head {A}heads=2 model.tied=target",
    "hard-exact, tied and fed": f"{A}kind=hard-exact model.tied=target model.decoder.deep_output=true",
    "jumps, fed by layers": f"{DEEP} {A}kind=hard-exact-first-order {A}entry=input-feeding {A}window=1",
    "reversed": "data.target.reversed=true",
    "no end of the source": "data.source.end=false model.copy=pointer-generator data.target.vocabulary=6",
    "features": "data.source.features=[{name: case, column: 3, embedding: 3}, {name: kind, column: 4, join: sum}]",
}

# Models that are trained, for whole translations: their tokenizers, and other keys.
TRAINED = {
    "spaces": ("spaces", f"{A}kind=bahdanau"),
    "characters": ("characters", f"{A}kind=hard-exact-first-order {A}window=2"),
    "characters that are copied": ("characters", f"model.copy=pointer-generator {A}kind=coverage data.target.vocabulary=20"),
    "words": ("words", f"{A}kind=location-sensitive data.source.lowercase=true data.target.reversed=true data.source.normalization=nfkc data.source.end=false"),
    "pieces": ("sentencepiece", f"{A}kind=multi-head {A}heads=2 model.encoder.cell=gru model.decoder.cell=gru data.joint_vocabulary=true"),
}
TRAINED_CONFIG = """data:
  train:      {source: text, target: text}
  validation: {source: dev, target: dev}
model: {embedding: 12, encoder: {hidden: 24}, decoder: {hidden: 24}}
training: {epochs: 2, batch_sentences: 16, learning_rate: 0.01, threads: 1, metrics: [perplexity], best_by: perplexity}
"""


def run(*arguments):
    return subprocess.run([heed, *arguments], check=True, capture_output=True, text=True, timeout=120).stdout


def train(name, settings, config="config.yaml"):
    words = [word for setting in settings for word in ("--set", setting)]
    run("train", config, "--quiet", "--output", name, *words)
    run("export", "--model", name, "--format", "onnx", "--output", f"{name}.onnx")
    return Model(f"{name}.onnx")


def settings_of(text):
    """At the spaces before KEY=."""
    out = []
    for word in text.split():
        if "=" in word and word[0] != "[":
            out.append(word)
        else:
            out[-1] += " " + word
    return out


# ---- steps ----


def feature_ids(model, source_tokens, rows):
    """Of each feature, of each sentence."""
    out = []
    for f, feature in enumerate(model.loop["features"]):
        values = (pathlib.Path("features.onnx") / feature["file"]).read_text(encoding="utf-8").split("\n")[:-1]
        of_rows = []
        for tokens, row in zip(source_tokens, rows):
            given = row[2 + f].split()
            given = given * len(tokens) if len(given) == 1 else given
            of_rows.append([values.index(value) for value in given] + [2])
        out.append(of_rows)
    return out


def differences(model, records, rows):
    """The largest of log-probabilities and of attention between ONNX Runtime, in one batch, and `heed score`."""
    turned = model.loop["target"]["reversed"]
    sources = [[token for token in record["source_tokens"] if token != "</s>"] for record in records]
    model.start(sources, feature_ids(model, sources, rows))
    of_score = of_attention = 0.0
    steps = max(len(record["target_tokens"]) for record in records)
    targets = [[model.target_id(s, token) for token in record["target_tokens"][:-1]] for s, record in enumerate(records)]
    targets = [(ids[::-1] if turned else ids) + [model.end] for ids in targets]
    known = lambda name, record: [value[-2::-1] + value[-1:] if turned else value for value in [record[name]]][0]
    previous = [model.begin] * len(records)
    for t in range(steps):
        values = model.step(previous)
        previous = [ids[min(t, len(ids) - 1)] for ids in targets]
        for s, record in enumerate(records):
            if t >= len(targets[s]):
                continue
            found = values["log_probabilities"][s, previous[s]]
            of_score = max(of_score, abs(found - known("log_probabilities", record)[t]))
            if not model.loop["attention"]:
                continue
            width = len(record["source_tokens"])
            pairs = [("attention", known("attention", record))]
            for layer, names in enumerate(model.loop["attention_layers"]):
                pairs += [(each, known(head, record["attention_layers"][layer])) for head, each in enumerate(names)]
            for name, expected in pairs:
                row = values[name][s]
                of_attention = max(of_attention, np.abs(row[:width] - expected[t]).max(), np.abs(row[width:]).max(initial=0))
    return of_score, of_attention


def check_steps(name, text, rows):
    model = train(name, settings_of(text))
    columns = "1,2,3,4" if model.loop["features"] else "1,2"
    attention = ["--attention"] * model.loop["attention"]
    lines = run("score", "--model", name, "--tsv", "dev.tsv", "--columns", columns, "--format", "jsonl", *attention)
    records = [json.loads(line) for line in lines.splitlines()]
    of_score, of_attention = differences(model, records, rows)
    check(f"{name}: log-probabilities ({of_score:.1e})", of_score < 1e-5)
    check(f"{name}: attention ({of_attention:.1e})", of_attention < 1e-5)


def sentence(numbers, longest):
    return [numbers.choice("abcdefghij") for _ in range(numbers.randint(1, longest))]


def write_pairs(path, count, seed):
    numbers = random.Random(seed)
    rows = []
    for _ in range(count):
        source, target = sentence(numbers, 9), sentence(numbers, 6)
        rows.append([" ".join(source), " ".join(target), " ".join(numbers.choice(["low", "up"]) for _ in source), numbers.choice("xy")])
    pathlib.Path(path).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return rows


# ---- translations ----


def text_line(numbers):
    words = ["The", "cat", "doesn't", "see", "12", "dogs", "Zoë", "of", "the", "house", "ﬁre", "(again)", "re-reads", "a"]
    line = " ".join(numbers.choice(words) for _ in range(numbers.randint(1, 6)))
    return line + numbers.choice(["", ".", "?!", ", 3,5", " «x»"])


def answers(name, *flags):
    with open("dev", encoding="utf-8") as lines:
        return subprocess.run([sys.executable, root / "examples/onnx_translate.py", f"{name}.onnx", *flags], stdin=lines, check=True,
                              capture_output=True, text=True, timeout=120).stdout


def check_translations(name, tokenizer, text):
    sides = [f"data.{side}.{key}" for side in ("source", "target") for key in (f"tokenizer={tokenizer}", "vocabulary=60")]
    train(name, sides + settings_of(text), "text.yaml")
    found = answers(name).splitlines()
    expected = run("translate", "--model", name, "--input", "dev", "--beam", "1").splitlines()
    check(f"{name}: as many translations", len(found), len(expected))
    differ = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
    check(f"{name}: the same translations ({len(set(expected))} different)", differ, [])


# In memory, where there is such a place: each model is synced to disk several times.
with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    os.chdir(folder)
    write_pairs("train.tsv", 40, 1)
    rows = write_pairs("dev.tsv", 12, 2)
    pathlib.Path("config.yaml").write_text(CONFIG, encoding="utf-8")
    for name, text in {**{kind: f"{A}kind={kind} {text}" for kind, text in MECHANISMS.items()}, **COMPOSITIONS}.items():
        check_steps(name, text, rows)
    listed = [line.split()[0] for line in run("list", "attentions").splitlines() if line[:1].strip()]
    check("every mechanism is tried", sorted(MECHANISMS), sorted(listed))
    numbers = random.Random(3)
    for path, count in {"text": 400, "dev": 197}.items():
        lines = [text_line(numbers) + "\n" for _ in range(count)]
        pathlib.Path(path).write_text("".join(lines + ["\n", "  two  blanks \n", "xyz ÿ 9\n"]), encoding="utf-8")
    pathlib.Path("text.yaml").write_text(TRAINED_CONFIG, encoding="utf-8")
    for name, (tokenizer, text) in TRAINED.items():
        check_translations(name, tokenizer, text)
    pathlib.Path("lines.jsonl").write_text(answers("spaces", "--attention"), encoding="utf-8")
    check("heed view shows its lines, those of blank sources too", "weight" in run("view", "--input", "lines.jsonl"), True)
    os.chdir("/")
sys.exit(finish())
