"""Files that heed.importing does not take end in one line and leave nothing behind: bad_input.py

Exit status 77, with a reason, where NumPy is missing; what needs PyTorch is left out where that is missing.
"""

import contextlib
import importlib.util
import io
import pathlib
import pickle
import random
import sys
import tempfile
import zipfile

here = pathlib.Path(__file__).resolve().parent
root = here.parents[3]
sys.path[:0] = [str(root / "src/app/tests"), str(root / "bindings/python"), str(here)]
sys.dont_write_bytecode = True
from checks import check, finish  # noqa: E402

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
from heed.importing import __main__, fairseq, joeynmt, marian, opennmt  # noqa: E402
from heed.importing.errors import ImportFailure  # noqa: E402
from heed.importing.plain_yaml import parse_yaml  # noqa: E402
from heed.importing.vocabulary import Vocabulary  # noqa: E402

MARIAN = [here / "marian-tied" / name for name in ("model.npz", "vocabulary.source.yml", "vocabulary.target.json")]

JOEY = [here / "joeynmt-luong" / name for name in ("model.ckpt", "config.yaml", "src_vocab.txt", "trg_vocab.txt")]


def run(work, kind, *files):
    """-> (exit status, what it said)"""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            status = __main__.main([kind, *map(str, files), "--output", str(work / "bundle")])
        except SystemExit as end:
            status = end.code
    return status, said.getvalue()


def refused(what, work, kind, *files, says=""):
    before = sorted(path.name for path in work.iterdir())
    status, said = run(work, kind, *files)
    check(f"{what}: {said.strip()}", (status, said.count("\n"), says in said), (1, 1, True))
    check(f"{what}: nothing is left behind", sorted(path.name for path in work.iterdir()), before)


def archive(path, parts, packed=False):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return path


def npy(values=None, header=None):
    out = io.BytesIO()
    if header is None:
        np.lib.format.write_array(out, values, allow_pickle=True)
    else:
        np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue()


def check_archives(work):
    bomb = archive(work / "bomb.npz", {"a.npy": bytes(100 << 20)}, packed=True)
    refused("a bomb", work, "marian", bomb, *MARIAN[1:], says="would unpack to")
    shape = {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)}
    refused("a header that promises much", work, "marian", archive(work / "header.npz", {"a.npy": npy(header=shape)}), *MARIAN[1:],
            says="is no array of numbers")
    refused("objects", work, "marian", archive(work / "objects.npz", {"a.npy": npy(np.array([{}], object))}), *MARIAN[1:],
            says="where numbers are expected")
    refused("no archive", work, "marian", MARIAN[1], *MARIAN[1:])
    for kind, more in (("marian", MARIAN[1:]), ("opennmt", []), ("joeynmt", JOEY[1:]), ("fairseq", MARIAN[1:]), ("keras", MARIAN[1:])):
        refused(f"{kind}: no file", work, kind, work / "none", *more, says="none: No such file")
        refused(f"{kind}: a folder", work, kind, here, *more, says=f"{here}: Is a directory")
    with np.load(MARIAN[0]) as whole:
        values = {name: whole[name] for name in whole.files}
    name = next(name for name in values if values[name].dtype.kind == "f")
    np.savez(work / "nan.npz", **{**values, name: values[name] * np.nan})
    refused("weights that are no numbers", work, "marian", work / "nan.npz", *MARIAN[1:], says="nan.npz: the weights of '")
    np.savez(work / "more.npz", **values, more=values[name])
    refused("an array too much", work, "marian", work / "more.npz", *MARIAN[1:], says="more.npz: arrays that have no counterpart: more")
    del values[name]
    np.savez(work / "less.npz", **values)
    refused("an array too little", work, "marian", work / "less.npz", *MARIAN[1:], says=f"less.npz: the array '{name}' is missing")
    refused("too few files", work, "marian", MARIAN[0], says="expected a model")
    refused("the vocabularies of another", work, "marian", MARIAN[0], here / "joeynmt-luong/src_vocab.txt", MARIAN[2],
            says="it is no vocabulary of Marian")


