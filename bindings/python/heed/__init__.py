"""Heed: attentional sequence-to-sequence LSTM models, trained, used and looked at.

>>> translator = heed.Translator("runs/en-fr")
>>> best = translator.translate("Insert a new sheet.", attention=True)
>>> best.text, best.attention.shape
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._heed import Bundle, Translation
    from .alignment import Alignment
    from .data import write_pairs
    from .errors import Error, UsageError
    from .metrics import Score, evaluate
    from .training import TrainingCallbacks, TrainingProgress, TrainingReport, TrainingStart, ValidationResult, train
    from .translator import Translator
    from .version import __version__
    from .views import page, records

# Loaded when first asked for: `python -m heed.importing` needs neither the extension nor what it needs.
_HOMES = {
    "_heed": ["Bundle", "Translation"],
    "alignment": ["Alignment"],
    "data": ["write_pairs"],
    "errors": ["Error", "UsageError"],
    "metrics": ["Score", "evaluate"],
    "training": [
        "TrainingCallbacks",
        "TrainingProgress",
        "TrainingReport",
        "TrainingStart",
        "ValidationResult",
        "train",
    ],
    "translator": ["Translator"],
    "version": ["__version__"],
    "views": ["page", "records"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Alignment",
    "Bundle",
    "Error",
    "Score",
    "TrainingCallbacks",
    "TrainingProgress",
    "TrainingReport",
    "TrainingStart",
    "Translation",
    "Translator",
    "UsageError",
    "ValidationResult",
    "__version__",
    "evaluate",
    "page",
    "records",
    "train",
    "write_pairs",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'heed' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
