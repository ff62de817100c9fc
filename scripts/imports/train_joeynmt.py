"""Trains small models with Joey NMT, and writes what it computes with them: train_joeynmt.py FOLDER [--whole]

Without --whole the states of the training are left out of the checkpoints. Run by scripts/make-imports.
"""

import importlib.metadata
import shutil
import subprocess
import sys


import toy
import torch
from joeynmt import config as joey_config
from joeynmt.model import build_model
from joeynmt.search import greedy
from joeynmt.vocabulary import build_vocab

CASES = {
    "bahdanau": """
    encoder: {rnn_type: gru, embeddings: {embedding_dim: 12, scale: True}, hidden_size: 12, bidirectional: True, num_layers: 1}
    decoder: {type: recurrent, rnn_type: gru, embeddings: {embedding_dim: 16, scale: False}, hidden_size: 20, num_layers: 2,
              attention: bahdanau, init_hidden: bridge, input_feeding: True}
""",
    "luong": """
    tied_softmax: True
    encoder:
        rnn_type: lstm
        embeddings:
            embedding_dim: 12
        hidden_size: 8
        num_layers: 2
    decoder:
        type: "recurrent"   # the default is transformer
        rnn_type: lstm
        embeddings:
            embedding_dim: 20
        hidden_size: 20
        attention: "luong"
        init_hidden: "zero"
        input_feeding: False
""",
}
EPOCHS = 25


def train(case, work):
    toy.write_text(work, "train", toy.pairs(2000, seed=1))
    toy.write_text(work, "dev", toy.pairs(20, seed=4))
    config = work / "config.yaml"
    side = "{{lang: {0}, level: word, lowercase: False, max_length: 30}}"
    config.write_text(f"""name: "toy"
joeynmt_version: "2.3.0"
model_dir: "{work}/model"
use_cuda: False
random_seed: 1
data:
    train: "{work}/train"
    dev: "{work}/dev"
    dataset_type: "plain"
    src: {side.format("source")}
    trg: {side.format("target")}
testing: {{beam_size: 1, batch_size: 100, batch_type: "sentence", max_output_length: 20, eval_metrics: []}}
training:
    optimizer: "adam"
    learning_rate: 0.01
    scheduling: "plateau"
    batch_size: 32
    batch_type: "sentence"
    epochs: {EPOCHS}
    validation_freq: 100000
    logging_freq: 1000
    model_dir: "{work}/model"
    overwrite: True
    use_cuda: False
model:
    initializer: "xavier_uniform"{CASES[case]}""", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "joeynmt", "train", str(config), "--skip-test"], capture_output=True, text=True, cwd=work)
    checkpoints = sorted((work / "model").glob("*.ckpt"))
    if done.returncode != 0 or not checkpoints:
        raise SystemExit((done.stderr or done.stdout)[-3000:])
    return checkpoints[-1]


class Toolkit:
    """Joey NMT itself with a checkpoint."""

    def __init__(self, folder, checkpoint):
        config = joey_config.load_config(folder / "config.yaml")
        data = config["data"]
        for side, name in (("src", "src_vocab.txt"), ("trg", "trg_vocab.txt")):
            data[side]["voc_file"] = str(folder / name)
        arguments = joey_config.parse_global_args(config, rank=0, mode="translate")
        self.source, self.target = build_vocab(arguments.data, model_dir=folder)
        self.model = build_model(arguments.model, src_vocab=self.source, trg_vocab=self.target)
        self.model.load_state_dict(checkpoint["model_state"])
        self.model.eval()

    def encode(self, source):
        ids, lengths, _ = self.source.sentences_to_ids([source], bos=False, eos=True)
        ids, lengths = torch.tensor(ids), torch.tensor(lengths)
        mask = (ids != self.source.pad_index).unsqueeze(1)
        states, final, _, _ = self.model(return_type="encode", src=ids, src_length=lengths, src_mask=mask)
        return states, final, mask

    def score(self, source, target):
        with torch.no_grad():
            states, final, mask = self.encode(source)
            ids = torch.tensor(self.target.sentences_to_ids([target], bos=True, eos=True)[0])
            outputs, _, _, _ = self.model(return_type="decode", encoder_output=states, encoder_hidden=final, src_mask=mask,
                                          trg_input=ids[:, :-1], unroll_steps=ids.shape[1] - 1,
                                          trg_mask=torch.ones(1, 1, 1, dtype=torch.bool))
            return torch.log_softmax(outputs[0], -1).gather(1, ids[0, 1:, None]).sum().item()

    def translate(self, source):
        with torch.no_grad():
            states, final, mask = self.encode(source)
            ids, _, _ = greedy(mask, 20, self.model, states, final, return_prob="none")
        return [each for each in self.target.arrays_to_sentences(ids)[0] if each != "</s>"]


def make(case, folder, work, whole):
    trained = train(case, work)
    checkpoint = torch.load(trained, map_location="cpu")
    toolkit = Toolkit(work / "model", checkpoint)
    for name in ("config.yaml", "src_vocab.txt", "trg_vocab.txt"):
        text = (work / "model" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(str(work), "WORK"), encoding="utf-8")
    toy.write_golden(folder, f"Joey NMT {importlib.metadata.version('joeynmt')}: {case}", toolkit.score, toolkit.translate,
                     kind="joeynmt", files=["model.ckpt", "config.yaml", "src_vocab.txt", "trg_vocab.txt"], options=[])
    if whole:
        shutil.copy(trained, folder / "model.ckpt")
    else:
        toy.save(torch, folder / "model.ckpt", {"model_state": checkpoint["model_state"]})


if __name__ == "__main__":
    toy.main("joeynmt", CASES, make)
