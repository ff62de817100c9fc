#!/usr/bin/env python3
"""Reads a bundle of Heed with NumPy and computes what `heed score` does: read_bundle.py BUNDLE

    heed score --model BUNDLE --source S --target T --format jsonl | examples/read_bundle.py BUNDLE

For each JSON line of standard input, which has the tokens of both sides, it prints the log-probability of the target.
It computes in float32 what docs/bundle.md says, from bundles in float32, bfloat16 or int8: LSTM and GRU, any number of
layers, bidirectional encoders, the bridge `dense`, attention `bahdanau` and `luong-general` with its usual scale, tied
embeddings. Of other models it says which arrays it does not know. Needs numpy and safetensors, and sentencepiece for
bundles with its models.
"""

import json
import pathlib
import sys

import numpy as np
from safetensors import deserialize

BEGIN = 1  # the id of <s>; 0 is <unk>, 2 is </s>


def read_arrays(path):
    """All arrays as float32, weights as [in, out]; of int8 `in` is rounded up to a multiple of 64."""
    types = {"F32": "<f4", "I8": "i1", "I32": "<i4", "BF16": "<u2"}
    raw = {}
    for name, of in deserialize(pathlib.Path(path).read_bytes()):
        values = np.frombuffer(of["data"], types[of["dtype"]]).reshape(of["shape"])
        # bfloat16 is the upper half of a float32.
        raw[name] = (values.astype("<u4") << 16).view("<f4") if of["dtype"] == "BF16" else values
    out = {}
    for name, values in raw.items():
        if name.rpartition(".")[0] in raw:
            continue  # the scales or sums of another
        if name + ".sum" in raw:
            values = weights(values, raw[name + ".scale"])
            if name.endswith(".embedding"):
                values = values.T  # of a tied table, which is stored as the output layer's weight [E, V]
        elif name + ".scale" in raw:
            values = values * raw[name + ".scale"][:, None]
        out[name] = values
    return out


def weights(blocks, scale):
    """[out / 64, in / 64, 4096] as [in, out]."""
    outs, ins = blocks.shape[:2]
    q = blocks.reshape(outs, ins, 16, 64, 4).transpose(1, 2, 4, 0, 3).reshape(ins * 64, outs * 64)
    return q[:, :len(scale)] * scale


def read_tokens(bundle, side):
    """A side's tokens in the order of their ids."""
    vocabulary = bundle / f"{side}.vocabulary"
    if vocabulary.exists():
        return vocabulary.read_text(encoding="utf-8").split("\n")[:-1]
    import sentencepiece
    model = sentencepiece.SentencePieceProcessor(model_file=str(bundle / f"{side}.sentencepiece"))
    text = [model.id_to_piece(i) for i in range(len(model)) if not (model.is_control(i) or model.is_unknown(i))]
    return ["<unk>", "<s>", "</s>"] + text


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def product(x, w):
    return x @ w[:len(x)]


