"""What calls are given, as the extension takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import FeatureMap


def features_of(given: FeatureMap | Sequence[FeatureMap], names: list[str], count: int) -> list[list[str]]:
    """Of each sentence the values of each feature, in the order of the model's."""
    maps = [given] if isinstance(given, Mapping) else list(given)
    if len(maps) != count:
        raise ValueError(f"features: there are those of {len(maps)} of {count} sentences")
    for place, each in enumerate(maps):
        if set(each) != set(names):
            raise ValueError(f"features[{place}]: there are {sorted(each)}, and the model reads {names}")
    return [[_values(each[name]) for name in names] for each in maps]


def _values(given: str | Sequence[str]) -> str:
    return given if isinstance(given, str) else " ".join(given)


def texts_of(given: Any, argument: str) -> list[str]:
    if isinstance(given, (bytes, Mapping)):
        raise TypeError(f"{argument}: a str or an iterable of str is expected, not {type(given).__name__}")
    return given if isinstance(given, list) else list(given)


def pairs_of(sources: Any, targets: Any) -> tuple[bool, list[str], list[str]]:
    one = isinstance(sources, str)
    if one != isinstance(targets, str):
        raise TypeError("sources and targets are both a str, or both iterables of str")
    if one:
        return True, [sources], [targets]
    return False, texts_of(sources, "sources"), texts_of(targets, "targets")


def constraints_of(count: int, one: bool, prefix: Any, must: Any, must_not: Any, allowed: Any) -> dict[str, Any]:
    """Those of every sentence that there is a way to read once, and those of each."""
    out: dict[str, Any] = {}
    each: dict[str, list[Any]] = {}
    for name, given in (("prefix", prefix), ("must", must), ("must_not", must_not), ("allowed", allowed)):
        if given is None:
            continue
        if name == "prefix":
            common = isinstance(given, str)
        elif isinstance(given, str):
            raise TypeError(f"{name}: a sequence of str is expected, not a str")
        else:
            given = [phrases if isinstance(phrases, str) else list(phrases) for phrases in given]
            common = all(isinstance(phrase, str) for phrase in given)
        if common and name in ("must_not", "allowed"):
            out[name] = given
        elif common:
            each[name] = [given] * count
        elif one or len(given) != count:
            raise ValueError(f"{name}: there are those of {len(given)} sentences, and {count} to translate")
        else:
            each[name] = list(given)
    if each:
        out["constraints"] = [{name: values[i] for name, values in each.items()} for i in range(count)]
    return out
