"""Marian: .npz of the types s2s and nematus, also as Nematus itself writes them.

The equations and names are those of marian-dev: src/models/s2s.h, src/models/nematus.h, src/rnn/cells.h, src/rnn/attention.h.
"""

import json
import re

import numpy as np

from .arrays import Arrays
from .assembly import configuration, embedding_widths, put_tables
from .bundle import Model
from .errors import ImportFailure, refuser
from .plain_yaml import parse_yaml, read_yaml
from .reading import first_line, read_lines, read_npz, read_text
from .vocabulary import Vocabulary

SETTINGS = "special:model.yml"
CELLS = {"gru": "gru", "gru-nematus": "gru", "lstm": "lstm"}
LSTM_ORDER = [1, 0, 2, 3]  # f, i, c, o as i, f, g, o
# As marian-dev's src/models/nematus.h has them; _drt_N are the cells of deep transitions.
NEMATUS_NAMES = [
    (r"(encoder(?:_r)?)_(U|Ux|b|bx)_drt_(\d+)", lambda m: f"{half(m[1])}_cell{int(m[3]) + 1}_{m[2]}"),
    (r"(encoder(?:_r)?)_(U|Ux|W|Wx|b|bx)", lambda m: f"{half(m[1])}_{m[2]}"),
    (r"decoder_(U|Ux|b|bx)_nl_drt_(\d+)", lambda m: f"decoder_cell{int(m[2]) + 2}_{m[1]}"),
    (r"decoder_(U|Ux|b|bx)_nl", r"decoder_cell2_\1"),
    (r"decoder_Wc", "decoder_cell2_W"),
    (r"decoder_Wcx", "decoder_cell2_Wx"),
    (r"decoder_(U|Ux|W|Wx|b|bx)", r"decoder_cell1_\1"),
    (r"ff_logit_(prev|lstm|ctx)_(W|b)", lambda m: f"decoder_ff_logit_l1_{m[2]}{['prev', 'lstm', 'ctx'].index(m[1])}"),
    (r"ff_logit_(W|b)", r"decoder_ff_logit_l2_\1"),
    (r"ff_state_(W|b)", r"decoder_ff_state_\1"),
    (r"Wemb_dec", "decoder_Wemb"),
]
OF_TRAINING = ("decoder_c_tt", "uidx", "history_errs", "zipped_params")  # c_tt is the same for all positions
refuse = refuser("marian")


def half(name):
    return {"encoder": "encoder_bi", "encoder_r": "encoder_bi_r"}[name]


def convert(files, options):
    path, *vocabularies = files
    values = read_npz(path, OF_TRAINING)
    settings = settings_of(values, path)
    if "encoder_U" in values:
        values = renamed(values)
    settings = check_settings(settings, values)
    arrays = Arrays(values, path)
    arrays.drop(SETTINGS)
    tables, sides = take_tables(arrays, vocabularies)
    return assemble(arrays, settings, tables, sides)


def settings_of(values, path):
    """What Marian keeps with its weights; of Nematus there is nothing, and the names of the arrays tell."""
    if SETTINGS not in values:
        return {}
    try:
        text = np.asarray(values[SETTINGS]).astype(np.uint8).tobytes().rstrip(b"\0").decode()
    except UnicodeDecodeError as error:
        raise ImportFailure(f"{path}: {SETTINGS}: {first_line(error)}") from None
    settings = parse_yaml(text, f"{path}: {SETTINGS}")
    if not isinstance(settings, dict):
        raise ImportFailure(f"{path}: {SETTINGS}: is no list of settings")
    return settings


def renamed(values):
    """The names of Nematus as those of the type s2s. Its one Wemb is the source's, unless the target has none of its own."""
    out = {}
    for name, each in values.items():
        if name == "Wemb" and "Wemb_dec" in values:
            name = "encoder_Wemb"
        for pattern, to in NEMATUS_NAMES:
            if re.fullmatch(pattern, name):
                name = re.sub(pattern, to, name)
                break
        out[name] = each
    return out


