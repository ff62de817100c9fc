"""Scores and alignments of given pairs; metrics."""

import json

import numpy as np
import pytest

import heed
from conftest import pairs, sentences


def test_scores_are_those_of_the_program(translator, toy, binary, tmp_path):
    sources, targets = zip(*pairs(12, 9))
    for name, lines in (("source", sources), ("target", targets)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines))
    files = ["--source", str(tmp_path / "source"), "--target", str(tmp_path / "target")]
    lines = binary("score", "--model", toy, *files, "--format", "jsonl", "--attention").splitlines()
    scored = translator.score(sources, targets)
    for line, answer in zip(lines, scored, strict=True):
        said = json.loads(line)
        assert answer.text == said["target"] and answer.tokens == said["target_tokens"]
        assert answer.log_probability == said["log_probability"]
        assert answer.log_probabilities == said["log_probabilities"]
        np.testing.assert_allclose(answer.attention, said["attention"], atol=1e-8)
    one = translator.score(sources[0], targets[0], attention=False)
    assert one.log_probability == scored[0].log_probability and one.attention is None
    assert "srcdoc" in scored[0]._repr_html_()


def test_alignments_are_those_of_the_program(translator, toy, back, binary, tmp_path):
    sources, targets = zip(*pairs(12, 9))
    for name, lines in (("source", sources), ("target", targets)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines))
    command = ["align", "--model", toy, "--source", str(tmp_path / "source"), "--target", str(tmp_path / "target")]
    aligned = translator.align(sources, targets)
    assert "".join(f"{each}\n" for each in aligned) == binary(*command)
    assert aligned[0].weights.dtype == np.float32
    assert aligned[0].weights.shape == (len(targets[0].split()), len(sources[0].split()))
    both = translator.align(sources, targets, reverse=heed.Translator(back), symmetrize="union", threshold=0.1)
    arguments = ["--reverse-model", back, "--symmetrize", "union", "--threshold", "0.1"]
    assert "".join(f"{each}\n" for each in both) == binary(*command, *arguments)
    assert translator.align("a b", "A B").links == translator.align(["a b"], ["A B"])[0].links
    with pytest.raises(heed.Error, match="layer"):
        translator.align("a", "A", layer=3)
    with pytest.raises(heed.UsageError, match="symmetrization"):
        translator.align("a", "A", symmetrize="intersektion")
    for wrong in ({"shift": -1}, {"shift": 1e9}, {"shift": float("nan")}, {"threshold": -0.1}, {"threshold": float("nan")}):
        with pytest.raises(heed.UsageError, match=f"^{next(iter(wrong))} is .*; it must lie between 0 and "):
            translator.align("a", "A", **wrong)
    for call in (translator.align, translator.score):
        with pytest.raises(heed.UsageError, match="max_length is -1; it must not be negative"):
            call("a", "A", max_length=-1)


def test_pairs_that_do_not_go_together(translator):
    for call in (translator.score, translator.align):
        with pytest.raises(heed.UsageError, match="there are 2 sources and 1 targets"):
            call(["a", "b"], ["A"])
        with pytest.raises(TypeError, match="both a str"):
            call("a", ["A"])
        with pytest.raises(TypeError, match=r"targets\[0\]: a str is expected, not float"):
            call(["a"], [1.0])
    with pytest.raises(heed.Error, match="^source:2: ") as raised:
        translator.score(["a", "a b c d"], ["A", "A"], max_length=3)
    assert (raised.value.file, raised.value.line) == ("source", 2)


def test_metrics(binary, tmp_path):
    hypotheses, references = ["a b c d e", "the cat sat"], ["a b c d f", "the cat sat"]
    found = heed.evaluate(hypotheses, references, ["bleu", "chrF", "ter"], lowercase=True)
    assert list(found) == ["bleu", "chrf", "ter"]
    for name, lines in (("h", hypotheses), ("r", references)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines))
    command = ["evaluate", "--hypotheses", str(tmp_path / "h"), "--references", str(tmp_path / "r"), "--lowercase"]
    said = binary(*command, "--metrics", "bleu,chrf,ter")
    for score in found.values():
        assert f"{score.value:.2f}" in said and score.signature in said and float(score) == score.value
    assert found["bleu"].details["precision-1"] == pytest.approx(87.5)


def test_several_references_and_none():
    several = heed.evaluate(["a b c d"], [["a b c d"], ["x"]], "bleu")["bleu"]
    assert several.value == pytest.approx(100) and "nrefs:2" in several.signature
    assert heed.evaluate(["a b c d", "x"], [["a b c d", "x"], [None, "y"]], "chrf")["chrf"].value == pytest.approx(100)
    assert heed.evaluate(["a"], ["a"], "bleu", tokenize="none", effective_order=True)["bleu"].signature.count("tok:none")


def test_metrics_of_translations(translator):
    texts = sentences(5, 3)
    found = heed.evaluate(translator.translate(texts), [text.upper() for text in texts], "accuracy")
    assert 0 <= float(found["accuracy"]) <= 100
    assert "Translation" in heed.evaluate.__annotations__["hypotheses"]


def test_metrics_that_cannot_be():
    with pytest.raises(heed.UsageError, match="unknown metric 'blue'.*did you mean 'bleu'"):
        heed.evaluate(["a"], ["a"], "blue")
    with pytest.raises(heed.Error, match="2"):
        heed.evaluate(["a"], ["a", "b"], "bleu")
    with pytest.raises(heed.Error):
        heed.evaluate([], [], "bleu")
    with pytest.raises(TypeError, match=r"hypotheses\[0\]: a str is expected, not int"):
        heed.evaluate([1], ["a"], "bleu")
    with pytest.raises(TypeError, match="smooth_value: a number"):
        heed.evaluate(["a"], ["a"], "bleu", smooth="floor", smooth_value="x")
    for hypotheses, references, metrics, says in (
        ("abc", ["abc"], "chrf", "hypotheses: an iterable of str is expected, not str"),
        (["abc"], "abc", "chrf", "references: a sequence of str, or of such sequences, is expected, not str"),
        (["abc"], 3, "chrf", "references: .* not int"),
        (["abc"], [["abc"], "abc"], "chrf", r"references\[1\]: a sequence of str is expected, not str"),
        (["abc"], [["abc"], [3]], "chrf", r"references\[1\]\[0\]: a str is expected, not int"),
        (["abc"], ["abc"], 3, "metrics: a str or an iterable of str is expected, not int"),
        (["abc"], ["abc"], ["bleu", 3], "^metrics: a str is expected, not int$"),
    ):
        with pytest.raises(TypeError, match=says):
            heed.evaluate(hypotheses, references, metrics)