def check_cut_and_changed(work):
    """Whatever became of a file: one line, or a bundle."""
    whole = MARIAN[0].read_bytes()
    choice = random.Random(1)
    for cut in [0, 1, 30, len(whole) // 2, len(whole) - 30, len(whole) - 1]:
        (work / "cut.npz").write_bytes(whole[:cut])
        refused(f"cut at {cut}", work, "marian", work / "cut.npz", *MARIAN[1:])
    strange = []
    for number in range(150):
        data = bytearray(whole)
        for _ in range(choice.randint(1, 4)):
            # Headers stand in the first 300 bytes of each part, and in the end.
            data[choice.randrange(len(data) - 4000, len(data)) if number % 2 else choice.randrange(len(data))] = choice.randrange(256)
        (work / "changed.npz").write_bytes(data)
        status, said = run(work, "marian", work / "changed.npz", *MARIAN[1:])
        if status not in (0, 1) or said.count("\n") != status:
            strange.append((number, status, said))
        for made in work.glob("bundle"):
            for file in made.iterdir():
                file.unlink()
            made.rmdir()
    check("150 changed files end in a line or a bundle", strange, [])
    check("no folder is left", [path.name for path in work.iterdir() if path.is_dir()], [])


def check_settings_of_others():
    def reason(function, *arguments):
        try:
            function(*arguments)
        except ImportFailure as failure:
            return str(failure)
        return ""

    usual = {"encoder_type": "brnn", "decoder_type": "rnn", "rnn_type": "LSTM", "global_attention": "general",
             "global_attention_function": "softmax"}
    check("OpenNMT-py's usual model", reason(opennmt.check_options, usual), "")
    for name, value in {"encoder_type": "transformer", "decoder_type": "cnn", "rnn_type": "SRU", "copy_attn": True, "coverage_attn": True,
                        "context_gate": "both", "bridge": True, "global_attention": "mlp", "position_encoding": True,
                        "generator_function": "sparsemax", "model_task": "lm"}.items():
        said = reason(opennmt.check_options, {**usual, name: value})
        check(f"opennmt {name} {value}: {said}", said.startswith(f"opennmt: {name}"), True)
    suffix = {"transforms": ["suffix"], "src_suffix": "</s>"}
    check("opennmt whose transform puts </s> behind a source", opennmt.reads_source_end(suffix, ["</s>"], None), True)
    check("opennmt's sources that have none to end with",
          reason(opennmt.reads_source_end, suffix, ["<unk>"], None).startswith("opennmt: sources that end with </s>"), True)

    encoder, decoder = {"rnn_type": "gru"}, {"type": "recurrent", "rnn_type": "gru", "hidden_size": 4}
    check("Joey NMT's usual model", reason(joeynmt.check_model, {}, encoder, decoder), "")
    for of, changes in (("encoder.type", ({"type": "transformer"}, {})), ("decoder.type", ({}, {"type": "transformer"})),
                        ("decoder.init_hidden bridge of an LSTM", ({}, {"rnn_type": "lstm"})),
                        ("decoder.init_hidden bridge with 2 encoder layers", ({"num_layers": 2}, {})),
                        ("decoder.init_hidden last of the forward states", ({"hidden_size": 4}, {"init_hidden": "last"})),
                        ("decoder.activation relu", ({}, {"activation": "relu"}))):
        said = reason(joeynmt.check_model, {}, {**encoder, **changes[0]}, {**decoder, **changes[1]})
        check(f"joeynmt: {said}", said.startswith(f"joeynmt: {of}"), True)

    check("joeynmt level", reason(joeynmt.text_of, {"level": "sentencepiece"}).startswith("joeynmt: level sentencepiece: "), True)
    check("joeynmt levels", "different 'level'" in reason(joeynmt.text_of, {"src": {"level": "char"}}), True)
    check("a table of another vocabulary", reason(Vocabulary("words.txt", ["<unk>", "</s>", "a"], 0, None, 1).rows, [[0.0]] * 5),
          "words.txt: has 3 tokens, but a table of the model 5 rows")

    for given in ({"arch": "transformer"}, {"arch": "lstm_lm"}, {"arch": "lstm", "decoder_attention": "0"},
                  {"arch": "lstm", "criterion": "adaptive_loss"}):
        check(f"fairseq: {given}", reason(fairseq.check_architecture, given).startswith("fairseq: "), True)
    for given in ({"type": "transformer"}, {"dec-cell": "lstm"}, {"enc-type": "alternating"}, {"layer-normalization": True}, {"skip": True},
                  {"enc-cell": "ssru"}, {"dec-attention-heads": 8}, {"dec-attention-hops": 2}):
        said = reason(marian.check_settings, {"type": "s2s", **given}, {})
        check(f"marian: {said}", said.startswith(f"marian: {next(iter(given))}"), True)


YAML = {
    "a: 1\nb:\n- x\n- y: 2\n  z: [1, \"q#\", 'it''s', {k: v}]\nc: {d: e,\n  f: ~} # end\n":
        {"a": 1, "b": ["x", {"y": 2, "z": [1, "q#", "it's", {"k": "v"}]}], "c": {"d": "e", "f": None}},
    "\"</s>\": 0\n\"a: b\": 1\nfoo#bar: 2\n-: 3\nno: 4\n01: 5\n-x: no\n":
        {"</s>": 0, "a: b": 1, "foo#bar": 2, "-": 3, "no": 4, "01": 5, "-x": False},
    "x: &a [1]\n": "t:1: has '&', which is not read here",
    "x: 1\n  y: 2\n": "t:2: is not indented as the lines before it",
    "x: [1, 2\n": "t:1: has a list or a map that does not end",
    "x: !!python/object:os.system {}\n": "t:1: has '!', which is not read here",
    "x: 1\nx: 2\n": "t:2: has the key 'x' again",
    "\tx: 1\n": "t:1: is indented by a tab",
}


def check_yaml():
    for text, expected in YAML.items():
        try:
            found = parse_yaml(text, "t")
        except ImportFailure as failure:
            found = str(failure)
        check(f"YAML {text!r}", found, expected)


def check_long_yaml():
    """Of any length; without a bound on time, what takes the square of it runs into the test's."""
    check("many blanks", parse_yaml("a" + " " * 1000000 + "b", "t"), "a" + " " * 1000000 + "b")
    check("a list of many lines", len(parse_yaml("x: [\n" + "1,\n" * 60000 + "]\n", "t")["x"]), 60000)
    check("a long map", len(parse_yaml("{" + ", ".join(f'"t{i}": {i}' for i in range(60000)) + "}", "t")), 60000)


class Hostile:
    def __reduce__(self):
        return print, ("this must not be printed",)


def check_checkpoints(work):
    """PyTorch's archives: only what PyTorch itself reads as weights."""
    import torch
    path = work / "hostile.pt"
    torch.save({"model": Hostile()}, path)
    for kind, files in (("opennmt", [path]), ("fairseq", [path, *MARIAN[1:]])):
        refused(f"{kind}: a hostile pickle", work, kind, *files, says="asks for 'builtins.print'")
    torch.save({"model_state": {"x": torch.zeros(1).expand(1 << 40)}}, path)
    refused("an array larger than its numbers", work, "joeynmt", path, *(here / "joeynmt-luong" / each for each in (
        "config.yaml", "src_vocab.txt", "trg_vocab.txt")), says="larger than its numbers")
    check_repeated(torch, path, work)
    with zipfile.ZipFile(here / "opennmt-dot/model.pt") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    refused("packed parts", work, "opennmt", archive(work / "packed.pt", parts, packed=True), says="has packed parts")
    parts[next(name for name in parts if name.endswith("data.pkl"))] = pickle.dumps([[[]] * 3], 2)
    refused("another pickle", work, "opennmt", archive(work / "other.pt", parts))
    data = (here / "opennmt-dot/model.pt").read_bytes()
    for cut in (10, len(data) // 2, len(data) - 5):
        (work / "cut.pt").write_bytes(data[:cut])
        refused(f"a checkpoint cut at {cut}", work, "opennmt", work / "cut.pt")


def check_repeated(torch, path, work):
    """What a file has once is read once; what it has in many shapes is not."""
    other = [here / "joeynmt-luong" / each for each in ("config.yaml", "src_vocab.txt", "trg_vocab.txt")]
    nested = [1]
    for _ in range(40):
        nested = [nested, nested]
    array = torch.zeros(1000, 1001)
    for what, held in (("a list of itself", nested), ("an array of half precision", dict.fromkeys(range(40000), array.half())),
                       ("a turned array", {i: array.t() for i in range(4000)})):
        torch.save({"model_state": {"x": held}}, path)
        refused(f"{what}, many times", work, "joeynmt", path, *other, says="is missing")
    torch.save({"model_state": {i: array[i % 999:, i // 999:].t() for i in range(4000)}}, path)
    refused("many parts of an array", work, "joeynmt", path, *other, says="has arrays that are many times its size together")


def check_widths(work):
    """Few weights do not become many."""
    with np.load(here / "marian-s2s/model.npz") as whole:
        values = dict(whole)
    width = 12000
    for name in ("decoder_Wc_att", "decoder_W_comb_att"):
        values[name] = np.zeros((len(values[name]), width), "f4")
    values["decoder_b_att"], values["decoder_U_att"] = np.zeros((1, width), "f4"), np.zeros((width, 1), "f4")
    np.savez_compressed(work / "wide.npz", **values)
    refused("wide attention", work, "marian", work / "wide.npz", *(here / "marian-s2s" / each for each in (
        "vocabulary.source.yml", "vocabulary.target.json")), says="are not of one --dim-rnn")


def check_links(work):
    """Of HDF5: a group that is in itself, and arrays that are larger than the file."""
    import h5py
    with zipfile.ZipFile(here / "keras-dot/model.keras") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    def loops(group):
        for i in range(60):
            group[f"l{i}"] = group

    def unwritten(group):
        group.create_dataset("a", (100, 1000), "f4", chunks=(100, 1000))
    for fill, says in ((loops, "in another place too"), (unwritten, "is no array that Keras wrote")):
        data = io.BytesIO()
        with h5py.File(data, "w") as file:
            fill(file.create_group("layers"))
        path = archive(work / "links.keras", {**parts, "model.weights.h5": data.getvalue()}, packed=True)
        refused(f"HDF5 with {fill.__name__}", work, "keras", path, *(here / "keras-dot" / each for each in (
            "source.txt", "target.txt")), says=says)


def main():
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        check_archives(work)
        check_cut_and_changed(work)
        check("an unknown kind", run(work, "transformers", MARIAN[0])[0], 2)
        (work / "bundle").mkdir()
        status, said = run(work, "marian", *MARIAN)
        check(f"a folder that is there: {said.strip()}", (status, list((work / "bundle").iterdir())), (1, []))
        (work / "bundle").rmdir()
        check_widths(work)
        if importlib.util.find_spec("torch"):
            check_checkpoints(work)
        if importlib.util.find_spec("h5py"):
            check_links(work)
    check_settings_of_others()
    check_yaml()
    check_long_yaml()
    finish()


main()