def check_settings(given, values):
    """The settings that assembly reads, with Marian's defaults."""
    kind = given.get("type", "nematus")
    if kind not in ("s2s", "nematus"):
        refuse(f"type {kind}")
    default = "gru" if kind == "s2s" else "gru-nematus"
    cells = [given.get(name, default) for name in ("enc-cell", "dec-cell")]
    for name, cell in zip(("enc-cell", "dec-cell"), cells):
        if cell not in CELLS:
            refuse(f"{name} {cell}")
    if CELLS[cells[1]] == "lstm":
        refuse("dec-cell lstm", "c0 is tanh of a product as h0 is; Heed's bridge 'mean-tanh' has c0 without tanh")
    if given.get("enc-type", "bidirectional") != "bidirectional":
        refuse(f"enc-type {given['enc-type']}")
    if given.get("layer-normalization") or any(re.search(r"_(lns|lnb|ln_s\d?|ln_b\d?|gamma\d?m?)$", name) for name in values):
        refuse("layer-normalization")
    for name in ("skip", "dec-attention-bilinear-lookup", "transformer-decoder-autoreg"):
        if given.get(name) is True:
            refuse(name)
    for name, only in (("dec-attention-hops", 1), ("dec-attention-heads", 1), ("dec-attention-projection-dim", -1)):
        if given.get(name, only) != only:
            refuse(f"{name} {given[name]}")
    for name in values:
        if re.fullmatch(r"decoder_att\d.*|encoder\d.*", name):
            refuse("several sources (multi-s2s)")
    return {"cells": [CELLS[each] for each in cells], "reversed": bool(given.get("right-left"))}


# ---- vocabularies and tables


def read_vocabulary(path):
    """.yml and .json say the id of each token; other files have a token a line."""
    if not path.endswith((".yml", ".yaml", ".json")):
        if path.endswith(".spm"):
            refuse("a vocabulary of SentencePiece (.spm)", "write its pieces, one a line, with spm_export_vocab, and give lines of pieces")
        return read_lines(path)
    if path.endswith(".json"):
        try:
            ids = json.loads(read_text(path))
        except (ValueError, RecursionError) as error:
            raise ImportFailure(f"{path}: {first_line(error)}") from None
    else:
        ids = read_yaml(path)
    if not isinstance(ids, dict) or not ids or not all(type(each) is int and 0 <= each <= 10 * len(ids) + 100 for each in ids.values()):
        raise ImportFailure(f"{path}: has no ids of tokens")
    tokens = [""] * (max(ids.values()) + 1)
    for token, number in ids.items():
        tokens[number] = token
    return tokens


def vocabulary_of(path, size):
    """Of as many tokens as the table has rows: Marian reads those beyond as unknown."""
    tokens = read_vocabulary(path)[:size]
    if len(tokens) < 2 or tokens[0] not in ("</s>", "eos") or tokens[1] not in ("<unk>", "UNK"):
        raise ImportFailure(f"{path}: the first tokens are not '</s>' and '<unk>': it is no vocabulary of Marian")
    return Vocabulary(path, tokens + [""] * (size - len(tokens)), 1, None, 0)


def take_tables(arrays, vocabularies):
    """-> (the tables, both sides)"""
    tables = {side: arrays.take(f"{prefix}_Wemb" if f"{prefix}_Wemb" in arrays else "Wemb", None, None)
              for side, prefix in (("source", "encoder"), ("target", "decoder"))}
    if "decoder_ff_logit_l2_W" in arrays:
        tables["output"] = arrays.take("decoder_ff_logit_l2_W", None, None).T
    elif "decoder_ff_logit_l2_Wt" in arrays:
        tables["output"] = arrays.take("decoder_ff_logit_l2_Wt", None, None)
    else:
        tables["output"] = tables["target"]
    tables["bias"] = vector(arrays, "decoder_ff_logit_l2_b")
    tables["start"] = None  # Marian's decoder reads zeros first
    return tables, [vocabulary_of(path, len(tables[side])) for path, side in zip(vocabularies, ("source", "target"))]


def vector(arrays, name):
    return arrays.take(name).reshape(-1)


# ---- cells


