#!/usr/bin/env python3
"""Translates greedily with a model that was exported to ONNX: onnx_translate.py DIR [--attention] <TEXT

    heed export --model runs/en-fr --format onnx --output runs/en-fr.onnx
    examples/onnx_translate.py runs/en-fr.onnx <test.en

A line for each line, as `heed translate --beam 1` gives it. With --attention it writes JSON lines, which `heed view`
shows. docs/onnx.md says what the folder holds. Needs numpy and onnxruntime, and sentencepiece for models with its
pieces. Of the source's features, and of symbols that are no text, it knows nothing.
"""

import json
import pathlib
import re
import sys
import unicodedata

import numpy as np
import onnxruntime

BATCH = 32
JOINER = "￭"  # of `words`: no space on this side of a token
SPACE = "▁"  # of `characters`


# ---- text to tokens, and back ----


def kind(c):
    """In the order in which they take the joiner."""
    category = unicodedata.category(c)
    return 1 if category[0] in "LM" else 2 if category == "Nd" else 3


def split_words(text):
    """Runs of letters, runs of digits, and other characters by themselves; a joiner where there is no space."""
    tokens, kinds, joined = [], [], []
    for word in text.split():
        for at, c in enumerate(word):
            if at > 0 and kind(c) == kinds[-1] != 3:
                tokens[-1] += c
            else:
                tokens.append(c)
                kinds.append(kind(c))
                joined.append(at > 0)
    for i in range(len(tokens)):
        left = joined[i] and kinds[i] >= kinds[i - 1]
        right = i + 1 < len(tokens) and joined[i + 1] and kinds[i] > kinds[i + 1]
        tokens[i] = JOINER * left + tokens[i] + JOINER * right
    return tokens


def join_words(tokens):
    return re.sub(f" ?{JOINER} ?", "", " ".join(tokens))


def split_characters(text):
    return [] if not text.strip() else [SPACE if c == " " else c * 2 if c == SPACE else c for c in text]


def join_characters(tokens):
    return "".join(" " if token == SPACE else SPACE if token == SPACE * 2 else token for token in tokens)


class Side:
    """A side's tokens: `source` or `target` of heed.json."""

    def __init__(self, folder, options):
        self.options = options
        if options["symbols"]:
            sys.exit("onnx_translate: the model has symbols (data.source.symbols), of which this example knows nothing")
        path = folder / options["file"]
        if options["tokenizer"] == "sentencepiece":
            import sentencepiece
            self.pieces = model = sentencepiece.SentencePieceProcessor(model_file=str(path))
            own = [model.id_to_piece(i) for i in range(len(model)) if not (model.is_control(i) or model.is_unknown(i))]
            self.tokens = ["<unk>", "<s>", "</s>"] + own
        else:
            self.tokens = path.read_text(encoding="utf-8").split("\n")[:-1]
        self.ids = {token: i for i, token in enumerate(self.tokens) if i > 2}

    def split(self, text):
        if self.options["normalization"] != "none":
            text = unicodedata.normalize(self.options["normalization"].upper(), text)
        if self.options["lowercase"]:
            text = text.lower()
        return {"spaces": str.split, "words": split_words, "characters": split_characters,
                "sentencepiece": lambda t: self.pieces.encode(t, out_type=str)}[self.options["tokenizer"]](text)

    def join(self, tokens):
        return {"spaces": " ".join, "words": join_words, "characters": join_characters,
                "sentencepiece": lambda t: self.pieces.decode(t)}[self.options["tokenizer"]](tokens)


# ---- the model ----


