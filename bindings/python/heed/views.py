"""Many translations at once: as a page, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import _heed
from ._heed import Translation
from .arguments import listed, refuse_type
from .errors import UsageError


def page(
    translations: Iterable[Translation | Sequence[Translation]],
    *,
    title: str = "Attention",
    references: Iterable[str] | None = None,
) -> str:
    """A page of HTML that shows the attention of many sentences, with a list to search and to sort.

    Parameters
    ----------
    translations : iterable of Translation, or of lists of them
        With attention; of an n-best list the page shows all.
    title : str
        Of the page.
    references : iterable of str, optional
        Right translations, one for each sentence.

    Returns
    -------
    str
        One file that needs no other, and no network.

    Raises
    ------
    UsageError
        If there is no translation, a list of them is empty, or there is not a reference for each.
    """
    answers = [each[0] for each in _answers_of(translations)]
    if not answers:
        raise UsageError("there is no translation to show")
    right = [] if references is None else listed(references, "references", "an iterable of str")
    if references is not None and len(right) != len(answers):
        raise UsageError(f"there are {len(right)} references and {len(answers)} translations")
    return _heed.page(answers, right, title)


def records(translations: Iterable[Translation | Sequence[Translation]]) -> list[dict[str, Any]]:
    """Translations as rows of a table: ``pandas.DataFrame(heed.records(translations))``.

    Parameters
    ----------
    translations : iterable of Translation, or of lists of them
        As ``translate`` and ``score`` return them.

    Returns
    -------
    list of dict
        For each answer ``sentence`` (its place, from 0), ``rank`` (among those of its sentence, from 0), ``source``,
        ``text``, ``score``, ``log_probability`` (natural logarithm), ``source_tokens``, ``tokens`` (lists), ``cut``,
        ``unknown_tokens`` and ``fault``.
    """
    rows = []
    for sentence, answers in enumerate(_answers_of(translations)):
        for rank, answer in enumerate(answers):
            rows.append(
                {
                    "sentence": sentence,
                    "rank": rank,
                    "source": answer.source,
                    "text": answer.text,
                    "score": answer.score,
                    "log_probability": answer.log_probability,
                    "source_tokens": answer.source_tokens,
                    "tokens": answer.tokens,
                    "cut": answer.cut,
                    "unknown_tokens": answer.unknown_tokens,
                    "fault": answer.fault,
                }
            )
    return rows


def _answers_of(translations: Any) -> list[list[Translation]]:
    """Of each sentence."""
    expected = "a Translation or a list of them"
    out = []
    for place, given in enumerate(listed(translations, "translations", "an iterable of Translation")):
        argument = f"translations[{place}]"
        answers = [given] if isinstance(given, Translation) else listed(given, argument, expected)
        if not answers:
            raise UsageError(f"{argument}: the list is empty")
        for answer in answers:
            if not isinstance(answer, Translation):
                refuse_type(argument, expected, answer)
        out.append(answers)
    return out