def take_cell(arrays, cell, prefix, final=False):
    """(input or None, recurrent, bias, recurrent bias) with Heed's order of gates. `final`: bx is inside of the reset gate."""
    if cell == "lstm":
        def order(values):
            parts = np.split(values, 4, -1)
            return np.concatenate([parts[i] for i in LSTM_ORDER], -1)
        read = order(arrays.take(f"{prefix}_W", None, None)) if f"{prefix}_W" in arrays else None
        return read, order(arrays.take(f"{prefix}_U", None, None)), order(vector(arrays, f"{prefix}_b")), None

    def joined(first, second):
        return np.concatenate([arrays.take(prefix + first, None, None), arrays.take(prefix + second, None, None)], 1)
    read = joined("_W", "_Wx") if f"{prefix}_W" in arrays else None
    gates, proposal = vector(arrays, f"{prefix}_b"), vector(arrays, f"{prefix}_bx")
    outside, inside = (np.zeros_like(proposal), proposal) if final else (proposal, np.zeros_like(proposal))
    return (read, joined("_U", "_Ux"), np.concatenate([gates, outside]), np.concatenate([np.zeros_like(gates), inside]))


def padded(values, columns, groups=1):
    """Each of the groups of the last axis with zeros behind it, up to `columns`."""
    parts = np.split(values, groups, -1)
    return np.concatenate([np.pad(each, [(0, 0)] * (each.ndim - 1) + [(0, columns - each.shape[-1])]) for each in parts], -1)


def rows(values, count):
    return padded(values.T, count).T


def put_marian_cell(out, name, parts, width=None, inputs=None):
    """A cell, in the decoder with units that stay 0, up to `width`, and rows for such inputs, up to `inputs`."""
    read, recurrent, bias, recurrent_bias = parts
    hidden = len(recurrent)
    width, gates = width or hidden, recurrent.shape[1] // hidden
    if recurrent.shape[1] != gates * hidden or len(bias) != gates * hidden:
        raise ImportFailure(f"the arrays of '{name}' do not fit each other")
    if read is not None:
        out[f"{name}.input"] = padded(rows(read, inputs or len(read)), width, gates)
    out[f"{name}.recurrent"] = padded(rows(recurrent, width), width, gates)
    out[f"{name}.bias"] = padded(bias, width, gates)
    if recurrent_bias is not None:
        out[f"{name}.recurrent_bias"] = padded(recurrent_bias, width, gates)


def put_encoder(out, arrays, cell):
    """Two stacks side by side: from the second layer on each direction reads its own half. -> (layers, width, depth)"""
    depths, layers, width = set(), 0, 0
    while layers == 0 or f"encoder_bi_l{layers + 1}_cell1_U" in arrays:
        for direction, stack in (("forward", "encoder_bi"), ("backward", "encoder_bi_r")):
            prefix = stack if layers == 0 else f"{stack}_l{layers + 1}_cell1"
            name = f"encoder.{layers}.{direction}"
            parts = take_cell(arrays, cell, prefix)
            width = 2 * len(parts[1])
            put_marian_cell(out, name, parts)
            if layers > 0:
                nothing = np.zeros_like(parts[0])
                out[f"{name}.input"] = np.concatenate([parts[0], nothing] if direction == "forward" else [nothing, parts[0]])
            depths.add(put_transitions(out, arrays, cell, name, stack if layers == 0 else f"{stack}_l{layers + 1}", 2))
        layers += 1
    if len(depths) > 1:
        raise arrays.failure("the encoder's layers are of different depths")
    return layers, width, depths.pop()


def put_transitions(out, arrays, cell, name, prefix, first, width=None, final=False):
    """Cells `first` and on of a layer. -> how many cells a step goes through, without those before that one but the first."""
    number = first
    while f"{prefix}_cell{number}_U" in arrays:
        put_marian_cell(out, f"{name}.transition.{number - first + 1}", take_cell(arrays, cell, f"{prefix}_cell{number}", final), width)
        number += 1
    return number - first + 1


# ---- the model


