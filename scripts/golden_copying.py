"""Golden files of the pointer-generator and the coverage loss (See et al. 2017), for scripts/make-golden.

Probabilities are mixed as probabilities here, one sentence at a time: heed does the same in log space and in blocks.
"""
import json

import torch

from golden_batch import EOS, FIRST_WORD, Batch

UNKNOWN = 0

# Attention, its setting in make-golden, label smoothing, and the factor of the coverage loss.
CASES = {
    "copy-bahdanau": dict(attention="bahdanau", layers=1, bidirectional=False, input_feeding=True,
                          label_smoothing=0.0, coverage_loss=0.0),
    "copy-tied": dict(attention="bahdanau", layers=1, bidirectional=True, input_feeding=True, tied="target",
                      label_smoothing=0.1, coverage_loss=0.0),
    "copy-luong-general": dict(attention="luong-general", layers=2, bidirectional=True, input_feeding=True,
                               label_smoothing=0.1, coverage_loss=0.7),
    "copy-luong-concat": dict(attention="luong-concat", layers=1, bidirectional=True, input_feeding=False,
                              label_smoothing=0.0, coverage_loss=1.0),
}
SOURCE_LENGTHS = [4, 2, 6, 3]
TARGET_LENGTHS = [3, 5, 1, 4]


def shapes(base, config):
    """The model's parameters, and the switch's."""
    out = dict(base(config))
    out["copy.context"] = (config["encoder_hidden"], 1)
    out["copy.hidden"] = (config["decoder_hidden"], 1)
    out["copy.embedding"] = (config["embedding"], 1)
    out["copy.bias"] = (1,)
    return out


def make_model(base):
    class CopyModel(base):
        """Equations 8 and 9. `copies` are the target ids of the source positions, EOS's included."""

        def output(self, logits, weights, context, hidden, token):
            p = self.p
            gate = (context @ p["copy.context"] + hidden @ p["copy.hidden"] +
                    p["target.embedding"][token] @ p["copy.embedding"] + p["copy.bias"])
            p_gen = torch.sigmoid(gate)
            self.generated.append(torch.log_softmax(logits, 0))
            vocabulary = logits.shape[0]
            columns = max([vocabulary] + [c + 1 for c in self.copies])
            mixture = torch.cat([p_gen * torch.softmax(logits, 0),
                                 torch.zeros(columns - vocabulary, dtype=torch.float64)])
            mixture = mixture.index_add(0, torch.tensor(self.copies), (1 - p_gen) * weights)
            return torch.log(mixture)

        def run(self, source, target, copies):
            self.copies, self.generated = copies, []
            fed = [token if token < self.config["target_vocabulary"] else UNKNOWN for token in target]
            log_p, weights = self.forward(source, fed)
            return log_p, weights, torch.stack(self.generated)

    return CopyModel


def coverage_loss(weights):
    """Equation 13: sum over steps and positions of min(weight, what the steps before gave)."""
    coverage = torch.zeros_like(weights[0])
    total = 0.0
    for row in weights:
        total = total + torch.minimum(row, coverage).sum()
        coverage = coverage + row
    return total


def draw_pair(draw, config, source_length, target_length):
    """A source, what its tokens are copied as, and a target that has words of all kinds."""
    vocabulary = config["target_vocabulary"]
    source = draw.integers(FIRST_WORD, config["source_vocabulary"], source_length)
    copies = []
    for s in range(source_length):  # in turn: a word of the vocabulary, one of the sentence's own, a repeated one
        copies.append([int(draw.integers(FIRST_WORD, vocabulary, 1)), vocabulary + s // 3, copies[0] if copies else 4][s % 3])
    own = [c for c in copies if c >= vocabulary]
    target = []
    for t in range(target_length):
        choice = [copies[t % source_length], int(draw.integers(FIRST_WORD, vocabulary, 1)), own[0] if own else UNKNOWN]
        target.append(choice[t % 3])
    return source, torch.tensor(target), torch.tensor(copies)


def case(name, Draw, base_shapes, Model):
    setting = CASES[name]
    config = dict(setting, copy="pointer-generator", source_vocabulary=11, target_vocabulary=13, embedding=5,
                  encoder_hidden=6, decoder_hidden=7)
    draw = Draw(f"model {name}")
    parameters = {key: draw.normal(*shape) for key, shape in shapes(base_shapes, config).items()}
    model = make_model(Model)(config, parameters)
    batch = Batch(parameters)
    smoothing = config["label_smoothing"]
    for source_length, target_length in zip(SOURCE_LENGTHS, TARGET_LENGTHS):
        source, target, copies = draw_pair(draw, config, source_length, target_length)
        log_p, weights, generated = model.run(source.tolist(), target.tolist(), copies.tolist() + [EOS])
        labels = target.tolist() + [EOS]
        picked = torch.stack([log_p[t, label] for t, label in enumerate(labels)])
        loss = (1 - smoothing) * -picked.sum() + smoothing * -generated.mean(1).sum()
        batch.add(loss + config["coverage_loss"] * coverage_loss(weights), len(labels),
                  {"source": source, "target": target, "copies": copies, "log_probability": picked, "attention": weights})
    return batch.finish(), {key: json.dumps(value).strip('"') for key, value in config.items()}
