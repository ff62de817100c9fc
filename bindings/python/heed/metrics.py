"""BLEU, chrF, TER and others, as ``heed evaluate`` computes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import _heed
from .arguments import listed


@dataclass(frozen=True)
class Score:
    """The value of a metric.

    Attributes
    ----------
    name : str
        As ``heed list metrics`` has it.
    value : float
        Percent, but for edit-distance; also ``float(score)``.
    signature : str
        What it was computed with; the same signature, the same metric.
    details : dict of str to float
        Figures behind the value: precisions, counts.
    """

    name: str
    value: float
    signature: str
    details: dict[str, float] = field(default_factory=dict)

    def __float__(self) -> float:
        return self.value


def evaluate(
    hypotheses: Iterable[str | _heed.Translation],
    references: Sequence[str] | Sequence[Sequence[str | None]],
    metrics: str | Iterable[str] = ("bleu", "chrf"),
    *,
    lowercase: bool = False,
    tokenize: str = "13a",
    smooth: str = "exp",
    smooth_value: float | None = None,
    effective_order: bool = False,
    ter_case_sensitive: bool = False,
    ter_normalized: bool = False,
    ter_no_punct: bool = False,
    ter_asian_support: bool = False,
    rouge_tokenize: str = "letters",
    rouge_stemmer: bool = False,
) -> dict[str, Score]:
    """Compare translations with references.

    Parameters
    ----------
    hypotheses : iterable of str or Translation
        What a system said, S sentences; translations are taken as their texts.
    references : sequence of str, or of such sequences
        S references; or R sequences of S, as in sacreBLEU, where None says that a sentence has no such reference.
    metrics : str or iterable of str
        Names, in any case: ``heed list metrics``.
    lowercase : bool
        Case is ignored.
    tokenize, smooth, smooth_value, effective_order
        Of bleu, as in sacreBLEU.
    ter_case_sensitive, ter_normalized, ter_no_punct, ter_asian_support
        Of ter, as in sacreBLEU.
    rouge_tokenize : {"letters", "rouge-score"}
        Of rouge: letters of all scripts, or a-z and 0-9.
    rouge_stemmer : bool
        Of rouge: words are cut to their stems.

    Returns
    -------
    dict of str to Score
        By the names of the metrics, in their order.

    Raises
    ------
    UsageError
        For a metric or a way to cut that is not known.
    Error
        For numbers of sentences that differ, or none.
    TypeError
        For what is no text.
    """
    said = listed(hypotheses, "hypotheses", "an iterable of str")
    texts = [str(each) if isinstance(each, _heed.Translation) else each for each in said]
    given = listed(references, "references", "a sequence of str, or of such sequences,")
    sets = [given]
    if not all(isinstance(each, str) for each in given):
        sets = [listed(each, f"references[{place}]", "a sequence of str") for place, each in enumerate(given)]
    options = {
        "lowercase": lowercase,
        "tokenize": tokenize,
        "smooth": smooth,
        "smooth_value": smooth_value,
        "effective_order": effective_order,
        "ter_case_sensitive": ter_case_sensitive,
        "ter_normalized": ter_normalized,
        "ter_no_punct": ter_no_punct,
        "ter_asian_support": ter_asian_support,
        "rouge_tokenize": rouge_tokenize,
        "rouge_stemmer": rouge_stemmer,
    }
    names = [metrics] if isinstance(metrics, str) else listed(metrics, "metrics")
    scores = [Score(*_heed.evaluate(name, texts, sets, options)) for name in names]
    return {score.name: score for score in scores}
