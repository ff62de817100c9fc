"""What scripts/make-golden keeps of a batch: its loss, and the gradients of it."""
import torch

EOS = 2
FIRST_WORD = 3


class Batch:
    def __init__(self, parameters):
        self.parameters = parameters
        self.arrays = {}
        self.total = 0.0
        self.labels = 0

    def add(self, loss, labels, arrays):
        """A sentence: its loss, a sum over so many labels, and what is to be kept of it under its number."""
        number = len({name.split("/")[1] for name in self.arrays})
        self.arrays.update({f"{name}/{number}": value for name, value in arrays.items()})
        self.total = self.total + loss
        self.labels += labels

    def finish(self):
        """{name: array}, with the mean loss of the labels, the parameters, and its gradients."""
        loss = self.total / self.labels
        loss.backward()
        self.arrays["loss"] = loss.reshape(1)
        for key, value in self.parameters.items():
            self.arrays[f"parameter/{key}"] = value
            self.arrays[f"gradient/{key}"] = value.grad
        return self.arrays


def forced(model, parameters, draw, config, lengths):
    """The arrays of random pairs of these (source, target) lengths under teacher forcing."""
    batch = Batch(parameters)
    smoothing = float(config.get("label_smoothing", 0))
    for source_length, target_length in lengths:
        source = draw.integers(FIRST_WORD, config["source_vocabulary"], source_length)
        target = draw.integers(FIRST_WORD, config["target_vocabulary"], target_length)
        log_p, weights = model.forward(source.tolist(), target.tolist())
        labels = target.tolist() + [EOS]
        picked = torch.stack([log_p[t, label] for t, label in enumerate(labels)])
        loss = (1 - smoothing) * -picked.sum() + smoothing * -log_p[:len(labels)].mean(1).sum()
        arrays = {"source": source, "target": target, "log_probability": picked}
        batch.add(loss, len(labels), arrays if weights is None else {**arrays, "attention": weights})
    return batch.finish()
