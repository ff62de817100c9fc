"""Small models as Marian writes them, and what its equations give: train_marian.py FOLDER

Marian is in no package registry, so no Marian was run: this is a reimplementation of marian-dev's src/models/s2s.h, src/rnn/cells.h,
src/rnn/attention.h and the kernels GRUFastForward, LSTMCellForward and Att of src/tensors/cpu/tensor_operators.cpp, with their names
of parameters, one sentence at a time in float64. PyTorch trains it. It shares nothing with the importer. Run by scripts/make-imports.
"""

import json
import zipfile

import numpy
import toy
import torch

EMBEDDING, RNN = 12, 8
S2S = {"type": "s2s", "dim-emb": EMBEDDING, "dim-rnn": RNN, "enc-type": "bidirectional", "enc-cell": "gru", "enc-cell-depth": 1,
       "enc-depth": 1, "dec-cell": "gru", "dec-cell-base-depth": 2, "dec-cell-high-depth": 1, "dec-depth": 1, "skip": False,
       "layer-normalization": False, "right-left": False, "input-types": [], "tied-embeddings": False, "tied-embeddings-src": False,
       "tied-embeddings-all": False, "version": "v1.9.0 made by a reimplementation"}
CASES = {
    "s2s": {"enc-cell": "lstm", "enc-depth": 2, "enc-cell-depth": 2, "dec-depth": 2, "dec-cell-high-depth": 1},
    "tied": {"tied-embeddings": True},
    "nematus": {"type": "nematus", "enc-cell": "gru-nematus", "dec-cell": "gru-nematus", "enc-cell-depth": 2, "dec-cell-base-depth": 4},
}
VOCABULARIES = {"source": ["</s>", "<unk>", *toy.LETTERS], "target": ["</s>", "<unk>", *toy.WORDS]}
UPDATES = 600


def affine(p, x, weight, bias):
    return x @ p[weight] + p[bias][0]


