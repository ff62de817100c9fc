"""fairseq: checkpoints of LSTM models (fairseq.models.lstm)."""

import numpy as np

from .arrays import Arrays, put_torch_cell, put_torch_encoder, take_cell
from .assembly import configuration, embedding_widths, put_combination, put_tables
from .bundle import Model
from .errors import ImportFailure, refuser
from .reading import read_lines
from .torch_file import Inert, arrays_of, part, read_torch
from .vocabulary import Vocabulary

NAMES = ("argparse.Namespace", r"fairseq\..*", r"omegaconf\..*", "typing.Any", "collections.defaultdict", "builtins.(dict|int|list|float)",
         "enum.Enum", "pathlib.(Posix)?Path")
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]  # the first lines of each dictionary, which its file leaves out
refuse = refuser("fairseq")


def convert(files, options):
    path, *dictionaries = files
    checkpoint = read_torch(path, NAMES)
    check_architecture(architecture(checkpoint, path))
    sides = [Vocabulary(each, read_dictionary(each), SPECIALS.index("<unk>"), SPECIALS.index("<s>"), SPECIALS.index("</s>"))
             for each in dictionaries]
    return assemble(Arrays(arrays_of(part(checkpoint, "model", path)), path), sides)


def architecture(checkpoint, path):
    """The model's options: of 0.12 in 'cfg', before in 'args'."""
    given = checkpoint.get("cfg") if isinstance(checkpoint, dict) else None
    given = given.get("model") if isinstance(given, dict) else None
    given = given if given is not None else checkpoint.get("args") if isinstance(checkpoint, dict) else None
    if isinstance(given, Inert):
        given = vars(given)
    if not isinstance(given, dict):
        raise ImportFailure(f"{path}: has no options of a model: it is no checkpoint of fairseq")
    return given


def check_architecture(given):
    name = given.get("arch") or given.get("_name")
    if not isinstance(name, str) or not (name == "lstm" or name.startswith("lstm_")) or name.startswith("lstm_lm"):
        refuse(f"arch {name}")
    if str(given.get("decoder_attention", "1")) not in ("1", "True", "true"):
        refuse("decoder_attention 0", "h~ is then the state itself; Heed's is tanh of a product")
    if given.get("criterion") == "adaptive_loss":
        refuse("criterion adaptive_loss (adaptive softmax)")


def read_dictionary(path):
    """Lines `token count`, perhaps with a flag behind them."""
    tokens = list(SPECIALS)
    for number, line in enumerate(read_lines(path), 1):
        token, _, count = line.removesuffix(" #fairseq:overwrite").rpartition(" ")
        if not token or not count.isdigit():
            raise ImportFailure(f"{path}:{number}: is no 'token count'")
        tokens.append(token)
    return tokens


def assemble(arrays, sides):
    out = {}
    arrays.drop("encoder.version", "decoder.version")
    layers, width, both = put_torch_encoder(out, arrays, "lstm", "encoder.lstm.")
    if any(name.startswith("decoder.adaptive_softmax") for name in arrays.values):
        refuse("adaptive_softmax")
    target = arrays.take("decoder.embed_tokens.weight", None, None)
    decoder_layers = 0
    while f"decoder.layers.{decoder_layers}.weight_ih" in arrays:
        put_torch_cell(out, f"decoder.{decoder_layers}", "lstm", take_cell(arrays, "lstm", f"decoder.layers.{decoder_layers}."),
                       target.shape[1] if decoder_layers == 0 else None)
        decoder_layers += 1
    if decoder_layers == 0:
        raise arrays.failure("the array 'decoder.layers.0.weight_ih' is missing")
    hidden = len(out["decoder.0.recurrent"])
    bridge = put_bridge(out, arrays, decoder_layers, width, hidden)
    # The product is on the side of the query: q W . k.
    out["attention.key"] = arrays.take("decoder.attention.input_proj.weight", width, hidden)
    put_combination(out, arrays.weight("decoder.attention.output_proj.weight", hidden, width + hidden), True, width)
    output, bias = take_output(arrays, target)
    tied = put_tables(out, *sides, {"source": arrays.take("encoder.embed_tokens.weight", None, None), "target": target,
                                    "output": output, "bias": bias, "start": SPECIALS.index("</s>")})
    arrays.all_taken()
    model = {**embedding_widths(out),
             "encoder": {"cell": "lstm", "layers": layers, "hidden": width, "bidirectional": "true" if both else "false"},
             "decoder": {"cell": "lstm", "layers": decoder_layers, "hidden": hidden, "bridge": bridge, "input_feeding": True},
             "attention": {"kind": "luong-general", "entry": "input-feeding", "scale": "none"}, "tied": tied}
    return Model(configuration(model, joint=tied == "all"), out, sides[0].tokens, sides[1].tokens)


def put_bridge(out, arrays, layers, width, hidden):
    """Where the decoder is not as wide as the encoder, all layers start by one product."""
    if "decoder.encoder_hidden_proj.weight" not in arrays:
        return "last"
    for part in ("hidden", "cell"):
        weight = arrays.weight(f"decoder.encoder_{part}_proj.weight", hidden, width)
        bias = arrays.take(f"decoder.encoder_{part}_proj.bias", hidden)
        for layer in range(layers):
            out[f"bridge.{layer}.{part}.weight"], out[f"bridge.{layer}.{part}.bias"] = weight, bias
    return "linear"


def take_output(arrays, target):
    """One product of what may be two: h~ is as wide as the state, and a second product may follow it. -> (weight [V, H], bias)"""
    if "decoder.fc_out.weight" in arrays:
        weight, bias = arrays.take("decoder.fc_out.weight", None, None), arrays.take("decoder.fc_out.bias", None)
    else:
        weight, bias = target, np.zeros(len(target), np.float32)
    if "decoder.additional_fc.weight" not in arrays:
        return weight, bias
    more = arrays.take("decoder.additional_fc.weight", weight.shape[1], None)
    more_bias = arrays.take("decoder.additional_fc.bias", weight.shape[1])
    wide = weight.astype(np.float64)
    return (wide @ more).astype(np.float32), (wide @ more_bias + bias).astype(np.float32)
