"""What the package heed is made on: private, and without promises."""

from collections.abc import Callable, Mapping
import os
from typing import Any

import numpy
import numpy.typing


version: str = '0.2.0'

def usable_processors() -> int:
    """Processors that this process may use."""

class Bundle:
    """
    A trained model with all that using it needs: its folder, as ``heed train`` writes it.

    Immutable; threads and translators may share one.

    Parameters
    ----------
    path : str or os.PathLike
        The folder.
    precision : {"float32", "bfloat16", "int8"}, optional
        Of the matrix products; int8 is the fastest. By default as the model is stored.

    Raises
    ------
    Error
        With ``file``: it is no bundle, damaged, of a newer version, or int8 and asked for in another precision.
    """

    def __init__(self, path: str | os.PathLike[str], precision: str | None = None) -> None: ...

    def __repr__(self) -> str: ...

    @property
    def path(self) -> str:
        """The folder, as it was given."""

    @property
    def precision(self) -> str:
        """Of its matrix products."""

    @property
    def attends(self) -> bool:
        """Whether the model has attention."""

    @property
    def parameter_count(self) -> int:
        """Numbers that were trained."""

    @property
    def config(self) -> dict[str, Any]:
        """
        Every key of its configuration, in nested dicts, as ``config.yaml`` has them.
        """

    @property
    def source_vocabulary(self) -> list[str]:
        """
        The tokens in the order of their ids, ``<unk>``, ``<s>`` and ``</s>`` first.
        """

    @property
    def target_vocabulary(self) -> list[str]:
        """Likewise of the target."""

    @property
    def features(self) -> list[str]:
        """Names of the features of the source that the model reads; often none."""

    @property
    def parameters(self) -> Mapping[str, numpy.typing.NDArray[Any]]:
        """
        The arrays of the model by their names, read-only, without a copy.

        Weights are float32 [in, out], embeddings float32 [vocabulary, width], vectors float32 [width]: docs/bundle.md lists them. Of an int8 bundle they are what its file has: blocks of int8, with scales.
        """

class Translation:
    """
    A translation, or a given target, of a sentence, with all that is known of it. Immutable; threads may share it.
    """

    @property
    def source(self) -> str:
        """The sentence."""

    @property
    def source_tokens(self) -> list[str]:
        """
        Its tokens, ``</s>`` last if the model reads it; empty for a blank sentence.
        """

    @property
    def source_ranges(self) -> list[tuple[int, int] | None]:
        """
        Of each source token the bytes [begin, end) of ``source`` as UTF-8; None for one without text. Empty if unknown.
        """

    @property
    def source_tokens_cut(self) -> int:
        """
        Source tokens at the end that were not read, being more than ``max_length``.
        """

    @property
    def unknown_tokens(self) -> int:
        """Source tokens that the model's vocabulary lacks."""

    @property
    def text(self) -> str:
        """The translation."""

    @property
    def tokens(self) -> list[str]:
        """Its tokens, ``</s>`` last unless it was cut."""

    @property
    def ranges(self) -> list[tuple[int, int] | None]:
        """
        Of each token the bytes [begin, end) of ``text`` as UTF-8; None for one without text. Empty if unknown.
        """

    @property
    def score(self) -> float:
        """
        By which an n-best list is sorted: the log-probability, normalised by length.
        """

    @property
    def log_probability(self) -> float:
        """
        Natural logarithm of the probability of the whole target, ``</s>`` included.
        """

    @property
    def log_probabilities(self) -> list[float] | None:
        """
        Of each token, given those before it; None unless asked for (``token_scores``, ``score``).
        """

    @property
    def cut(self) -> bool:
        """Whether the length limit or ``on_step`` ended it."""

    @property
    def copied(self) -> list[int] | None:
        """
        Places of the tokens that were copied from the source; None for models that do not copy.
        """

    @property
    def fault(self) -> str | None:
        """
        Why there is no answer: what was asked of it cannot be met. None: there is one.
        """

    @property
    def attention(self) -> numpy.typing.NDArray[numpy.float32] | None:
        """
        Attention weights, float32 [tokens, source tokens], read-only: a view of the answer's own memory. A row sums to 1 (at most 1 with monotonic mechanisms). The mean of several layers or heads. None unless asked for.
        """

    @property
    def attention_layers(self) -> list[list[numpy.typing.NDArray[numpy.float32]]]:
        """
        Of each layer (or hop) and head an array like ``attention``; empty where there is one of each, and of ensembles.
        """

    @property
    def attention_names(self) -> list[str]:
        """Names of the ``attention_layers``."""

    @property
    def links(self) -> list[tuple[int, int]]:
        """
        For each word of the translation the source word that it attended to most, as (source, target), counted from 0. Raises Error without attention.
        """

    def to_html(self, title: str = 'Attention') -> str:
        """
        A page of HTML, one file that needs no other, with heat map, ribbons and (after ``trace=True``) the tree of the search.

        Raises
        ------
        Error
            If there is no attention to show.
        """

    def to_json(self) -> str:
        """
        The sentence with all of its answers as a line of JSON (docs/json-lines.md), which ``heed view`` reads.
        """

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

def page(answers: list[Translation], references: list[str], title: str) -> str: ...

def option_names() -> tuple[str, ...]: ...

class Translator:
    def __init__(self, bundles: list[Bundle], weights: list[float], combine: str, shortlist: str | None = None, dictionary: str | None = None) -> None: ...

    def translate(self, sentences: list[str], options: tuple[Any, ...], more: dict[str, Any]) -> list[list[Translation]]: ...

    def score(self, sources: list[str], targets: list[str], how: dict[str, Any]) -> list[Translation]: ...

    def align(self, sources: list[str], targets: list[str], how: dict[str, Any], reverse: Translator | None = None) -> list[tuple[list[tuple[int, int]], numpy.typing.NDArray[numpy.float32]]]: ...

    @property
    def attends(self) -> bool: ...

def train(request: dict[str, Any], emit: Callable[[str, Any], Any]) -> dict[str, Any]: ...

def evaluate(metric: str, hypotheses: list[str], references: list[list[str | None]], options: dict[str, Any]) -> tuple[str, float, str, dict[str, float]]: ...
