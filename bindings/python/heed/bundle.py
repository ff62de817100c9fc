"""Trained models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import _heed

if TYPE_CHECKING:
    import numpy.typing


class Bundle:
    """A trained model with all that using it needs: its folder, as ``heed train`` writes it.

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

    def __init__(self, path: str | os.PathLike[str], precision: str | None = None) -> None:
        self._bundle = _heed.Bundle(os.fspath(path), precision)

    def __repr__(self) -> str:
        return f"Bundle({self.path!r}, {self.precision}, {self.parameter_count} parameters)"

    @property
    def path(self) -> str:
        """The folder, as it was given."""
        return self._bundle.path

    @property
    def precision(self) -> str:
        """Of its matrix products."""
        return self._bundle.precision

    @property
    def config(self) -> dict[str, Any]:
        """Every key of its configuration, in nested dicts, as ``config.yaml`` has them."""
        return self._bundle.config

    @property
    def source_vocabulary(self) -> list[str]:
        """The tokens in the order of their ids, ``<unk>``, ``<s>`` and ``</s>`` first."""
        return self._bundle.source_vocabulary

    @property
    def target_vocabulary(self) -> list[str]:
        """Likewise of the target."""
        return self._bundle.target_vocabulary

    @property
    def features(self) -> list[str]:
        """Names of the features of the source that the model reads; often none."""
        return self._bundle.features

    @property
    def attends(self) -> bool:
        """Whether the model has attention."""
        return self._bundle.attends

    @property
    def parameter_count(self) -> int:
        """Numbers that were trained."""
        return self._bundle.parameter_count

    @property
    def parameters(self) -> Mapping[str, numpy.typing.NDArray[Any]]:
        """The arrays of the model by their names, read-only, without a copy.

        Weights are float32 [in, out], embeddings float32 [vocabulary, width], vectors float32 [width]: docs/bundle.md
        lists them. Of an int8 bundle they are what its file has: blocks of int8, with scales.
        """
        return MappingProxyType(self._bundle.parameters)
