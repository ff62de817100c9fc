"""Joey NMT 2: checkpoints of recurrent models (joeynmt.encoders.RecurrentEncoder, joeynmt.decoders.RecurrentDecoder)."""

import numpy as np

from .arrays import Arrays, GATES, put_torch_cell, put_torch_encoder, take_cell
from .assembly import configuration, embedding_widths, put_combination, put_tables
from .bundle import Model
from .errors import ImportFailure, refuser
from .plain_yaml import read_yaml
from .reading import read_lines
from .torch_file import arrays_of, part, read_torch
from .vocabulary import Vocabulary

NAMES = ()
SPECIALS = {"unk": "<unk>", "pad": "<pad>", "bos": "<s>", "eos": "</s>"}
LEVELS = {"word": "spaces", "bpe": "spaces", "char": "characters"}
refuse = refuser("joeynmt")


def convert(files, options):
    path, configuration_file, *vocabularies = files
    config = read_yaml(configuration_file)
    check(isinstance(config, dict), f"{configuration_file}: is no configuration")
    model, data = section(config, "model", configuration_file), section(config, "data", configuration_file)
    encoder, decoder = section(model, "encoder", configuration_file), section(model, "decoder", configuration_file)
    check_model(model, encoder, decoder)
    text, specials = text_of(data)
    sides = [read_vocabulary(each, specials) for each in vocabularies]
    arrays = Arrays(arrays_of(part(read_torch(path, NAMES), "model_state", path)), path)
    return assemble(arrays, (encoder, decoder), sides, text)


def check(condition, message):
    if not condition:
        raise ImportFailure(message)


def section(config, name, path):
    check(isinstance(config.get(name), dict), f"{path}: has no section '{name}'")
    return config[name]


def check_model(model, encoder, decoder):
    """What no array tells. Heed starts decoder layer l from encoder layer l, Joey NMT all from the last."""
    for side, name in ((encoder, "encoder"), (decoder, "decoder")):
        default = "recurrent" if name == "encoder" else "transformer"  # as joeynmt.model.build_model has it
        if side.get("type", default) != "recurrent":
            refuse(f"{name}.type {side.get('type', default)}")
        if side.get("rnn_type", "gru") not in GATES:
            refuse(f"{name}.rnn_type {side.get('rnn_type')}")
    if decoder.get("activation", "tanh") != "tanh":
        refuse(f"decoder.activation {decoder['activation']}")
    if decoder.get("attention", "bahdanau") not in ("bahdanau", "luong"):
        refuse(f"decoder.attention {decoder['attention']}")
    start, cell, layers = decoder.get("init_hidden", "bridge"), decoder.get("rnn_type", "gru"), encoder.get("num_layers", 1)
    if start == "zero":
        return
    if start not in ("bridge", "last"):
        refuse(f"decoder.init_hidden {start}")
    if cell == "lstm":
        refuse(f"decoder.init_hidden {start} of an LSTM", "its c0 is h0; Heed's bridges are in docs/encoders.md")
    if layers > 1:
        refuse(f"decoder.init_hidden {start} with {layers} encoder layers", "Heed's decoder starts from the layer of the same number")
    if start == "last" and 2 * encoder.get("hidden_size") != decoder.get("hidden_size"):
        refuse("decoder.init_hidden last of the forward states alone", "Heed's bridge 'last' copies both directions")


def text_of(data):
    """-> (how text is cut, the special tokens by their names)"""
    specials = {**SPECIALS, **{name: data[f"{name}_token"] for name in SPECIALS if f"{name}_token" in data}}
    given = data.get("special_symbols") or {}
    specials.update({name: given[f"{name}_token"] for name in SPECIALS if f"{name}_token" in given})
    sides = [data.get(side) or {} for side in ("src", "trg")]
    levels = {side.get("level", data.get("level", "word")) for side in sides}
    lower = {bool(side.get("lowercase", data.get("lowercase", False))) for side in sides}
    for level in sorted(map(str, levels - set(LEVELS))):
        refuse(f"level {level}")
    if len(levels) > 1 or len(lower) > 1:
        refuse("data.src and data.trg of different 'level' or 'lowercase'")
    return {"tokenizer": LEVELS[levels.pop()], "lowercase": lower.pop()}, specials


