"""What is around: pages, records, files of pairs, types, the notebook."""

import ast
import inspect
import json
import os
import pathlib
import subprocess
import sys

import pytest

import heed

ROOT = pathlib.Path(__file__).parents[3]


def test_a_page(translator):
    answers = translator.translate(["a <b> c", "d"], attention=True, trace=True, nbest=2)
    for page in (answers[0][0].to_html(title="One"), answers[0][1].to_html(), heed.page(answers, references=["A", "D"])):
        assert page.startswith("<!doctype html>") and "<b>" not in page
    assert "<title>One" in answers[0][0].to_html(title="One")
    cell = answers[0][0]._repr_html_()
    assert cell.startswith('<iframe srcdoc="') and cell.count('"') % 2 == 0 and "<script" not in cell
    assert translator.translate("a <b>")._repr_html_().startswith("<p>a &lt;b&gt;</p>")
    with pytest.raises(heed.UsageError, match="1 references and 2 translations"):
        heed.page(answers, references=["A"])
    with pytest.raises(heed.UsageError, match="no translation"):
        heed.page([])
    with pytest.raises(TypeError, match="references: an iterable of str is expected, not str"):
        heed.page(answers, references="AD")
    for show in (heed.page, heed.records):
        with pytest.raises(heed.UsageError, match=r"translations\[1\]: the list is empty"):
            show([answers[0], []])
        with pytest.raises(TypeError, match="translations: an iterable of Translation is expected, not Translation"):
            show(answers[0][0])
        for wrong in ("a", 3, ["a"]):
            with pytest.raises(TypeError, match=r"translations\[0\]: a Translation or a list of them is expected, not"):
                show([wrong])


def test_records(translator):
    rows = heed.records(translator.translate(["a b", "c"], nbest=2))
    assert [(row["sentence"], row["rank"]) for row in rows] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert rows[0]["source"] == "a b" and rows[0]["tokens"][-1] == "</s>" and rows[0]["fault"] is None
    assert heed.records(translator.translate(["a"]))[0]["rank"] == 0
    json.dumps(rows)


class Dataset:
    """Like one of Hugging Face's: rows by number, which are dicts."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, place):
        return self.rows[place]


def test_pairs_become_files(tmp_path):
    rows = [{"translation": {"en": "a\nb", "fr": " x "}}, {"en": "c", "fr": "\u2028"}, {"en": "d\u0085e", "fr": "y"}]
    files = heed.write_pairs(Dataset(rows), tmp_path / "new", "dev", source="en", target="fr")
    assert files == {side: str(tmp_path / "new" / f"dev.{side}") for side in ("source", "target")}
    assert pathlib.Path(files["source"]).read_text() == "a b\nd e\n" and pathlib.Path(files["target"]).read_text() == "x\ny\n"
    heed.write_pairs([("a", "b"), ["c", "d"]], tmp_path / "new", "dev")
    assert pathlib.Path(files["target"]).read_text() == "b\nd\n"
    for rows, error, says in (
        ([("a", "b"), ("c", 3)], TypeError, "row 1: 1 is no str but int"),
        ([("a",)], IndexError, "row 0 has no place 1; it has 1"),
        (["ab"], TypeError, "row 0: a pair is expected, not a str"),
        ([], heed.UsageError, "there is no pair"),
        ([("a", "b"), ("c", "d\0")], heed.UsageError, "row 1: 1 has a NUL character"),
    ):
        with pytest.raises(error, match=says):
            heed.write_pairs(rows, tmp_path / "new", "dev")
    with pytest.raises(KeyError, match="row 0 has no 'de'; it has 'en', 'fr'"):
        heed.write_pairs([{"en": "a", "fr": "b"}], tmp_path / "new", "dev", source="en", target="de")
    assert sorted(os.listdir(tmp_path / "new")) == ["dev.source", "dev.target"]  # as they were, and nothing else
    assert pathlib.Path(files["target"]).read_text() == "b\nd\n"


def test_everything_is_documented_and_typed():
    for name in heed.__all__:
        value = getattr(heed, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name
            methods = [getattr(value, each) for each in vars(value) if not each.startswith("_")]
            for method in methods:
                assert inspect.getdoc(method) or not callable(method), (name, method)
    assert set(heed.__all__) <= set(dir(heed)) and (pathlib.Path(heed.__file__).parent / "py.typed").exists()
    with pytest.raises(AttributeError, match="Tranlator"):
        heed.Tranlator


def test_the_stub_is_of_this_extension(tmp_path):
    stub = ROOT / "bindings/python/heed/_heed.pyi"
    made = tmp_path / "_heed.pyi"
    subprocess.run([sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "heed._heed", "-o", made], check=True)
    assert stub.read_text() == made.read_text(), f"python -m nanobind.stubgen -m heed._heed -o {stub}"


def test_parts_need_no_extension():
    code = (
        "import sys, heed.errors; assert 'numpy' not in sys.modules;"
        "import heed.importing.__main__; assert 'heed._heed' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_can_be_imported_again():
    code = """
import sys, heed
before = heed.Translation
for name in [each for each in sys.modules if each.split(".")[0] == "heed"]:
    del sys.modules[name]
import heed
assert heed.Translation is before and heed.Translator and float(heed.evaluate(["a b c d"], ["a b c d"])["bleu"]) > 99
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_notebook_runs(tmp_path, monkeypatch, capsys):
    notebook = json.loads((ROOT / "examples/translate.ipynb").read_text())
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    shown = 0
    for cell in notebook["cells"]:
        assert not cell.get("outputs"), "without what it showed to its author"
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        value = None if last is None else eval(compile(last, "cell", "eval"), names)
        if hasattr(value, "_repr_html_"):
            assert "iframe" in value._repr_html_()
            shown += 1
    assert shown > 0