class Model:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.loop = json.loads((folder / "heed.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.enable_mem_pattern = False  # lengths differ from run to run; with it, versions before 1.19 give wrong numbers
        self.encoder, self.decoder = (onnxruntime.InferenceSession(str(folder / self.loop[part]), options, providers=["CPUExecutionProvider"])
                                      for part in ("encoder", "step"))
        self.source, self.target = Side(folder, self.loop["source"]), Side(folder, self.loop["target"])
        self.begin, self.end = self.loop["ids"]["begin"], self.loop["ids"]["end"]
        self.source_end = ["</s>"] if self.loop["source"].get("end", True) else []

    def start(self, sources, features=()):
        """Encodes sentences of tokens. `features`: of each, ids of each sentence's tokens and of their end, if they have one."""
        lengths = np.array([len(tokens) + len(self.source_end) for tokens in sources])
        ends = [self.end] * len(self.source_end)
        padded = lambda rows: np.array([list(row) + [0] * (lengths.max() - len(row)) for row in rows], np.int64)
        ids = [[self.source.ids.get(token, 0) for token in tokens] + ends for tokens in sources]
        feed = {"source": padded(ids), "lengths": lengths}
        for feature, rows in zip(self.loop["features"], features):
            feed[feature["input"]] = padded(rows)
        names = [value["name"] for value in self.loop["memory"] + self.loop["states"]]
        values = dict(zip(names, self.encoder.run(names, feed)))
        self.memory = {value["name"]: values[value["name"]] for value in self.loop["memory"]}
        self.states = {state["name"]: values[state["name"]] for state in self.loop["states"]}
        if self.loop["copies"]:
            self.copied = [self.words_of(tokens) for tokens in sources]
            self.memory["copies"] = padded([[self.target_id(s, token) for token in tokens] + ends for s, tokens in enumerate(sources)])

    def words_of(self, tokens):
        """Those that the target's vocabulary lacks, which have ids behind it."""
        return list(dict.fromkeys(token for token in tokens if token not in self.target.ids))

    def target_id(self, sentence, token):
        """0 for a token that is unknown."""
        if self.loop["copies"] and token in self.copied[sentence]:
            return len(self.target.tokens) + self.copied[sentence].index(token)
        return self.target.ids.get(token, 0)

    def token(self, sentence, i):
        known = len(self.target.tokens)
        return self.target.tokens[i] if i < known else self.copied[sentence][i - known]

    def step(self, tokens):
        """Of each sentence the id of the previous token: the outputs by name."""
        names = [output.name for output in self.decoder.get_outputs()]
        feed = {"token": np.array(tokens, np.int64), **self.memory, **self.states}
        values = dict(zip(names, self.decoder.run(names, feed)))
        self.states = {state["name"]: values[state["next"]] for state in self.loop["states"]}
        return values

    def translate(self, sources):
        """Greedily: of each sentence its tokens, the end's included, their log-probabilities and rows of attention."""
        self.start(sources)
        limit = self.loop["length_limit"]
        rooms = [max(1, int(limit["ratio"] * (len(tokens) + 1)) + limit["extra"]) for tokens in sources]
        answers = [[] for _ in sources]
        previous = [self.begin] * len(sources)
        for _ in range(max(rooms)):
            values = self.step(previous)
            scores = values["log_probabilities"].copy()
            scores[:, self.begin] = -np.inf
            previous = scores.argmax(1)
            for s, answer in enumerate(answers):
                if len(answer) == rooms[s] or (answer and answer[-1][0] == "</s>"):
                    continue
                row = values["attention"][s, :len(sources[s]) + len(self.source_end)].tolist() if self.loop["attention"] else []
                answer.append((self.token(s, previous[s]), float(scores[s, previous[s]]), row))
            if all(len(answer) == room or answer[-1][0] == "</s>" for answer, room in zip(answers, rooms)):
                break
        return answers


# ---- lines ----


def line_of(model, source, tokens, answer, attention):
    words = [token for token, _, _ in answer if token != "</s>"]
    if model.loop["target"]["reversed"]:
        words.reverse()
    text = model.target.join(words)
    if not attention:
        return text
    found = {"text": text, "tokens": words + ["</s>"] * (len(words) < len(answer)), "log_probability": sum(p for _, p, _ in answer)}
    if model.loop["attention"]:
        rows = [row for _, _, row in answer]
        found["attention"] = rows[:len(words)][::-1] + rows[len(words):] if model.loop["target"]["reversed"] else rows
    return json.dumps({"source": source, "source_tokens": tokens + model.source_end, "translations": [found]}, ensure_ascii=False)


def blank_line_of(model, source, attention):
    """A source without tokens has an answer without them."""
    found = {"text": "", "tokens": [], "log_probability": 0.0, **({"attention": []} if model.loop["attention"] else {})}
    return json.dumps({"source": source, "source_tokens": [], "translations": [found]}, ensure_ascii=False) if attention else ""


def main():
    arguments = sys.argv[1:]
    attention = "--attention" in arguments
    if len(arguments) != 1 + attention:
        sys.exit(f"usage: {sys.argv[0]} DIR [--attention] <TEXT")
    model = Model(next(word for word in arguments if word != "--attention"))
    if model.loop["features"]:
        sys.exit("onnx_translate: the model reads features of the source, of which this example knows nothing")
    lines = [line.rstrip("\n") for line in sys.stdin]
    for first in range(0, len(lines), BATCH):
        batch = lines[first:first + BATCH]
        tokens = [model.source.split(line) for line in batch]
        answers = iter(model.translate([each for each in tokens if each]) if any(tokens) else [])
        for line, each in zip(batch, tokens):
            print(line_of(model, line, each, next(answers), attention) if each else blank_line_of(model, line, attention))


if __name__ == "__main__":
    main()
