"""Types of what calls are given: for type checkers alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict, Union

from ._heed import Bundle

if TYPE_CHECKING:
    from .translator import Translator

Model = Union[str, "os.PathLike[str]", Bundle]
# For every sentence, or for each its own.
Texts = Union[Sequence[str], Sequence[Sequence[str]]]
FeatureMap = Mapping[str, Union[str, Sequence[str]]]


class TranslateOptions(TypedDict, total=False):
    """Of ``translate``, beside ``nbest``, which says what it returns."""

    beam: int
    attention: bool
    token_scores: bool
    trace: bool
    batch: int
    normalize: str
    length_penalty: float
    word_reward: float
    coverage: str
    coverage_penalty: float
    stop: str
    patience: float
    prune: float
    groups: int
    diversity: float
    alternatives: bool
    sample: bool
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    seed: int
    max_length: int
    max_output: int | str | None
    min_output: int | str | None
    forbid_unknown: bool
    no_repeat_ngram: int
    repetition_penalty: float
    replace_unknown: bool
    prefix: str | Sequence[str] | None
    must: Texts | None
    must_not: Texts | None
    allowed: Texts | None
    features: FeatureMap | Sequence[FeatureMap] | None
    on_step: Callable[[int, list[str], str], bool | None] | None


class ScoreOptions(TypedDict, total=False):
    """Of ``score``."""

    attention: bool | None
    batch: int
    max_length: int
    features: FeatureMap | Sequence[FeatureMap] | None


class AlignOptions(TypedDict, total=False):
    """Of ``align``."""

    threshold: float
    shift: float
    layer: int
    head: int
    reverse: Translator | None
    symmetrize: str
    batch: int
    max_length: int
    features: FeatureMap | Sequence[FeatureMap] | None
