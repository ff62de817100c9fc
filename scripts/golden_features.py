"""Golden files of source features (Sennrich and Haddow 2016), for scripts/make-golden: each token has an id of each
feature, whose embedding stands beside that of the token, or is added to it."""
import json

import torch

from golden_batch import EOS, FIRST_WORD, Batch

# Of each feature: name, ids, width, join.
CASES = {
    "features-concatenate": [("pos", 6, 3, "concatenate"), ("dialect", 5, 2, "concatenate")],
    "features-sum": [("pos", 6, 5, "sum"), ("dialect", 5, 2, "concatenate"), ("lemma", 7, 5, "sum")],
}
CONFIG = dict(attention="luong-general", layers=2, bidirectional=True, input_feeding=True, label_smoothing=0.1,
              source_vocabulary=8, target_vocabulary=7, embedding=5, encoder_hidden=4, decoder_hidden=5)
SOURCE_LENGTHS = [3, 1, 5]
TARGET_LENGTHS = [2, 4, 1]


def shapes(base, features):
    out = dict(base(CONFIG))
    beside = sum(width for _, _, width, join in features if join == "concatenate")
    for direction in ("forward", "backward"):
        rows, columns = out[f"encoder.0.{direction}.input"]
        out[f"encoder.0.{direction}.input"] = (rows + beside, columns)
    out.update({f"source.features.{name}.embedding": (ids, width) for name, ids, width, _ in features})
    return out


def make_model(base, features):
    class FeatureModel(base):
        """`values`: of each feature the ids of the tokens and of EOS."""

        def embed(self, source):
            out = []
            for s, token in enumerate(super().embed(source)):
                beside = []
                for (name, _, _, join), ids in zip(features, self.values):
                    vector = self.p[f"source.features.{name}.embedding"][ids[s]]
                    if join == "sum":
                        token = token + vector
                    else:
                        beside.append(vector)
                out.append(torch.cat([token] + beside))
            return out

    return FeatureModel


def case(name, Draw, base_shapes, Model):
    features = CASES[name]
    draw = Draw(f"model {name}")
    parameters = {key: draw.normal(*shape) for key, shape in shapes(base_shapes, features).items()}
    model = make_model(Model, features)(CONFIG, parameters)
    batch = Batch(parameters)
    smoothing = CONFIG["label_smoothing"]
    for source_length, target_length in zip(SOURCE_LENGTHS, TARGET_LENGTHS):
        source = draw.integers(FIRST_WORD, CONFIG["source_vocabulary"], source_length)
        target = draw.integers(FIRST_WORD, CONFIG["target_vocabulary"], target_length)
        model.values = [draw.integers(FIRST_WORD, ids, source_length).tolist() + [EOS] for _, ids, _, _ in features]
        log_p, weights = model.forward(source.tolist(), target.tolist())
        labels = target.tolist() + [EOS]
        picked = torch.stack([log_p[t, label] for t, label in enumerate(labels)])
        loss = (1 - smoothing) * -picked.sum() + smoothing * -log_p.mean(1).sum()
        values = torch.tensor(sum(model.values, []))
        batch.add(loss, len(labels), {"source": source, "target": target, "features": values, "log_probability": picked,
                                      "attention": weights})
    config = dict(CONFIG, features=" ".join(f"{name} {join}" for name, _, _, join in features))
    return batch.finish(), {key: json.dumps(value).strip('"') for key, value in config.items()}
