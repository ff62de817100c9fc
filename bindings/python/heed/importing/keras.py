"""Keras 3: .keras files of the attention model that docs/importing.md describes, a functional model of Keras's own layers.

What a file holds is known by how its layers are joined, which config.json says; their names do not matter.
"""

import io
import json
import re

import numpy as np

from .arrays import Arrays
from .assembly import configuration, embedding_widths, put_combination, put_tables
from .bundle import Model
from .errors import ImportFailure, refuser
from .reading import first_line, open_archive, part_of, read_lines
from .vocabulary import Vocabulary

UNKNOWN = ("[UNK]", "<unk>", "[unk]", "<UNK>")
START = ("[START]", "<s>", "[start]", "<start>", "<sos>", "[BOS]", "<bos>")
END = ("[END]", "</s>", "[end]", "<end>", "<eos>", "[EOS]")
CELLS = {"LSTM": "lstm", "GRU": "gru"}
TRANSPARENT = ("Dropout", "SpatialDropout1D", "GaussianDropout")  # at inference
refuse = refuser("keras", "is not the model of docs/importing.md")


def convert(files, options):
    path, *vocabularies = files
    with open_archive(path) as archive:
        if not {"config.json", "model.weights.h5"} <= set(archive.namelist()):
            raise ImportFailure(f"{path}: has no config.json and model.weights.h5: it is no model of Keras 3")
        config, weights = part_of(archive, "config.json", path), part_of(archive, "model.weights.h5", path)
    return assemble(Layers(json.loads(config)), Arrays(read_weights(weights, path), path), vocabularies)


def read_weights(data, path):
    """Arrays by their place in the file. What is linked from elsewhere is not read."""
    try:
        import h5py
    except ImportError:
        raise ImportFailure(f"{path}: reading weights of Keras needs h5py: pip install h5py") from None
    out, total, met = {}, 0, set()
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            waiting = [("layers", file["layers"])]
            while waiting and len(out) < 1000:
                place, node = waiting.pop()
                address = h5py.h5o.get_info(node.id).addr
                if address in met:
                    raise ImportFailure(f"{path}: {place}: stands in the file in another place too, which Keras does not write")
                met.add(address)
                if isinstance(node, h5py.Dataset):
                    total += node.size * node.dtype.itemsize
                    if node.external or node.is_virtual or node.dtype.kind != "f" or total > len(data):
                        raise ImportFailure(f"{path}: {place}: is no array that Keras wrote")
                    out[place] = node[()]
                else:
                    waiting += [(f"{place}/{name}", node[name]) for name in node
                                if isinstance(node.get(name, getlink=True), h5py.HardLink) and place.count("/") < 8]
    except ImportFailure:
        raise
    except Exception as error:  # of a damaged file, anything
        raise ImportFailure(f"{path}: {first_line(error)}") from None
    return out


class Layer:
    def __init__(self, described, place):
        self.kind, self.name, self.config, self.place = described["class_name"], described["name"], described["config"], place
        nodes = described["inbound_nodes"]
        if len(nodes) > 1:
            refuse(f"the layer '{self.name}', which is called {len(nodes)} times")
        given = nodes[0] if nodes else {"args": [], "kwargs": {}}
        self.read = tensors(given["args"])
        self.start = tensors(given["kwargs"].get("initial_state"))