class Marian:
    def __init__(self, options):
        self.options, self.p = options, {}
        self.ids = {side: {token: i for i, token in enumerate(tokens)} for side, tokens in VOCABULARIES.items()}
        torch.manual_seed(1)
        self.make_parameters()

    # ---- parameters, Glorot's uniform ones as Marian's

    def param(self, name, rows, columns):
        bound = (6 / (rows + columns)) ** 0.5
        value = (torch.rand(rows, columns, dtype=torch.float64) * 2 - 1) * bound
        self.p[name] = (value * (0.3 if "_b" in name else 1)).requires_grad_()

    def make_cell(self, kind, prefix, read):
        if kind == "lstm":
            shapes = {"_U": (RNN, 4 * RNN), "_W": (read, 4 * RNN), "_b": (1, 4 * RNN)}
        else:
            shapes = {"_U": (RNN, 2 * RNN), "_Ux": (RNN, RNN), "_W": (read, 2 * RNN), "_Wx": (read, RNN), "_b": (1, 2 * RNN),
                      "_bx": (1, RNN)}
        for name, shape in shapes.items():
            if shape[0] > 0:
                self.param(prefix + name, *shape)

    def encoder_cells(self, layer, stack):
        """Prefixes of a layer's cells; layers and cells from 1."""
        for cell in range(1, self.options["enc-cell-depth"] + 1):
            layered = f"{stack}_l{layer}" if layer > 1 else stack
            yield f"{layered}_cell{cell}" if layer > 1 or cell > 1 else layered

    def make_parameters(self):
        options = self.options
        for layer in range(1, options["enc-depth"] + 1):
            for stack in ("encoder_bi", "encoder_bi_r"):
                read = EMBEDDING if layer == 1 else RNN
                for prefix in self.encoder_cells(layer, stack):
                    self.make_cell(options["enc-cell"], prefix, read)
                    read = 0
        self.make_cell(options["dec-cell"], "decoder_cell1", EMBEDDING)
        self.make_cell(options["dec-cell"], "decoder_cell2", 2 * RNN)
        for cell in range(3, options["dec-cell-base-depth"] + 1):
            self.make_cell(options["dec-cell"], f"decoder_cell{cell}", 0)
        for layer in range(2, options["dec-depth"] + 1):
            for cell in range(1, options["dec-cell-high-depth"] + 1):
                self.make_cell(options["dec-cell"], f"decoder_l{layer}_cell{cell}", RNN if cell == 1 else 0)
        for name, rows, columns in (("W_comb_att", RNN, 2 * RNN), ("Wc_att", 2 * RNN, 2 * RNN), ("b_att", 1, 2 * RNN),
                                    ("U_att", 2 * RNN, 1), ("ff_state_W", 2 * RNN, RNN), ("ff_state_b", 1, RNN),
                                    ("ff_logit_l1_W0", EMBEDDING, EMBEDDING), ("ff_logit_l1_W1", RNN, EMBEDDING),
                                    ("ff_logit_l1_W2", 2 * RNN, EMBEDDING), ("ff_logit_l1_b0", 1, EMBEDDING),
                                    ("ff_logit_l1_b1", 1, EMBEDDING), ("ff_logit_l1_b2", 1, EMBEDDING),
                                    ("ff_logit_l2_b", 1, len(VOCABULARIES["target"]))):
            self.param(f"decoder_{name}", rows, columns)
        for side, prefix in (("source", "encoder"), ("target", "decoder")):
            self.param(f"{prefix}_Wemb", len(VOCABULARIES[side]), EMBEDDING)
        if not options["tied-embeddings"]:
            self.param("decoder_ff_logit_l2_W", EMBEDDING, len(VOCABULARIES["target"]))

    # ---- cells

    def cell(self, kind, prefix, x, state, final=False):
        """x: the input, or None of a transition. state: (output, cell)"""
        p, (h, c) = self.p, state
        if kind == "lstm":
            s = h @ p[f"{prefix}_U"] + p[f"{prefix}_b"][0] + (0 if x is None else x @ p[f"{prefix}_W"])
            f, i, g, o = s.split(RNN)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            return torch.sigmoid(o) * torch.tanh(c), c
        gates = h @ p[f"{prefix}_U"] + p[f"{prefix}_b"][0] + (0 if x is None else x @ p[f"{prefix}_W"])
        r, z = torch.sigmoid(gates).split(RNN)
        read = 0 if x is None else x @ p[f"{prefix}_Wx"]
        recurrent, bias = h @ p[f"{prefix}_Ux"], p[f"{prefix}_bx"][0]
        proposal = torch.tanh(read + (recurrent + bias) * r) if final else torch.tanh(read + recurrent * r + bias)
        return (1 - z) * proposal + z * h, c

    def stack(self, inputs, name):
        zero = torch.zeros(RNN, dtype=torch.float64)
        for layer in range(1, self.options["enc-depth"] + 1):
            state, outputs = (zero, zero), []
            for x in inputs:
                for number, prefix in enumerate(self.encoder_cells(layer, name)):
                    state = self.cell(self.options["enc-cell"], prefix, x if number == 0 else None, state)
                outputs.append(state[0])
            inputs = outputs
        return inputs

    # ---- the model

    def encode(self, source):
        ids = [self.ids["source"].get(each, 1) for each in source] + [0]
        embedded = list(self.p["encoder_Wemb"][ids])
        forward, backward = self.stack(embedded, "encoder_bi"), self.stack(embedded[::-1], "encoder_bi_r")
        context = torch.cat([torch.stack(forward), torch.stack(backward[::-1])], 1)
        start = torch.tanh(affine(self.p, context.mean(0), "decoder_ff_state_W", "decoder_ff_state_b"))
        return context, affine(self.p, context, "decoder_Wc_att", "decoder_b_att"), [(start, start)] * self.options["dec-depth"]

    def step(self, encoded, embedded, states):
        """-> (log-probabilities, states)"""
        p, options, kind = self.p, self.options, self.options["dec-cell"]
        context, mapped, _ = encoded
        state = self.cell(kind, "decoder_cell1", embedded, states[0])
        energies = torch.tanh(mapped + state[0] @ p["decoder_W_comb_att"]) @ p["decoder_U_att"][:, 0]
        attended = torch.softmax(energies, 0) @ context
        state = self.cell(kind, "decoder_cell2", attended, state, final=True)
        for cell in range(3, options["dec-cell-base-depth"] + 1):
            state = self.cell(kind, f"decoder_cell{cell}", None, state, final=True)
        now = [state]
        for layer in range(2, options["dec-depth"] + 1):
            below, state = state[0], states[layer - 1]
            for cell in range(1, options["dec-cell-high-depth"] + 1):
                state = self.cell(kind, f"decoder_l{layer}_cell{cell}", below if cell == 1 else None, state)
            now.append(state)
        hidden = torch.tanh(sum(affine(p, x, f"decoder_ff_logit_l1_W{i}", f"decoder_ff_logit_l1_b{i}")
                                for i, x in enumerate((embedded, state[0], attended))))
        weight = p["decoder_Wemb"].T if options["tied-embeddings"] else p["decoder_ff_logit_l2_W"]
        return torch.log_softmax(hidden @ weight + p["decoder_ff_logit_l2_b"][0], 0), now

    def log_probability(self, source, target):
        encoded = self.encode(source)
        states, total, embedded = encoded[2], 0, torch.zeros(EMBEDDING, dtype=torch.float64)
        for number in [self.ids["target"].get(each, 1) for each in target] + [0]:
            logs, states = self.step(encoded, embedded, states)
            total, embedded = total + logs[number], self.p["decoder_Wemb"][number]
        return total

    def score(self, source, target):
        with torch.no_grad():
            return self.log_probability(source, target).item()

    def translate(self, source):
        with torch.no_grad():
            encoded, out = self.encode(source), []
            states, embedded = encoded[2], torch.zeros(EMBEDDING, dtype=torch.float64)
            for _ in range(20):
                logs, states = self.step(encoded, embedded, states)
                number = int(logs.argmax())
                if number == 0:
                    break
                out.append(VOCABULARIES["target"][number])
                embedded = self.p["decoder_Wemb"][number]
            return out

    def train(self):
        optimizer = torch.optim.Adam(self.p.values(), lr=0.01)
        examples = toy.pairs(UPDATES * 8, seed=1)
        for at in range(0, len(examples), 8):
            loss = -sum(self.log_probability(source, target) for source, target in examples[at:at + 8]) / 8
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        for value in self.p.values():
            value.data = value.data.float().double()


