"""Many translations at once: as a page, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import _heed
from ._heed import Translation


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
    ValueError
        If there is no translation, or not a reference for each.
    """
    answers = [each if isinstance(each, Translation) else each[0] for each in translations]
    if not answers:
        raise ValueError("there is no translation to show")
    right = [] if references is None else list(references)
    if references is not None and len(right) != len(answers):
        raise ValueError(f"there are {len(right)} references and {len(answers)} translations")
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
    for sentence, given in enumerate(translations):
        for rank, answer in enumerate([given] if isinstance(given, Translation) else given):
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