def assemble(arrays, settings, tables, sides):
    out = {}
    cell, decoder_cell = settings["cells"]
    layers, width, depth = put_encoder(out, arrays, cell)
    hidden = len(arrays.take("decoder_cell1_U", None, None))
    looked = arrays.take("decoder_Wc_att", width, None).shape[1]
    if not 2 * hidden == width == looked:  # and no file of a few weights becomes many
        raise ImportFailure(f"the attention of {looked} units, the encoder of {width} and the decoder of {hidden} are not of one --dim-rnn")
    # Attention is as wide as the decoder in Heed, and twice as wide in Marian: units that stay 0 make up for it.
    wide = looked
    decoder_layers, decoder_depth = put_decoder(out, arrays, decoder_cell, wide)
    put_start(out, arrays, decoder_layers, width, wide)
    put_attention(out, arrays, width, wide)
    tied = put_tables(out, *sides, tables)
    put_output(out, arrays, width, wide, tied)
    arrays.all_taken()
    model = {**embedding_widths(out),
             "encoder": {"cell": cell, "layers": layers, "hidden": width, "bidirectional": "true", "cell_depth": depth},
             "decoder": {"cell": decoder_cell, "layers": decoder_layers, "hidden": wide, "cell_depth": decoder_depth,
                         "bridge": "mean-tanh", "input_feeding": False, "deep_output": True},
             "attention": {"kind": "bahdanau", "entry": "conditional"}, "tied": tied}
    config = configuration(model, joint=tied == "all")
    if settings["reversed"]:
        config["data"]["target"]["reversed"] = True
    return Model(config, out, sides[0].tokens, sides[1].tokens)


def put_decoder(out, arrays, cell, wide):
    """-> (layers, depth)"""
    put_marian_cell(out, "decoder.0", take_cell(arrays, cell, "decoder_cell1"), wide)
    put_marian_cell(out, "decoder.0.conditional", take_cell(arrays, cell, "decoder_cell2", final=True), wide)
    depths = {put_transitions(out, arrays, cell, "decoder.0", "decoder", 3, wide, final=True)}
    layers = 1
    while f"decoder_l{layers + 1}_cell1_U" in arrays:
        prefix = f"decoder_l{layers + 1}"
        put_marian_cell(out, f"decoder.{layers}", take_cell(arrays, cell, f"{prefix}_cell1"), wide, wide)
        depths.add(put_transitions(out, arrays, cell, f"decoder.{layers}", prefix, 2, wide))
        layers += 1
    if len(depths) > 1:
        refuse("dec-cell-high-depth other than dec-cell-base-depth - 1", "Heed's layers have one depth")
    return layers, depths.pop()


def put_start(out, arrays, layers, width, wide):
    """All layers start with the same."""
    weight = padded(arrays.take("decoder_ff_state_W", width, None), wide)
    bias = padded(vector(arrays, "decoder_ff_state_b"), wide)
    for layer in range(layers):
        out[f"bridge.{layer}.hidden.weight"], out[f"bridge.{layer}.hidden.bias"] = weight, bias


def put_attention(out, arrays, width, wide):
    out["attention.key"] = padded(arrays.take("decoder_Wc_att", width, None), wide)
    out["attention.query"] = padded(rows(arrays.take("decoder_W_comb_att", None, None), wide), wide)
    out["attention.bias"] = padded(vector(arrays, "decoder_b_att"), wide)
    out["attention.v"] = padded(vector(arrays, "decoder_U_att"), wide)


def put_output(out, arrays, width, wide, tied):
    """h~ = tanh of the sum of three products, as wide as the embeddings; Heed's is as wide as the decoder, if they are not tied."""
    name = "decoder_ff_logit_l1_"
    embedding, hidden, context = (arrays.take(f"{name}W{i}", None, None) for i in range(3))
    bias = sum(vector(arrays, f"{name}b{i}") for i in range(3) if i == 0 or f"{name}b{i}" in arrays)
    if len(context) != width:
        raise arrays.failure(f"the array '{name}W2' does not fit the encoder")
    columns = wide
    if tied != "none":
        columns = embedding.shape[1]
    elif embedding.shape[1] > wide:
        refuse("dim-emb larger than twice dim-rnn")
    else:
        out["generator.weight"] = rows(out["generator.weight"], columns)
    out["output.embedding"], out["output.context"] = padded(embedding, columns), padded(context, columns)
    out["output.hidden"] = padded(rows(hidden, wide), columns)
    out["output.bias"] = padded(bias, columns)
