"""What calls are given, as the extension takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import UsageError

if TYPE_CHECKING:
    from .options import FeatureMap


def refuse_type(argument: str, expected: str, given: Any) -> NoReturn:
    raise TypeError(f"{argument}: {expected} is expected, not {type(given).__name__}")


def listed(given: Any, argument: str, expected: str = "a str or an iterable of str") -> list[Any]:
    """The elements; a text is never taken for its characters, nor a mapping for its keys. What a class makes of a list is
    asked once."""
    if type(given) is list:
        return given
    if isinstance(given, (str, bytes, Mapping)):
        refuse_type(argument, expected, given)
    try:
        elements = iter(given)
    except TypeError:
        refuse_type(argument, expected, given)
    return list(elements)


def drawing_of(sample: Any, *how: Any) -> tuple[Any, ...]:
    return how if sample is True else refuse_type("sample", "a bool", sample)


def pairs_of(sources: Any, targets: Any) -> tuple[bool, list[str], list[str]]:
    one = isinstance(sources, str)
    if one != isinstance(targets, str):
        raise TypeError("sources and targets are both a str, or both iterables of str")
    if one:
        return True, [sources], [targets]
    return False, listed(sources, "sources"), listed(targets, "targets")


def features_of(given: FeatureMap | Sequence[FeatureMap], names: list[str], count: int) -> list[list[str]]:
    """Of each sentence the values of each feature, in the order of the model's."""
    maps = [given] if isinstance(given, Mapping) else listed(given, "features", "a mapping or a sequence of mappings")
    if len(maps) != count:
        raise UsageError(f"features: there are those of {len(maps)} of {count} sentences")
    for place, each in enumerate(maps):
        if not isinstance(each, Mapping):
            refuse_type(f"features[{place}]", "a mapping", each)
        if set(each) != set(names):
            raise UsageError(f"features[{place}]: there are {sorted(each)}, and the model reads {names}")
    return [[_values(each[name], f"features[{place}][{name!r}]") for name in names] for place, each in enumerate(maps)]


def _values(given: str | Sequence[str], argument: str) -> str:
    if isinstance(given, str):
        return given
    values = listed(given, argument, "a str or a sequence of str")
    for place, value in enumerate(values):
        if not isinstance(value, str):
            refuse_type(f"{argument}[{place}]", "a str", value)
    return " ".join(values)


def constraints_of(count: int, **given: Any) -> dict[str, Any]:
    """Phrases that count for all `count` sentences under their argument's name, where the extension makes what it needs
    of them once; all else as ``constraints``, which has a dict for each sentence."""
    out: dict[str, Any] = {}
    own: dict[str, list[Any]] = {}
    for name, value in given.items():
        if value is None:
            continue
        for_all, values = _prefixes(value) if name == "prefix" else _phrases(value, name)
        if for_all and name in ("must_not", "allowed"):
            out[name] = values
        elif for_all:
            own[name] = [values] * count
        elif len(values) == count:
            own[name] = values
        else:
            raise UsageError(f"{name}: there are those of {len(values)} sentences, and {count} to translate")
    if own:
        out["constraints"] = [{name: values[i] for name, values in own.items()} for i in range(count)]
    return out


def _prefixes(given: Any) -> tuple[bool, Any]:
    """Whether it is the one of all sentences, and it; else a list with one for each."""
    if isinstance(given, str):
        return True, given
    return False, listed(given, "prefix", "a str or a sequence of str")


def _phrases(given: Any, argument: str) -> tuple[bool, list[Any]]:
    """Whether they are those of all sentences, and they; else a list with those of each."""
    expected = "a sequence of str"
    phrases = listed(given, argument, expected)
    if not any(isinstance(each, Iterable) and not isinstance(each, str) for each in phrases):
        return True, phrases
    return False, [listed(each, f"{argument}[{place}]", expected) for place, each in enumerate(phrases)]
