"""Trains small models with Keras, and writes what it computes with them: train_keras.py FOLDER

The layout is docs/importing.md's: embeddings, a recurrent encoder, a decoder that starts from its states, attention, a layer of tanh,
the output layer; texts end with [END], targets begin with [START]. Run by scripts/make-imports.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"
import keras  # noqa: E402
import numpy  # noqa: E402
import toy  # noqa: E402
import torch  # noqa: E402
from keras import layers  # noqa: E402

SOURCE, TARGET = ["", "[UNK]", "[END]", *toy.LETTERS], ["", "[UNK]", "[START]", "[END]", *toy.WORDS]
PAD, UNKNOWN = 0, 1
EPOCHS = 15


def dot():
    """A GRU that reads in both directions, a decoder as wide as both, and Keras's Attention with a scale."""
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    read = layers.Embedding(len(SOURCE), 12, mask_zero=True)(source)
    states, forward, backward = layers.Bidirectional(layers.GRU(8, return_sequences=True, return_state=True))(read)
    start = layers.Concatenate()([forward, backward])
    written = layers.Dropout(0.1)(layers.Embedding(len(TARGET), 12, mask_zero=True)(target))
    hidden = layers.GRU(16, return_sequences=True)(written, initial_state=start)
    context = layers.Attention(use_scale=True)([hidden, states])
    combined = layers.Dense(16, activation="tanh")(layers.Concatenate()([context, hidden]))
    return keras.Model([source, target], layers.Dense(len(TARGET), activation="softmax")(combined))


def additive():
    """LSTM in one direction, with AdditiveAttention, and logits."""
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    read = layers.Embedding(len(SOURCE), 10)(source)
    states, *start = layers.LSTM(16, return_sequences=True, return_state=True)(read)
    written = layers.Embedding(len(TARGET), 12)(target)
    hidden, _, _ = layers.LSTM(16, return_sequences=True, return_state=True)(written, initial_state=start)
    context = layers.AdditiveAttention()([hidden, states])
    combined = layers.Dense(16, activation="tanh")(layers.Concatenate()([hidden, context]))
    return keras.Model([source, target], layers.Dense(len(TARGET))(combined))


CASES = {"dot": dot, "additive": additive}


def ids(tokens, vocabulary):
    return [vocabulary.index(each) if each in vocabulary else UNKNOWN for each in tokens]


def train(model, logits):
    """Batches of one length each, which need no padding."""
    lengths = {}
    for source, target in toy.pairs(2000, seed=1):
        lengths.setdefault(len(source), []).append((ids([*source, "[END]"], SOURCE), ids(["[START]", *target, "[END]"], TARGET)))
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=logits))
    for _ in range(EPOCHS):
        for examples in lengths.values():
            sources, targets = (numpy.array(each, "int32") for each in zip(*examples))
            model.fit([sources, targets[:, :-1]], targets[:, 1:], batch_size=32, epochs=1, verbose=0)


class Toolkit:
    def __init__(self, model, logits):
        self.model, self.logits = model, logits

    def log_probabilities(self, source, before):
        with torch.no_grad():
            given = [torch.tensor([ids([*source, "[END]"], SOURCE)]), torch.tensor([before])]
            out = self.model(given)[0].cpu().double()
            return torch.log_softmax(out, -1) if self.logits else out.log()

    def score(self, source, target):
        written = ids(["[START]", *target, "[END]"], TARGET)
        return self.log_probabilities(source, written[:-1]).gather(1, torch.tensor(written[1:])[:, None]).sum().item()

    def translate(self, source):
        before = [TARGET.index("[START]")]
        while len(before) < 20:
            best = int(self.log_probabilities(source, before)[-1].argmax())
            if TARGET[best] == "[END]":
                break
            before.append(best)
        return [TARGET[each] for each in before[1:]]


def make(case, folder, _work, _whole):
    torch.set_num_threads(1)
    keras.utils.set_random_seed(1)
    model = CASES[case]()
    logits = case == "additive"
    train(model, logits)
    # Without the optimizer's state.
    bare = keras.Model(model.inputs, model.outputs)
    bare.save(folder / "model.keras")
    for side, tokens in (("source", SOURCE), ("target", TARGET)):
        (folder / f"{side}.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    toolkit = Toolkit(bare, logits)
    toy.write_golden(folder, f"Keras {keras.__version__}: {case}", toolkit.score, toolkit.translate, kind="keras",
                     files=["model.keras", "source.txt", "target.txt"], options=[])


if __name__ == "__main__":
    toy.main("keras", CASES, make)
