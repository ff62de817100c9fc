"""From pairs in memory to files that a training reads."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import UsageError

_LINE_ENDS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def write_pairs(
    pairs: Iterable[Any],
    directory: str | os.PathLike[str],
    name: str = "train",
    *,
    source: str | int = 0,
    target: str | int = 1,
) -> dict[str, str]:
    """Write sentence pairs as the two files of a training.

    Parameters
    ----------
    pairs : iterable
        Pairs, or rows of a ``datasets.Dataset``, which is read row by row: a row is a sequence, a mapping with both
        texts, or one whose ``"translation"`` is such a mapping.
    directory : str or os.PathLike
        Where the files go; made if it is not there.
    name : str
        Of the files: ``train.source`` and ``train.target``.
    source, target : str or int
        Where a row has its texts: ``"en"`` and ``"fr"``, or places from 0.

    Returns
    -------
    dict of str to str
        ``{"source": path, "target": path}``, for ``config["data"]["train"]``.

    Raises
    ------
    TypeError
        With the number of the row, from 0, whose text is no str.
    KeyError, IndexError
        With the number of the row that lacks one.
    UsageError
        If there is no pair, or with the number of the row that has a NUL character, which no training reads.

    Notes
    -----
    Line ends within a text become a space, since a line is a sentence, and pairs of which a side is blank are left out.
    The files are written whole or not at all.

    Examples
    --------
    >>> train = heed.write_pairs(dataset["train"], "data", source="en", target="fr")
    >>> heed.train({"data": {"train": train, "validation": validation}, "output": "runs/en-fr"})
    """
    os.makedirs(directory, exist_ok=True)
    paths = {side: os.path.join(os.fspath(directory), f"{name}.{side}") for side in ("source", "target")}
    with tempfile.TemporaryDirectory(dir=directory, prefix=f".{name}.") as folder:
        parts = {side: os.path.join(folder, side) for side in paths}
        with open(parts["source"], "w", encoding="utf-8", newline="\n") as sources, open(
            parts["target"], "w", encoding="utf-8", newline="\n"
        ) as targets:
            written = 0
            for place, row in enumerate(pairs):
                one, other = (_text(row, key, place) for key in (source, target))
                if not one or not other:
                    continue
                sources.write(one + "\n")
                targets.write(other + "\n")
                written += 1
        if written == 0:
            raise UsageError("there is no pair with text on both sides")
        for side, path in paths.items():
            os.replace(parts[side], path)
    return paths


def _text(row: Any, key: str | int, place: int) -> str:
    if isinstance(row, Mapping) and key not in row and isinstance(row.get("translation"), Mapping):
        row = row["translation"]
    if isinstance(row, str):
        raise TypeError(f"row {place}: a pair is expected, not a str")
    try:
        value = row[key]
    except KeyError:
        raise KeyError(f"row {place} has no {key!r}; it has {', '.join(map(repr, row))}") from None
    except IndexError:
        raise IndexError(f"row {place} has no place {key}; it has {len(row)}") from None
    if not isinstance(value, str):
        raise TypeError(f"row {place}: {key!r} is no str but {type(value).__name__}")
    if "\0" in value:
        raise UsageError(f"row {place}: {key!r} has a NUL character; expected plain text")
    return _LINE_ENDS.sub(" ", value).strip()
