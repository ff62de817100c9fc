"""Models of SentencePiece as data.source.model, beside the package itself: sentencepiece_test.py PATH_OF_HEED

Models of many kinds are trained by the package; `heed` reads them, and its pieces and joined text are the package's.
Exit status 77, with a reason, where the package is not installed.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src/app/tests"))
from checks import check, finish  # noqa: E402

try:
    import sentencepiece
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

heed = os.path.realpath(sys.argv[1])

T5 = dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
MODELS = {
    "usual": {},
    "t5": T5 | dict(byte_fallback=True, user_defined_symbols=["<extra_id_0>", "<extra_id_1>"]),
    "bpe": dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity"),
    "llama": dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True),
    "folded": dict(normalization_rule_name="nmt_nfkc_cf", control_symbols=["<2fr>"]),
    "bare": dict(normalization_rule_name="nfkc", add_dummy_prefix=False, unk_id=3, bos_id=0, eos_id=2, pad_id=1),
    "characters": dict(model_type="char"),
}

LINES = ["The cat sleeps on the mat, doesn't it?", "\u00c9t\u00e9 comme hiver: l\u2019eau de la fontaine.", "stra\u00dfe und \u00dcbung",
         "numbers 1 22 31 and 4,5", "a b c d e f g h i j k l m n o p q r s t u v w x y z", "THE END OF IT ALL"]


def sentences(count, seed):
    """Words of the lines, and now and then what no model has seen or what it normalises."""
    numbers = random.Random(seed)
    words = " ".join(LINES).split()
    odd = ["\u6f22\u5b57", "\uff28\uff45llo", "\ufb01n", "\u2460", "x\u00a0y", "\U0001f600", "\u0939\u093f", "  ", "<0x41>", "<extra_id_0>", "<2fr>",
           "e\u0301", "\u00bd", "\u30ab\u3099", "\u200b", "\ufeff", "\u3000", "\u2103", "</s>", "<pad>"]
    return [" ".join(numbers.choice(words if numbers.random() < 0.8 else odd) for _ in range(numbers.randint(1, 12))) for _ in range(count)]


def train_heed(model):
    pathlib.Path("config.yaml").write_text(f"""data:
  train:      {{source: train, target: train}}
  validation: {{source: dev, target: dev}}
  source: {{tokenizer: sentencepiece, model: {model}}}
  target: {{tokenizer: sentencepiece, model: {model}}}
model: {{embedding: 16, encoder: {{hidden: 16}}, decoder: {{hidden: 16}}}}
training: {{epochs: 1, batch_sentences: 16, learning_rate: 0.01}}
output: {model}.run
""", encoding="utf-8")
    done = subprocess.run([heed, "train", "config.yaml", "--quiet"], capture_output=True, text=True, timeout=120)
    check(f"{model}: a training", (done.returncode, done.stderr if done.returncode else ""), (0, ""))


def run(*arguments):
    return subprocess.run([heed, *arguments], check=True, capture_output=True, text=True, timeout=120).stdout.split("\n")[:-1]


def check_model(name, lines):
    package = sentencepiece.SentencePieceProcessor(model_file=f"{name}.model")
    train_heed(f"{name}.model")
    bundle = f"{name}.model.run"
    kept = sentencepiece.SentencePieceProcessor(model_file=f"{bundle}/source.sentencepiece")
    check(f"{name}: the bundle's model is the package's", kept.encode(lines), package.encode(lines))
    records = [json.loads(line) for line in run("score", "--model", bundle, "--source", "dev", "--target", "dev", "--format", "jsonl")]
    pieces = [record["source_tokens"][:-1] for record in records]
    wrong = [(line, ours, theirs) for line, ours, theirs in zip(lines, pieces, package.encode(lines, out_type=str)) if ours != theirs]
    check(f"{name}: pieces of {len(lines)} lines", wrong[:3], [])
    records = [json.loads(line) for line in run("translate", "--model", bundle, "--input", "dev", "--format", "jsonl", "--beam", "4", "--nbest", "4")]
    unlike = []
    for record in records:
        for translation in record["translations"]:
            tokens = [token for token in translation["tokens"] if token != "</s>"]
            # <unk> has another text there, and a line break ends no line here.
            if "<unk>" in tokens or {"<0x0A>", "<0x0D>", "<0x00>"} & set(tokens):
                continue
            if translation["text"] != package.decode(tokens):
                unlike.append((tokens, translation["text"], package.decode(tokens)))
    check(f"{name}: texts of hypotheses", unlike[:3], [])


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    lines = [line for line in sentences(400, 1) if line.strip()]
    pathlib.Path("train").write_text("".join(line + "\n" for line in lines[:200]), encoding="utf-8")
    pathlib.Path("dev").write_text("".join(line + "\n" for line in lines[200:]), encoding="utf-8")
    for name, options in MODELS.items():
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(LINES * 3), model_prefix=name, hard_vocab_limit=False, minloglevel=3,
                                                 **({"vocab_size": 380, "max_sentence_length": 10000} | options))
        check_model(name, lines[200:])
    pathlib.Path("none.model").write_text("this is no model\n", encoding="utf-8")
    train = subprocess.run([heed, "train", "config.yaml", "--output", "never", "--set", "data.source.model=none.model"], capture_output=True, text=True, timeout=60)
    check("what is no model", (train.returncode, "none.model: not a SentencePiece model" in train.stderr), (1, True))
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(LINES), model_prefix="suffix", vocab_size=80, hard_vocab_limit=False,
                                             treat_whitespace_as_suffix=True, minloglevel=3)
    train = subprocess.run([heed, "train", "config.yaml", "--output", "never", "--set", "data.source.model=suffix.model"], capture_output=True, text=True, timeout=60)
    check("a model that Heed does not read", (train.returncode, "train it without treat_whitespace_as_suffix" in train.stderr), (1, True))
    os.chdir("/")
sys.exit(finish())