class Model:
    def __init__(self, bundle):
        bundle = pathlib.Path(bundle)
        self.arrays = read_arrays(bundle / "parameters.safetensors")
        self.used = set()
        self.ids = {side: {token: i for i, token in enumerate(read_tokens(bundle, side))} for side in ("source", "target")}

    def __getitem__(self, name):
        self.used.add(name)
        return self.arrays[name]

    def has(self, name):
        return name in self.arrays

    def layers(self, side):
        return len({name.split(".")[1] for name in self.arrays if name.startswith(side + ".")})

    def table(self, side):
        return self[f"{side}.embedding"] if self.has(f"{side}.embedding") else self["target.embedding"]

    def step(self, name, gates, h, c):
        """A step of an LSTM or a GRU; `gates` are the products of all inputs."""
        size = len(h)
        recurrent = product(h, self[f"{name}.recurrent"])
        gates = gates + self[f"{name}.bias"]
        if self.has(f"{name}.recurrent_bias"):  # GRU: r, z, n
            recurrent = recurrent + self[f"{name}.recurrent_bias"]
            r = sigmoid(gates[:size] + recurrent[:size])
            z = sigmoid(gates[size:2 * size] + recurrent[size:2 * size])
            n = np.tanh(gates[2 * size:] + r * recurrent[2 * size:])
            return (1 - z) * n + z * h, c
        i, f, g, o = np.split(gates + recurrent, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    def run(self, name, inputs):
        """All states [S, H] of a direction, and its last h and c."""
        size = len(self[f"{name}.bias"]) // (3 if self.has(f"{name}.recurrent_bias") else 4)
        h = c = np.zeros(size, np.float32)
        states = []
        for x in inputs:
            h, c = self.step(name, product(x, self[f"{name}.input"]), h, c)
            states.append(h)
        return np.array(states), h, c

    def encode(self, ids):
        states = self.table("source")[ids]
        last = []
        for layer in range(self.layers("encoder")):
            forward, h, c = self.run(f"encoder.{layer}.forward", states)
            if not self.has(f"encoder.{layer}.backward.bias"):
                states = forward
            else:
                backward, h_back, c_back = self.run(f"encoder.{layer}.backward", states[::-1])
                states = np.concatenate([forward, backward[::-1]], 1)
                h, c = np.concatenate([h, h_back]), np.concatenate([c, c_back])
            last.append((h, c))
        return states, last

    def start(self, layer, last):
        """The bridge `dense`; a decoder with more layers than the encoder starts them from its last."""
        h, c = last[min(layer, len(last) - 1)]
        name = f"bridge.{layer}"
        h0 = np.tanh(product(h, self[f"{name}.hidden.weight"]) + self[f"{name}.hidden.bias"])
        if not self.has(f"{name}.cell.weight"):
            return h0, None
        of = h if self.has("encoder.0.forward.recurrent_bias") else c
        return h0, product(of, self[f"{name}.cell.weight"]) + self[f"{name}.cell.bias"]

    def attend(self, query, states, keys):
        if self.has("attention.query"):  # bahdanau
            energies = np.tanh(product(query, self["attention.query"]) + keys) @ self["attention.v"]
        else:  # luong-general
            energies = keys @ query * 32 / np.sqrt(len(query) * states.shape[1])
        weights = np.exp(energies - energies.max())
        weights /= weights.sum()
        return weights @ states, weights

    def score(self, source, target):
        """Log-probabilities of the target's tokens, and attention [T, S]; both sides with their </s>."""
        states, last = self.encode([self.ids["source"].get(token, 0) for token in source])
        keys = states @ self["attention.key"][:states.shape[1]]
        if self.has("attention.bias"):
            keys = keys + self["attention.bias"]
        decoder = [self.start(layer, last) for layer in range(self.layers("decoder"))]
        attentional = np.zeros(len(self["output.bias"]), np.float32)  # h~, what input feeding reads
        table = self.table("target")
        generator = self["generator.weight"] if self.has("generator.weight") else table.T
        previous = BEGIN
        scores, attention = [], []
        for token in target:
            x = table[previous]
            if self.has("decoder.0.context"):  # asked with the state of the previous step
                context, row = self.attend(decoder[-1][0], states, keys)
            for layer, (h, c) in enumerate(decoder):
                gates = product(x, self[f"decoder.{layer}.input"])
                if self.has(f"decoder.{layer}.context"):
                    gates = gates + product(context, self[f"decoder.{layer}.context"])
                if self.has(f"decoder.{layer}.feed"):
                    gates = gates + product(attentional, self[f"decoder.{layer}.feed"])
                decoder[layer] = self.step(f"decoder.{layer}", gates, h, c)
                x = decoder[layer][0]
            if not self.has("decoder.0.context"):
                context, row = self.attend(x, states, keys)
            attentional = np.tanh(product(x, self["output.hidden"]) + product(context, self["output.context"]) + self["output.bias"])
            logits = product(attentional, generator) + self["generator.bias"]
            previous = self.ids["target"].get(token, 0)
            scores.append(logits[previous] - logits.max() - np.log(np.exp(logits - logits.max()).sum()))
            attention.append(row)
        unknown = sorted(set(self.arrays) - self.used)
        if unknown:
            sys.exit(f"read_bundle: arrays that this script does not know: {', '.join(unknown)}")
        return np.array(scores), np.array(attention)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BUNDLE <SCORES.jsonl")
    model = Model(sys.argv[1])
    for line in sys.stdin:
        record = json.loads(line)
        scores, _ = model.score(record["source_tokens"], record["target_tokens"])
        print(f"{scores.sum():.6f}")


if __name__ == "__main__":
    main()
