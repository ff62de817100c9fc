"""The words of pairs that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    import numpy.typing


@dataclass(frozen=True)
class Alignment:
    """The words of a sentence pair that belong together.

    Attributes
    ----------
    source, target : str
        The pair; words are what stands between spaces.
    links : list of (int, int)
        Source word and target word, counted from 0, in the order of the target words.
    weights : numpy.ndarray
        Attention, float32 [target words, source words]. The end of the sentence has no column, so that a row may sum to
        less than 1.
    """

    source: str
    target: str
    links: list[tuple[int, int]]
    weights: numpy.typing.NDArray[numpy.float32]

    def __str__(self) -> str:
        """A Pharaoh line: ``0-0 2-1``."""
        return " ".join(f"{source}-{target}" for source, target in self.links)
