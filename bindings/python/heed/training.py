"""From text to a model."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _heed
from ._heed import Translation
from .arguments import refuse_type
from .errors import UsageError

_LOG = logging.getLogger("heed")


@dataclass(frozen=True)
class TrainingStart:
    """Before the first update.

    Attributes
    ----------
    resumed : bool
        Whether an earlier training goes on.
    epoch, update : int
        Those that are done.
    parameters : int
        Numbers that are trained.
    precision : str
        ``"float32"`` or ``"bfloat16"``.
    replaces : bool
        Until the first validation an earlier run stays in the output.
    """

    resumed: bool
    epoch: int
    update: int
    parameters: int
    precision: str
    replaces: bool


@dataclass(frozen=True)
class TrainingProgress:
    """After an update.

    Attributes
    ----------
    epoch, epochs : int
        The epoch, from 1, of so many.
    update : int
        Updates that are done.
    batch, batches : int
        Batches of this epoch that are done, of so many.
    loss : float
        Mean per target token of this epoch so far, natural logarithm.
    update_loss : float
        Likewise of this update alone.
    learning_rate, gradient_norm : float
        Of this update.
    target_tokens_per_second : float
        Of this epoch so far, without validations.
    seconds, seconds_left : float
        Since the start, and an estimate of what is left.
    """

    epoch: int
    epochs: int
    update: int
    batch: int
    batches: int
    loss: float
    update_loss: float
    learning_rate: float
    gradient_norm: float
    target_tokens_per_second: float
    seconds: float
    seconds_left: float


@dataclass(frozen=True)
class ValidationResult:
    """A validation.

    Attributes
    ----------
    epoch, update : int
        Those that are done.
    train_loss : float
        Mean per target token of the epoch, natural logarithm.
    perplexity : float
        On the validation set.
    metrics : dict of str to float
        Of its translation, percent.
    learning_rate, seconds : float
        Of then.
    best : bool
        Its model was written.
    cut : bool
        The training, or its time, ended where no validation was due.
    attention_entropy, attention_maximum : float
        Bits, and their maximum; 0 without attention.
    attention_movement : float
        Source positions by which attention moves from a step to the next.
    answers, cut_answers : int
        Translated sentences, and of them those cut at the length limit.
    samples : list of (Translation, str)
        Some sentences, the same each time, with their references: ``training.validation_samples``.
    """

    epoch: int
    update: int
    train_loss: float
    perplexity: float
    metrics: dict[str, float]
    learning_rate: float
    seconds: float
    best: bool
    cut: bool
    attention_entropy: float
    attention_maximum: float
    attention_movement: float
    answers: int
    cut_answers: int
    samples: list[tuple[Translation, str]] | None = None


@dataclass(frozen=True)
class TrainingReport:
    """What a training came to.

    Attributes
    ----------
    output : str
        The folder of the run, which is a bundle.
    validations : list of ValidationResult
        All, those of earlier processes too, without samples.
    best : ValidationResult or None
        The one whose model is kept.
    best_by : str
        By what: perplexity, or the name of a metric.
    ended_by : str
        Why training ended.
    stopped : bool
        By a callback: ``resume=True`` goes on.
    was_finished : bool
        The run was finished already, and nothing changed.
    epochs : float
        Those done.
    updates, skipped : int
        Those done, and updates that were left out.
    seconds, target_tokens_per_second : float
        Of this process, and what it reached without validations.
    doubt : str
        Why the model may be bad; or empty.
    """

    output: str
    validations: list[ValidationResult]
    best: ValidationResult | None
    best_by: str
    ended_by: str
    stopped: bool
    was_finished: bool
    epochs: float
    updates: int
    seconds: float
    skipped: int
    target_tokens_per_second: float
    doubt: str


class TrainingCallbacks:
    """What ``train`` calls, in the thread that called it. Override what is of interest.

    A method that returns what is false, but not None, ends the training after the update at hand, with its state saved.
    What one raises does so too, and is raised again by ``train``.
    """

    def started(self, start: TrainingStart) -> bool | None:
        """Before the first update."""

    def progress(self, progress: TrainingProgress) -> bool | None:
        """After each update."""

    def validated(self, result: ValidationResult) -> bool | None:
        """After each validation, when the output is written."""

    def log(self, level: str, text: str) -> bool | None:
        """A message, of the level ``"info"`` or ``"warning"``; without this method ``logging.getLogger("heed")``."""
        _LOG.log(logging.WARNING if level == "warning" else logging.INFO, "%s", text)
        return None


_EVENTS = {"started": TrainingStart, "progress": TrainingProgress, "validated": ValidationResult}


def train(
    config: Mapping[str, Any] | str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    resume: bool = False,
    replace: bool = False,
    callbacks: Any = None,
) -> TrainingReport:
    """Train a model.

    Ctrl-C ends the training after the update, or within the validation, at hand: its state is saved, then
    KeyboardInterrupt is raised, and ``resume=True`` goes on.

    Parameters
    ----------
    config : mapping, str or os.PathLike
        The configuration, as nested dicts or the path of a YAML file. Every key has a default but the data files:
        docs/training.md, ``heed list settings``. With ``training.tensorboard`` it is refused, as `heed train` alone
        writes those files: of a file that has the key, ``overrides={"training.tensorboard": False}``.
    output : str or os.PathLike, optional
        The folder of the run, in place of the key ``output``.
    overrides : mapping, optional
        Values in place of those of the config: ``{"training.epochs": 20}``.
    resume : bool
        Go on with the run in the output.
    replace : bool
        Replace the run in the output, which is kept until the new model has been validated once.
    callbacks : TrainingCallbacks, any object with some of its methods, or a dict of these by name
        What is called as the training goes on.

    Returns
    -------
    TrainingReport
        ``heed.Bundle(report.output)`` is the model.

    Raises
    ------
    UsageError
        With ``key``: a configuration that is wrong; or a run in the output that neither ``resume`` nor ``replace`` says
        what to do about.
    Error
        Data that is wrong, with ``file`` and ``line``; or numbers that are not finite, with the state before saved.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> heed.train("my.yaml", callbacks={"validated": lambda result: print(result.perplexity)})
    """
    if resume and replace:
        raise UsageError("resume and replace exclude each other")
    handlers = _handlers_of(callbacks)
    log = handlers.pop("log", TrainingCallbacks().log)

    def emit(event: str, what: Any) -> Any:
        return log(*what) if event == "log" else handlers[event](_EVENTS[event](**what))

    if not isinstance(overrides, (Mapping, type(None))):
        refuse_type("overrides", "a mapping", overrides)
    request = {
        "config": _yaml(config) if isinstance(config, Mapping) else os.fspath(config),
        "is_path": not isinstance(config, Mapping),
        "overrides": [f"{key}={_yaml(value, f'overrides[{key!r}]')}" for key, value in (overrides or {}).items()],
        "output": "" if output is None else os.fspath(output),
        "resume": resume,
        "replace": replace,
        "command": list(sys.orig_argv),
        "wanted": list(handlers),
    }
    return _report(_heed.train(request, emit))


def _handlers_of(callbacks: Any) -> dict[str, Any]:
    """What is called, by event."""
    names = [*_EVENTS, "log"]
    if isinstance(callbacks, Mapping):
        if unknown := set(callbacks) - set(names):
            raise UsageError(f"callbacks: unknown {sorted(unknown)}; there are {names}")
        found = callbacks
    else:
        found = {name: getattr(callbacks, name, None) for name in names}
        if callbacks is not None and not any(found.values()):
            refuse_type("callbacks", f"an object with some of the methods {', '.join(names)}", callbacks)
    handlers = {name: handler for name, handler in found.items() if handler is not None and not _is_default(name, handler)}
    for name, handler in handlers.items():
        if not callable(handler):
            refuse_type(f"callbacks[{name!r}]", "a function", handler)
    return handlers


def _is_default(name: str, handler: Any) -> bool:
    """Whether it is of TrainingCallbacks itself, so that nothing need be told."""
    return getattr(handler, "__func__", None) is getattr(TrainingCallbacks, name)


def _yaml(value: Any, argument: str = "config") -> str:
    """JSON, which YAML reads too."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{argument}: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "item"):  # a number of NumPy
        return value.item()
    raise TypeError(f"a value of the type {type(value).__name__} is none that a configuration has")


def _report(found: dict[str, Any]) -> TrainingReport:
    found["validations"] = [ValidationResult(**each) for each in found["validations"]]
    if found["best"] is not None:
        found["best"] = ValidationResult(**found["best"])
    return TrainingReport(**found)
