"""What goes wrong."""

from __future__ import annotations

from typing import Any


class Error(Exception):
    """A failure: a file that cannot be read, a model that does not fit, numbers that are not finite.

    The message is one line: what is wrong, where, and what would be right.

    Attributes
    ----------
    kind : str
        What is to be done about it. ``"usage"``: call otherwise; ``"output"``: what stands at the output rules the call
        out; ``"data"``: mend the text that was read or given; ``"model"``: take another bundle; ``"numeric"``: numbers
        are not finite; ``"system"``: a file, memory or threads were refused, try again; ``"argument"``: sizes or ids do
        not fit together.
    file : str or None
        The file or directory that it is about.
    line : int or None
        The line of the file, from 1.
    key : str or None
        The key of the configuration, as ``"training.epochs"``.
    operation : str or None
        The operation of the engine, as ``"linear"``.
    sentence : int or None
        The place of the sentence or pair in the call, from 0.
    """

    def __init__(
        self,
        message: str,
        kind: str = "data",
        file: str | None = None,
        line: int | None = None,
        key: str | None = None,
        operation: str | None = None,
        sentence: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.file = file
        self.line = line
        self.key = key
        self.operation = operation
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[Error], tuple[Any, ...]]:
        return type(self), (str(self), self.kind, self.file, self.line, self.key, self.operation, self.sentence)


class UsageError(Error, ValueError):
    """A wrong argument or configuration, which can be mended without touching data or models."""

    def __init__(self, message: str, kind: str = "usage", *place: Any, **more: Any) -> None:
        super().__init__(message, kind, *place, **more)
