"""Golden files of `hard-exact` (Wu, Shapiro and Cotterell 2018), for scripts/make-golden.

p(y) = sum over positions j of alpha_j p(y | state, memory_j), with probabilities as they are: heed sums logarithms, in blocks.
"""
import json

import torch

EOS, FIRST_WORD = 2, 3
CASES = {
    "hard-exact-plain": dict(layers=1, bidirectional=True, input_feeding=False),
    "hard-exact-feeding": dict(layers=2, bidirectional=True, input_feeding=True),
}
SOURCE_LENGTHS = [4, 1, 6, 3]
TARGET_LENGTHS = [2, 5, 1, 4]


def make_model(base):
    class MarginalModel(base):
        """The parameters of luong-general; what is fed back is h~ of the expected context."""

        def output(self, logits, weights, context, hidden, token):
            p = self.p
            mixture = 0.0
            for alpha, state in zip(weights, self.memory):
                combined = torch.tanh(state @ p["output.context"] + hidden @ p["output.hidden"] + p["output.bias"])
                mixture = mixture + alpha * torch.softmax(combined @ p["generator.weight"] + p["generator.bias"], 0)
            return torch.log(mixture)

    return MarginalModel


def case(name, Draw, base_shapes, Model):
    config = dict(CASES[name], attention="luong-general", source_vocabulary=11, target_vocabulary=13, embedding=5,
                  encoder_hidden=6, decoder_hidden=7, label_smoothing=0.0)
    draw = Draw(f"model {name}")
    parameters = {key: draw.normal(*shape) for key, shape in base_shapes(config).items()}
    model = make_model(Model)(config, parameters)
    arrays, total, labels_in_batch = {}, 0.0, 0
    for i, (source_length, target_length) in enumerate(zip(SOURCE_LENGTHS, TARGET_LENGTHS)):
        source = draw.integers(FIRST_WORD, config["source_vocabulary"], source_length)
        target = draw.integers(FIRST_WORD, config["target_vocabulary"], target_length)
        log_p, weights = model.forward(source.tolist(), target.tolist())
        labels = target.tolist() + [EOS]
        picked = torch.stack([log_p[t, label] for t, label in enumerate(labels)])
        total = total - picked.sum()
        labels_in_batch += len(labels)
        arrays[f"source/{i}"], arrays[f"target/{i}"] = source, target
        arrays[f"log_probability/{i}"], arrays[f"attention/{i}"] = picked, weights
    loss = total / labels_in_batch
    loss.backward()
    arrays["loss"] = loss.reshape(1)
    for key, value in parameters.items():
        arrays[f"parameter/{key}"] = value
        arrays[f"gradient/{key}"] = value.grad
    config["attention"] = "hard-exact"
    return arrays, {key: json.dumps(value).strip('"') for key, value in config.items()}
