"""OpenNMT-py, 2.x and 3.x: checkpoints of recurrent models (onmt.encoders.RNNEncoder, onmt.decoders.decoder)."""

from .arrays import Arrays, GATES, put_torch_cell, put_torch_encoder, take_cell
from .assembly import configuration, embedding_widths, put_combination, put_tables
from .bundle import Model
from .errors import ImportFailure, refuser
from .torch_file import Inert, arrays_of, part, read_torch
from .vocabulary import Vocabulary

NAMES = ("argparse.Namespace", "configargparse.Namespace", r"torchtext(\.legacy)?\..*", r"onmt\.inputters\..*", "collections.defaultdict",
         "collections.Counter", "functools.partial", "builtins.(int|str|list|tuple|dict|set)")
ENCODERS = ("rnn", "brnn")
UNKNOWN, START, END = "<unk>", "<s>", "</s>"
refuse = refuser("opennmt")


def convert(files, options):
    path = files[0]
    checkpoint = read_torch(path, NAMES)
    options_of = vars(part(checkpoint, "opt", path, Inert))
    check_options(options_of)
    vocabulary = part(checkpoint, "vocab", path)
    source, target = tokens_of(vocabulary, "src"), tokens_of(vocabulary, "tgt")
    source_end = reads_source_end(options_of, source, options)
    start = vocabulary.get("decoder_start_token", START)
    if start not in target:
        raise ImportFailure(f"{path}: the token '{start}', with which the decoder starts, is not in the vocabulary")
    arrays = {**arrays_of(part(checkpoint, "model", path)),
              **{f"generator.{name.removeprefix('0.')}": each
                 for name, each in arrays_of(part(checkpoint, "generator", path)).items()}}
    sides = [Vocabulary(path, tokens, *(number_of(tokens, each) for each in (UNKNOWN, START, END))) for tokens in (source, target)]
    return assemble(Arrays(arrays, path), options_of, sides, target.index(start), source_end)


def check_options(given):
    """What no array tells."""
    for side, known in (("encoder_type", ENCODERS), ("decoder_type", ("rnn",))):
        if given.get(side) not in known:
            refuse(f"{side} {given.get(side)}")
    if str(given.get("rnn_type")).lower() not in GATES:
        refuse(f"rnn_type {given.get('rnn_type')}")
    if given.get("model_task", "seq2seq") != "seq2seq" or given.get("model_type", "text") != "text":
        refuse(f"model_task {given.get('model_task')}, model_type {given.get('model_type')}")
    for name in ("copy_attn", "coverage_attn", "position_encoding", "context_gate", "lora_layers", "quant_layers", "reuse_copy_attn"):
        if given.get(name):
            refuse(name)
    if given.get("bridge"):
        refuse("bridge", "h0 and c0 are ReLU of a product of all layers; Heed's bridges are in docs/encoders.md")
    kind = given.get("global_attention")
    if kind == "mlp":
        refuse("global_attention mlp", "h~ is then a product without tanh")
    if kind not in ("dot", "general"):
        refuse(f"global_attention {kind}", "h~ without attention is the state itself; Heed's is tanh of a product")
    if given.get("global_attention_function") not in ("softmax", "sparsemax"):
        refuse(f"global_attention_function {given.get('global_attention_function')}")
    if given.get("generator_function", "softmax") not in ("softmax", "log_softmax"):
        refuse(f"generator_function {given.get('generator_function')}")


def reads_source_end(given, source, options):
    """OpenNMT-py puts nothing behind a source, but a transform may, or --source-end says that the text had it there."""
    suffixed = "suffix" in (given.get("transforms") or ()) and given.get("src_suffix") == END
    if not suffixed and not options.source_end:
        return False
    if END not in source:
        refuse("sources that end with </s>", "the source vocabulary has no '</s>'")
    return True


def tokens_of(vocabulary, side):
    """Of 3.x a list, of 2.x torchtext's field, or a field of fields."""
    found = vocabulary.get(side)
    if isinstance(found, Inert):
        fields = vars(found).get("fields")
        if fields:
            if len(fields) > 1:
                refuse("features of the source")
            found = fields[0][1]
        found = getattr(getattr(found, "vocab", None), "itos", None)
    if vocabulary.get("src_feats"):
        refuse("src_feats")
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ImportFailure(f"opennmt: the checkpoint has no vocabulary '{side}'")
    return found


def number_of(tokens, token):
    return tokens.index(token) if token in tokens else None


def assemble(arrays, given, sides, start, source_end):
    out = {}
    cell = given["rnn_type"].lower()
    layers, width, both = put_torch_encoder(out, arrays, cell, "encoder.rnn.")
    tables = {"source": arrays.take(lookup("encoder"), None, None), "target": arrays.take(lookup("decoder"), None, None),
              "output": arrays.take("generator.weight", None, None), "bias": arrays.take("generator.bias", None), "start": start}
    decoder_layers, hidden = put_decoder(out, arrays, cell, tables["target"].shape[1])
    if hidden != width or decoder_layers > layers:
        raise arrays.failure("the decoder is wider or deeper than the encoder, whose states it starts with")
    kind = given["global_attention"]
    if kind == "general":
        out["attention.key"] = arrays.take("decoder.attn.linear_in.weight", hidden, hidden)
    put_combination(out, arrays.weight("decoder.attn.linear_out.weight", hidden, 2 * hidden), True, hidden)
    tied = put_tables(out, *sides, tables)
    arrays.all_taken()
    model = {**embedding_widths(out),
             "encoder": {"cell": cell, "layers": layers, "hidden": width, "bidirectional": "true" if both else "false"},
             "decoder": {"cell": cell, "layers": decoder_layers, "hidden": hidden, "bridge": "last",
                         "input_feeding": "decoder.0.feed" in out},
             "attention": {"kind": f"luong-{kind}", "entry": "input-feeding" if "decoder.0.feed" in out else "output-only",
                           "normalizer": given["global_attention_function"], "scale": "none"},
             "tied": tied}
    config = configuration(model, joint=tied == "all")
    config["data"]["source"]["end"] = source_end
    return Model(config, out, sides[0].tokens, sides[1].tokens)


def lookup(side):
    return f"{side}.embeddings.make_embedding.emb_luts.0.weight"


def put_decoder(out, arrays, cell, embedded):
    """Cells one by one where h~ is fed, else one torch.nn.LSTM. -> (layers, width)"""
    layer = 0
    while True:
        fed = f"decoder.rnn.layers.{layer}.weight_ih" in arrays
        if not fed and f"decoder.rnn.weight_ih_l{layer}" not in arrays:
            break
        parts = take_cell(arrays, cell, f"decoder.rnn.layers.{layer}." if fed else "decoder.rnn.", "" if fed else f"_l{layer}")
        put_torch_cell(out, f"decoder.{layer}", cell, parts, embedded if layer == 0 else None)
        layer += 1
    if layer == 0:
        raise arrays.failure("has no cells of the decoder")
    return layer, len(out["decoder.0.recurrent"])