def tensors(value):
    """(layer, number of its output) of each tensor in the arguments of a call, in their order."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        name, _, number = value["config"]["keras_history"]
        return [(name, number)]
    if isinstance(value, list):
        return [each for part in value for each in tensors(part)]
    return []


class Layers:
    """The layers of a functional model, and of what each is the input."""

    def __init__(self, model):
        if model["class_name"] != "Functional":
            refuse(f"a model of the class '{model['class_name']}'", "only functional models say how their layers are joined")
        counts, self.by_name = {}, {}
        for described in model["config"]["layers"]:
            kind = described["class_name"]
            place = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind)).lower()
            number = counts[kind] = counts.get(kind, -1) + 1
            layer = Layer(described, f"layers/{place}_{number}" if number else f"layers/{place}")
            self.by_name[layer.name] = layer
        outputs = tensors_of_outputs(model["config"]["output_layers"])
        if len(outputs) != 1:
            refuse(f"{len(outputs)} outputs")
        self.output = outputs[0]

    def source(self, tensor):
        """The layer and output that a tensor is of, dropout apart."""
        name, number = tensor
        layer = self.by_name[name]
        return self.source(layer.read[0]) if layer.kind in TRANSPARENT else (layer, number)

    def expect(self, tensor, *kinds):
        layer, number = self.source(tensor)
        if layer.kind not in kinds or (number != 0 and layer.kind not in (*CELLS, "Bidirectional")):
            refuse(f"the layer '{layer.name}' ({layer.kind})", f"{' or '.join(kinds)} is expected there")
        return layer


def tensors_of_outputs(value):
    """One as [name, node, number], or a list of such."""
    return [(value[0], value[2])] if value and isinstance(value[0], str) else [(each[0], each[2]) for each in value]


class Parts:
    """The layers by what they do."""

    def __init__(self, layers):
        self.generator = layers.expect(layers.output, "Dense")
        self.combination = layers.expect(self.generator.read[0], "Dense")
        self.joined = layers.expect(self.combination.read[0], "Concatenate")
        kinds = [layers.source(each)[0].kind for each in self.joined.read]
        self.context_first = kinds[0] in ("Attention", "AdditiveAttention")
        context, hidden = self.joined.read if self.context_first else self.joined.read[::-1]
        self.attention = layers.expect(context, "Attention", "AdditiveAttention")
        self.decoder = layers.expect(hidden, *CELLS)
        query, *values = [layers.source(each) for each in self.attention.read]
        self.encoder = values[0][0]
        of_encoder = all(each == (self.encoder, 0) for each in values) and self.encoder.kind in (*CELLS, "Bidirectional")
        if query != (self.decoder, 0) or not of_encoder:
            refuse(f"the layer '{self.attention.name}'", "its query is expected to be the decoder's states, its values the encoder's")
        self.tables = [layers.expect(each.read[0], "Embedding") for each in (self.encoder, self.decoder)]
        for each in self.tables:
            layers.expect(each.read[0], "InputLayer")
        self.check_start(layers)

    def check_start(self, layers):
        """The decoder starts with the encoder's last states, of both directions side by side."""
        both = self.encoder.kind == "Bidirectional"
        cells = 2 if self.decoder.kind == "LSTM" else 1
        for number, tensor in enumerate(self.decoder.start):
            layer, output = layers.source(tensor)
            found = [layers.source(each) for each in layer.read] if layer.kind == "Concatenate" and both else [(layer, output)]
            expected = [(self.encoder, 1 + number + direction * cells) for direction in range(2 if both else 1)]
            if found != expected:
                refuse(f"the start of '{self.decoder.name}'", "its states are not the encoder's of the same kind, forward before backward")
        if len(self.decoder.start) != cells:
            refuse(f"the layer '{self.decoder.name}'", "it does not start with the encoder's states")


def check_cell(config, name, backwards=False):
    usual = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "go_backwards": backwards, "stateful": False}
    for key, value in usual.items():
        if config.get(key, value) != value:
            refuse(f"the layer '{name}' with {key}={config[key]}", f"{value} is expected")
    if not config.get("reset_after", True):
        refuse(f"the layer '{name}' with reset_after=False", "Heed's GRU has the reset gate behind the product")


def put_keras_cell(out, arrays, name, layer, place):
    """Keras's GRU is in the order z, r, h, its LSTM as Heed's. -> its width"""
    cell = CELLS[layer["class_name"]]
    read, recurrent, bias = (arrays.take(f"{place}/cell/vars/{number}") for number in range(3))
    hidden = len(recurrent)
    if cell == "gru":
        def order(values):
            z, r, n = np.split(values, 3, -1)
            return np.concatenate([r, z, n], -1)
        bias = bias.reshape(2, 3 * hidden)
        out[f"{name}.bias"], out[f"{name}.recurrent_bias"] = order(bias[0]), order(bias[1])
        read, recurrent = order(read), order(recurrent)
    else:
        out[f"{name}.bias"] = bias
    out[f"{name}.input"], out[f"{name}.recurrent"] = read, recurrent
    return hidden


def put_encoder(out, arrays, layer):
    """-> (cell, width, whether it reads in both directions)"""
    if layer.kind != "Bidirectional":
        check_cell(layer.config, layer.name)
        return CELLS[layer.kind], put_keras_cell(out, arrays, "encoder.0.forward", {"class_name": layer.kind}, layer.place), False
    inner, backward = layer.config["layer"], layer.config.get("backward_layer") or layer.config["layer"]
    if layer.config.get("merge_mode") != "concat" or inner["class_name"] not in CELLS or backward["class_name"] != inner["class_name"]:
        refuse(f"the layer '{layer.name}'", "its directions are expected to be LSTM or GRU, with merge_mode='concat'")
    check_cell(inner["config"], layer.name)
    check_cell({**backward["config"], "go_backwards": True}, layer.name, backwards=True)
    width = sum(put_keras_cell(out, arrays, f"encoder.0.{direction}", inner, f"{layer.place}/{direction}_layer")
                for direction in ("forward", "backward"))
    return CELLS[inner["class_name"]], width, True