def read_vocabulary(path, specials):
    tokens = read_lines(path)
    missing = [each for each in specials.values() if each not in tokens]
    check(not missing, f"{path}: has no '{(missing or [''])[0]}'")
    return Vocabulary(path, tokens, *(tokens.index(specials[name]) for name in ("unk", "bos", "eos")))


def assemble(arrays, configs, sides, text):
    encoder, decoder = configs
    out = {}
    cells = [each.get("rnn_type", "gru") for each in configs]
    layers, width, both = put_torch_encoder(out, arrays, cells[0], "encoder.rnn.")
    tables = {"source": take_table(arrays, "src_embed", encoder), "target": take_table(arrays, "trg_embed", decoder),
              "output": arrays.take("decoder.output_layer.weight", None, None), "start": int(sides[1].order[1])}
    decoder_layers, hidden, fed = put_decoder(out, arrays, cells[1], tables["target"].shape[1])
    kind = put_attention(out, arrays, decoder.get("attention", "bahdanau"), hidden, width)
    put_combination(out, arrays.weight("decoder.att_vector_layer.weight", hidden, hidden + width), False, width,
                    arrays.take("decoder.att_vector_layer.bias", hidden))
    start = decoder.get("init_hidden", "bridge")
    if start == "bridge":
        put_bridge(out, arrays, decoder_layers, hidden, width)
    tied = put_tables(out, *sides, tables)
    arrays.all_taken()
    model = {**embedding_widths(out),
             "encoder": {"cell": cells[0], "layers": layers, "hidden": width, "bidirectional": "true" if both else "false"},
             "decoder": {"cell": cells[1], "layers": decoder_layers, "hidden": hidden, "input_feeding": fed,
                         "bridge": {"bridge": "dense"}.get(start, start)},
             "attention": {"kind": kind, "entry": "input-feeding" if fed else "output-only", "scale": "none"},
             "tied": tied}
    if kind != "luong-general":
        del model["attention"]["scale"]
    return Model(configuration(model, **text, joint=tied == "all"), out, sides[0].tokens, sides[1].tokens)


def take_table(arrays, name, config):
    table = arrays.take(f"{name}.lut.weight", None, None)
    scaled = (config.get("embeddings") or {}).get("scale", False)
    return table * np.float32(table.shape[1] ** 0.5) if scaled else table


def put_decoder(out, arrays, cell, embedded):
    """-> (layers, width, whether h~ is fed)"""
    layers = 0
    while f"decoder.rnn.weight_ih_l{layers}" in arrays:
        put_torch_cell(out, f"decoder.{layers}", cell, take_cell(arrays, cell, "decoder.rnn.", f"_l{layers}"),
                       embedded if layers == 0 else None)
        layers += 1
    check(layers > 0, f"{arrays.path}: the array 'decoder.rnn.weight_ih_l0' is missing")
    return layers, len(out["decoder.0.recurrent"]), "decoder.0.feed" in out


def put_attention(out, arrays, attention, hidden, width):
    """Both ask with the state after the step, so Bahdanau's is the `concat` of Luong et al. -> the name in Heed"""
    out["attention.key"] = arrays.weight("decoder.attention.key_layer.weight", hidden, width)
    if attention == "luong":
        return "luong-general"
    out["attention.query"] = arrays.weight("decoder.attention.query_layer.weight", hidden, hidden)
    out["attention.v"] = arrays.take("decoder.attention.energy_layer.weight", 1, hidden)[0]
    out["attention.bias"] = np.zeros(hidden, np.float32)
    return "luong-concat"


def put_bridge(out, arrays, layers, hidden, width):
    """One product for all layers."""
    weight = arrays.weight("decoder.bridge_layer.weight", hidden, width)
    bias = arrays.take("decoder.bridge_layer.bias", hidden)
    for layer in range(layers):
        out[f"bridge.{layer}.hidden.weight"], out[f"bridge.{layer}.hidden.bias"] = weight, bias
