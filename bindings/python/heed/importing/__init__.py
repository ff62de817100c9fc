"""Bundles of Heed from checkpoints of other toolkits: python -m heed.importing KIND FILE... --output DIR

See docs/importing.md. It needs NumPy, PyTorch for checkpoints of PyTorch, and h5py for weights of Keras.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .bundle import Model, check_finite, write_bundle
from .errors import ImportFailure, Refusal
from .reading import first_line

__all__ = ["ImportFailure", "KINDS", "Model", "Refusal", "convert", "write_bundle"]

KINDS = {  # how many files are given, and which
    "opennmt": (1, "a checkpoint, MODEL_step_N.pt"),
    "joeynmt": (4, "a checkpoint, config.yaml, the source vocabulary and the target vocabulary"),
    "fairseq": (3, "a checkpoint, dict.SOURCE.txt and dict.TARGET.txt"),
    "marian": (3, "a model, MODEL.npz, the source vocabulary and the target vocabulary"),
    "keras": (3, "a model, MODEL.keras, the source vocabulary and the target vocabulary"),
}


def convert(kind: str, files: Sequence[str | os.PathLike[str]], options: Any) -> Model:
    """The model in `files`. `options`: an object with the attributes of the command's options. Raises ImportFailure."""
    if kind not in KINDS:
        raise ImportFailure(f"unknown kind '{kind}'; there are {', '.join(KINDS)}")
    count, expected = KINDS[kind]
    if len(files) != count:
        raise ImportFailure(f"{kind}: expected {expected}")
    try:
        model: Model = import_module(f".{kind}", __name__).convert([str(file) for file in files], options)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A file that is damaged, or of another program, may hold anything where something else is expected.
        raise ImportFailure(f"{files[0]}: holds something else than {kind} writes: {type(error).__name__}: {first_line(error)}") from error
    check_finite(model, files[0])
    return model