def put_attention(out, arrays, layer, hidden):
    """Without products of query and key, which Heed's mechanisms have: they are the identity. -> the name in Heed"""
    scaled = layer.config.get("use_scale", layer.kind == "AdditiveAttention")
    if layer.config.get("score_mode", "dot") != "dot":
        refuse(f"the layer '{layer.name}' with score_mode={layer.config['score_mode']}", "dot is expected")
    scale = arrays.take(f"{layer.place}/vars/0") if scaled else np.float32(1)
    same = np.eye(hidden, dtype=np.float32)
    if layer.kind == "Attention":
        if not scaled:
            return "luong-dot"
        out["attention.key"] = same * scale
        return "luong-general"
    out["attention.key"], out["attention.query"], out["attention.bias"] = same, same, np.zeros(hidden, np.float32)
    out["attention.v"] = np.ones(hidden, np.float32) * scale
    return "luong-concat"


def read_vocabulary(path, size, with_start):
    """As TextVectorization has it, a token a line, from id 0 (padding, an empty line)."""
    tokens = read_lines(path)
    if len(tokens) > size:
        raise ImportFailure(f"{path}: has {len(tokens)} tokens, but the model {size}")
    tokens += [""] * (size - len(tokens))

    def find(names):
        return next((tokens.index(each) for each in names if each in tokens), None)
    unknown, start, end = find(UNKNOWN), find(START), find(END)
    for number, names in ((unknown, UNKNOWN), (end, END), *([(start, START)] if with_start else [])):
        if number is None:
            raise ImportFailure(f"{path}: has none of {', '.join(names)}")
    return Vocabulary(path, tokens, unknown, start, end), start


def assemble(layers, arrays, vocabularies):
    parts, out = Parts(layers), {}
    cell, width, both = put_encoder(out, arrays, parts.encoder)
    check_cell(parts.decoder.config, parts.decoder.name)
    hidden = put_keras_cell(out, arrays, "decoder.0", {"class_name": parts.decoder.kind}, parts.decoder.place)
    columns = parts.combination.config["units"]
    if hidden != width or columns != hidden:
        refuse(f"a decoder of {hidden} units, an encoder of {width} and a layer of tanh of {columns}", "they are expected to be the same")
    if parts.combination.config["activation"] != "tanh" or parts.generator.config["activation"] not in ("softmax", "linear", "log_softmax"):
        refuse(f"the activations {parts.combination.config['activation']} and {parts.generator.config['activation']}",
               "tanh, and softmax or none, are expected")
    kind = put_attention(out, arrays, parts.attention, hidden)
    put_combination(out, arrays.take(f"{parts.combination.place}/vars/0", 2 * hidden, columns), parts.context_first, hidden,
                    dense_bias(arrays, parts.combination))
    tables = {side: arrays.take(f"{layer.place}/vars/0", None, None) for side, layer in zip(("source", "target"), parts.tables)}
    (source, _), (target, start) = (read_vocabulary(path, len(tables[side]), side == "target")
                                    for path, side in zip(vocabularies, ("source", "target")))
    tables.update(output=arrays.take(f"{parts.generator.place}/vars/0", hidden, len(tables["target"])).T,
                  bias=dense_bias(arrays, parts.generator), start=start)
    tied = put_tables(out, source, target, tables)
    arrays.all_taken()
    attention = {"kind": kind, "entry": "output-only", **({"scale": "none"} if kind == "luong-general" else {})}
    model = {**embedding_widths(out),
             "encoder": {"cell": cell, "layers": 1, "hidden": width, "bidirectional": "true" if both else "false"},
             "decoder": {"cell": CELLS[parts.decoder.kind], "layers": 1, "hidden": hidden, "bridge": "last", "input_feeding": False},
             "attention": attention, "tied": tied}
    return Model(configuration(model, joint=tied == "all"), out, source.tokens, target.tokens)


def dense_bias(arrays, layer):
    if not layer.config.get("use_bias", True):
        return np.zeros(layer.config["units"], np.float32)
    return arrays.take(f"{layer.place}/vars/1", layer.config["units"])
