"""Trains small models with OpenNMT-py, and writes what it computes with them: train_opennmt.py FOLDER [--whole]

Without --whole the state of the optimizer is left out of the checkpoints. Run by scripts/make-imports.
"""

import importlib.metadata
import pathlib
import shutil
import subprocess
import sys

import torch
import toy

END = " </s>"  # behind each source of these; the toolkit itself puts nothing there
ENDING = ("dot",)
CASES = {
    "general": "encoder_type: brnn\nrnn_type: LSTM\nlayers: 1\nhidden_size: 16\nword_vec_size: 12\nglobal_attention: general\n"
               "input_feed: 1\n",
    "dot": "encoder_type: rnn\nrnn_type: GRU\nlayers: 2\nhidden_size: 12\nword_vec_size: 12\nglobal_attention: dot\ninput_feed: 0\n"
           "share_decoder_embeddings: true\n",
    "sparse": "encoder_type: brnn\nrnn_type: LSTM\nenc_layers: 2\ndec_layers: 2\nhidden_size: 12\nword_vec_size: 12\n"
              "global_attention: general\nglobal_attention_function: sparsemax\ninput_feed: 1\nshare_decoder_embeddings: true\n"
              "share_embeddings: true\nshare_vocab: true\n",
}
UPDATES = 1500


def end_of(case):
    return END if case in ENDING else ""


def train(case, work):
    """-> the checkpoint"""
    toy.write_text(work, "train", toy.pairs(2000, seed=1), end_of(case))
    joint = "share_vocab" in CASES[case]
    config = "config.yaml"
    (work / config).write_text(f"""
data: {{corpus: {{path_src: train.source, path_tgt: train.target}}}}
save_data: ./data
src_vocab: ./vocabulary.source
tgt_vocab: ./vocabulary.{"source" if joint else "target"}
{CASES[case]}decoder_type: rnn
optim: adam
learning_rate: 0.01
dropout: [0.0]
batch_type: sents
batch_size: 32
train_steps: {UPDATES}
save_checkpoint_steps: {UPDATES}
report_every: {UPDATES}
save_model: ./model
num_workers: 0
seed: 1
""", encoding="utf-8")
    programs = pathlib.Path(sys.executable).parent
    for command in (["onmt_build_vocab", "-config", config, "-n_sample", "-1", "--overwrite"], ["onmt_train", "-config", config]):
        done = subprocess.run([programs / command[0], *command[1:]], capture_output=True, text=True, cwd=work)
        if done.returncode != 0:
            raise SystemExit(done.stderr[-2000:])
    return work / f"model_step_{UPDATES}.pt"


class Toolkit:
    """OpenNMT-py itself with a checkpoint."""

    def __init__(self, path, end):
        self.end = end.split()
        from onmt.model_builder import load_test_model
        from onmt.opts import translate_opts
        from onmt.utils.parse import ArgumentParser
        parser = ArgumentParser()
        translate_opts(parser)
        options = parser.parse_args(["-model", str(path), "-src", "none"])
        ArgumentParser.validate_translate_opts(options)
        self.vocabularies, self.model, _ = load_test_model(options)
        self.model.eval()

    def start(self, source):
        ids = self.vocabularies["src"]([*source, *self.end])
        source = torch.tensor(ids)[None, :, None]
        length = torch.tensor([len(ids)])
        states, final, _ = self.model.encoder(source, length)
        self.model.decoder.init_state(source, states, final)
        return states, length

    def score(self, source, target):
        with torch.no_grad():
            states, length = self.start(source)
            ids = torch.tensor(self.vocabularies["tgt"](["<s>", *target, "</s>"]))
            outputs, _ = self.model.decoder(ids[None, :-1, None], states, src_len=length)
            logs = torch.log_softmax(self.model.generator(outputs[0]), -1)
            return logs.gather(1, ids[1:, None]).sum().item()


def translate(path, sentences, end, work):
    """Greedy answers of onmt_translate."""
    (work / "test.source").write_text("".join(" ".join(each) + end + "\n" for each in sentences), encoding="utf-8")
    command = [pathlib.Path(sys.executable).parent / "onmt_translate", "-model", path, "-src", work / "test.source", "-output",
               work / "answers", "-beam_size", "1", "-max_length", "20", "-batch_size", "1000", "-batch_type", "sents"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return [line.split() for line in (work / "answers").read_text(encoding="utf-8").splitlines()]


def make(case, folder, work, whole):
    trained = train(case, work)
    toolkit = Toolkit(trained, end_of(case))
    sentences = [source for source, _ in toy.pairs(40 * toy.SENTENCES, seed=3)]
    answers = dict(zip(map(tuple, sentences), translate(trained, sentences, end_of(case), work)))
    toy.write_golden(folder, f"OpenNMT-py {importlib.metadata.version('OpenNMT-py')}: {case}", toolkit.score,
                     lambda source: answers[tuple(source)], kind="opennmt", files=["model.pt"],
                     options=["--source-end"] if case in ENDING else [])
    if whole:
        shutil.copy(trained, folder / "model.pt")
    else:
        toy.save(torch, folder / "model.pt", {**torch.load(trained), "optim": None})


def main():
    toy.main("opennmt", CASES, make)


if __name__ == "__main__":
    main()