def nematus_name(name):
    """As src/models/nematus.h names it, written out for this model."""
    names = {"encoder_Wemb": "Wemb", "decoder_Wemb": "Wemb_dec"}
    for part in ("U", "Ux", "W", "Wx", "b", "bx"):
        names[f"encoder_bi_{part}"], names[f"encoder_bi_r_{part}"] = f"encoder_{part}", f"encoder_r_{part}"
        names[f"encoder_bi_cell2_{part}"], names[f"encoder_bi_r_cell2_{part}"] = f"encoder_{part}_drt_1", f"encoder_r_{part}_drt_1"
        names[f"decoder_cell1_{part}"] = f"decoder_{part}"
        names[f"decoder_cell2_{part}"] = {"W": "decoder_Wc", "Wx": "decoder_Wcx"}.get(part, f"decoder_{part}_nl")
        names[f"decoder_cell3_{part}"], names[f"decoder_cell4_{part}"] = f"decoder_{part}_nl_drt_1", f"decoder_{part}_nl_drt_2"
    for number, part in enumerate(("prev", "lstm", "ctx")):
        names[f"decoder_ff_logit_l1_W{number}"], names[f"decoder_ff_logit_l1_b{number}"] = f"ff_logit_{part}_W", f"ff_logit_{part}_b"
    for part in ("W", "b"):
        names[f"decoder_ff_logit_l2_{part}"], names[f"decoder_ff_state_{part}"] = f"ff_logit_{part}", f"ff_state_{part}"
    return names.get(name, name)


def write(folder, model):
    arrays = {name: value.detach().numpy().astype("<f4") for name, value in model.p.items()}
    if model.options["type"] == "nematus":
        arrays = {nematus_name(name): value for name, value in arrays.items()}
        arrays["decoder_c_tt"] = numpy.zeros((1, 0), "<f4")
    settings = "".join(f"{key}:\n  []\n" if value == [] else f"{key}: {json.dumps(value)}\n"
                       for key, value in sorted(model.options.items()))
    arrays["special:model.yml"] = numpy.frombuffer(settings.encode() + b"\0", "i1")
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        for name, value in arrays.items():
            with archive.open(zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0)), "w") as file:
                numpy.lib.format.write_array(file, value)
    for side, tokens in VOCABULARIES.items():
        if side == "source":
            text = "".join(f"{json.dumps(token, ensure_ascii=False)}: {i}\n" for i, token in enumerate(tokens))
        else:
            text = json.dumps({token: i for i, token in enumerate(tokens)}, ensure_ascii=False, indent=1)
        (folder / f"vocabulary.{side}.{'yml' if side == 'source' else 'json'}").write_text(text, encoding="utf-8")


def make(case, folder, _work, _whole):
    torch.set_num_threads(1)
    model = Marian({**S2S, **CASES[case]})
    model.train()
    write(folder, model)
    toy.write_golden(folder, f"a reimplementation of Marian: {case}", model.score, model.translate, kind="marian",
                     files=["model.npz", "vocabulary.source.yml", "vocabulary.target.json"], options=[])


if __name__ == "__main__":
    toy.main("marian", CASES, make)
