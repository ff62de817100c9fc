"""Golden files of exact hard attention, for scripts/make-golden.

`hard-exact` (Wu, Shapiro and Cotterell 2018): p(y) = sum over positions j of alpha_j p(y | state, memory_j).
`hard-exact-first-order` (Wu and Cotterell 2019): a hidden Markov model over positions, by its forward algorithm,
    f_t(j) = sum over i of f_(t-1)(i) T_t(i, j) p(y_t | state, memory_j),       p(y_1 .. y_t) = sum over j of f_t(j).
All with probabilities as they are: heed sums logarithms, in blocks, and keeps posteriors in place of f.
"""
import json

import torch

import golden_attention
from golden_batch import EOS, forced
from golden_model import output_weight

CASES = {
    "hard-exact-plain": dict(attention="hard-exact", layers=1, bidirectional=True, input_feeding=False),
    "hard-exact-tied": dict(attention="hard-exact", layers=1, bidirectional=True, input_feeding=False, tied="target"),
    "hard-exact-feeding": dict(attention="hard-exact", layers=2, bidirectional=True, input_feeding=True),
    "hard-exact-first-order-plain": dict(attention="hard-exact-first-order", layers=1, bidirectional=True,
                                         input_feeding=False, window=2),
    "hard-exact-first-order-feeding": dict(attention="hard-exact-first-order", layers=2, bidirectional=True,
                                           input_feeding=True, deep_output=True, window=1),
    "hard-exact-first-order-cell-input": dict(attention="hard-exact-first-order", layers=1, bidirectional=True,
                                              input_feeding=False, entry="cell-input", window=10),
}
SOURCE_LENGTHS = [4, 1, 6, 3]
TARGET_LENGTHS = [2, 5, 1, 4]


class FirstOrder(golden_attention.Mechanism):
    """Jumps from position i by d = -D .. D: softmax(q W + h_i V + b), of those that stay in the sentence."""

    def shapes(self):
        jumps = 2 * self.config["window"] + 1
        return {"query": (self.query, jumps), "key": (self.encoded, jumps), "bias": (jumps,)}

    def transitions(self, query, memory):
        D, rows = self.config["window"], []
        for i, state in enumerate(memory):
            scores = query @ self.p("query") + state @ self.p("key") + self.p("bias")
            reached = [j for j in range(len(memory)) if abs(j - i) <= D]
            p = torch.softmax(torch.stack([scores[j - i + D] for j in reached]), 0)
            row = torch.zeros(len(memory), dtype=torch.float64)
            rows.append(row.index_put((torch.tensor(reached),), p))
        return torch.stack(rows)

    def attend(self, query, memory, state, values=None):
        if "f" not in state:
            state["f"] = torch.eye(len(memory), dtype=torch.float64)[0]
        self.state = state
        self.reached = state["f"] @ self.transitions(query, memory)
        weights = self.reached / self.reached.sum()
        return weights @ (memory if values is None else values), weights


golden_attention.KINDS |= {"hard-exact": golden_attention.LuongGeneral, "hard-exact-first-order": FirstOrder}


def make_model(base):
    class MarginalModel(base):
        """What is fed back is h~ of the expected context."""

        def forward(self, source, target):
            self.labels = iter(target + [EOS])
            return super().forward(source, target)

        def output(self, logits, weights, context, hidden, token):
            p = self.p
            of_positions = []
            for state in self.memory:
                combined = state @ p["output.context"] + hidden @ p["output.hidden"] + p["output.bias"]
                if "output.embedding" in p:
                    combined = combined + p["target.embedding"][token] @ p["output.embedding"]
                logits = torch.tanh(combined) @ output_weight(p) + p["generator.bias"]
                of_positions.append(torch.softmax(logits, 0))
            of_positions = torch.stack(of_positions)
            label, attention = next(self.labels), self.attentions[0]
            if isinstance(attention, FirstOrder):
                attention.state["f"] = attention.reached * of_positions[:, label]
            return torch.log(weights @ of_positions)

    return MarginalModel


def case(name, Draw, base_shapes, Model):
    config = dict(CASES[name], source_vocabulary=11, target_vocabulary=13, embedding=5,
                  encoder_hidden=6, decoder_hidden=7, label_smoothing=0.0)
    draw = Draw(f"model {name}")
    parameters = {key: draw.normal(*shape) for key, shape in base_shapes(config).items()}
    model = make_model(Model)(config, parameters)
    return forced(model, parameters, draw, config, zip(SOURCE_LENGTHS, TARGET_LENGTHS)), {key: json.dumps(value).strip('"') for key, value in config.items()}
