"""Text in, translations out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _heed
from ._heed import Bundle, Translation
from .alignment import Alignment
from .arguments import constraints_of, drawing_of, features_of, listed, pairs_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import AlignOptions, FeatureMap, Model, ScoreOptions, Texts, TranslateOptions


class Translator:
    """One model, or several that answer together, kept ready to translate, to score and to align.

    Threads may share it, without a lock of theirs: it computes without the GIL. So may a process that is forked while no
    call goes on, where it starts threads of its own.

    Parameters
    ----------
    models : str, os.PathLike, Bundle, or a sequence of these
        Folders of trained models; several are an ensemble, which must have one target vocabulary.
    threads : int, optional
        Workers of a call, each with batches of its own; the answers are the same with any number. By default the
        processors that this process may use.
    precision : {"float32", "bfloat16", "int8"}, optional
        Of the matrix products of models that are given as folders; by default as each is stored.
    weights : sequence of float, optional
        Of an ensemble: the share of each model, more than 0, of any sum.
    combine : {"mean", "log-linear"}
        Of an ensemble: the arithmetic mean of the probabilities, or the geometric one.
    shortlist : str or os.PathLike, optional
        A file of ``heed shortlist``: the target tokens that a sentence may have. Makes large vocabularies fast.
    dictionary : str or os.PathLike, optional
        Lines ``source TAB target``, for ``replace_unknown``.

    Raises
    ------
    Error
        With ``file``: a model that cannot be read, or models that do not go together.
    UsageError
        If there is no model, or for weights that are not theirs.
    """

    def __init__(
        self,
        models: Model | Sequence[Model],
        *,
        threads: int | None = None,
        precision: str | None = None,
        weights: Sequence[float] | None = None,
        combine: str = "mean",
        shortlist: str | os.PathLike[str] | None = None,
        dictionary: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(models, (str, os.PathLike, Bundle)):
            models = [models]
        given = listed(models, "models", "a folder, a Bundle or a sequence of these")
        self._bundles = [each if isinstance(each, Bundle) else Bundle(each, precision) for each in given]
        self._threads = _heed.usable_processors() if threads is None else threads
        self._translator = _heed.Translator(
            self._bundles,
            [] if weights is None else listed(weights, "weights", "a sequence of numbers"),
            combine,
            None if shortlist is None else os.fspath(shortlist),
            None if dictionary is None else os.fspath(dictionary),
        )

    def __repr__(self) -> str:
        return f"Translator({', '.join(repr(each.path) for each in self._bundles)}, threads={self._threads})"

    @property
    def bundles(self) -> list[Bundle]:
        """The models."""
        return list(self._bundles)

    @property
    def threads(self) -> int:
        """Workers of a call."""
        return self._threads

    @overload
    def translate(  # type: ignore[overload-overlap]
        self, sentences: str, *, nbest: Literal[1] = 1, **options: Unpack[TranslateOptions]
    ) -> Translation: ...

    @overload
    def translate(self, sentences: str, *, nbest: int, **options: Unpack[TranslateOptions]) -> list[Translation]: ...  # type: ignore[overload-overlap]

    @overload
    def translate(  # type: ignore[overload-overlap]
        self, sentences: Iterable[str], *, nbest: Literal[1] = 1, **options: Unpack[TranslateOptions]
    ) -> list[Translation]: ...

    @overload
    def translate(
        self, sentences: Iterable[str], *, nbest: int, **options: Unpack[TranslateOptions]
    ) -> list[list[Translation]]: ...

    def translate(
        self,
        sentences: str | Iterable[str],
        # By keyword, as the overloads say: what is keyword-only costs 2 % of a call for a short sentence.
        beam: int = 5,
        nbest: int = 1,
        attention: bool = False,
        token_scores: bool = False,
        trace: bool = False,
        batch: int = 32,
        normalize: str = "length",
        length_penalty: float = 1.0,
        word_reward: float = 0.0,
        coverage: str = "gnmt",
        coverage_penalty: float = 0.0,
        stop: str = "bound",
        patience: float = 1.0,
        prune: float = 0.0,
        groups: int = 1,
        diversity: float = 0.5,
        alternatives: bool = False,
        sample: bool = False,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        seed: int = 1,
        max_length: int = 1000,
        max_output: int | str | None = None,
        min_output: int | str | None = None,
        forbid_unknown: bool = False,
        no_repeat_ngram: int = 0,
        repetition_penalty: float = 1.0,
        replace_unknown: bool = False,
        prefix: str | Sequence[str] | None = None,
        must: Texts | None = None,
        must_not: Texts | None = None,
        allowed: Texts | None = None,
        features: FeatureMap | Sequence[FeatureMap] | None = None,
        on_step: Callable[[int, list[str], str], bool | None] | None = None,
    ) -> Translation | list[Translation] | list[list[Translation]]:
        """Translate a sentence, or many.

        What a sentence becomes does not depend on the others, their order, ``batch`` or ``threads``.

        Parameters
        ----------
        sentences : str or iterable of str
            Texts, each on one line.
        beam : int
            Hypotheses that are kept at each step, 1 to 1000; 1 is greedy search, the fastest.
        nbest : int
            Translations of each sentence, best first, 1 to 1000; no more than ``beam`` unless they are drawn or alternatives.
        attention : bool
            Answers have their attention.
        token_scores : bool
            Answers have ``log_probabilities``.
        trace : bool
            Answers have the candidates of the search, for ``to_html()`` and ``to_json()``.
        batch : int
            Sentences that are decoded together.
        normalize : {"length", "none", "gnmt", "average"}
            A hypothesis of N tokens is ranked by its log-probability divided by N^P, 1, ((5 + N) / 6)^P or N.
        length_penalty : float
            P, 0 or more.
        word_reward : float
            Added to the score for each token, -100 to 100.
        coverage, coverage_penalty : {"gnmt", "summary"}, float
            What is added to the score for how a hypothesis attends, and its factor.
        stop : {"bound", "first", "all"}
            When a search ends: nothing can be better than what is finished, the first ``nbest`` are, or ``patience``
            times ``beam`` are.
        patience, prune : float
            See ``stop``; hypotheses so far below the best one, in log-probability, are dropped (0: none).
        groups, diversity : int, float
            Parts of the beam that avoid each other's tokens, and what such a token costs.
        alternatives : bool
            In place of a beam the ``nbest`` best first tokens, behind the prefix, each completed by greedy search.
        sample : bool
            ``nbest`` answers are drawn in place of a beam.
        temperature, top_k, top_p, min_p, seed
            Of ``sample``: probabilities to the power of 1 / temperature, of the ``top_k`` most probable tokens (0: all),
            of the fewest that have ``top_p`` together, of those that have ``min_p`` of the most probable one.
        max_length : int
            Tokens after which a source is cut (``source_tokens_cut``); 0: none.
        max_output, min_output : int or str, optional
            Most and fewest tokens of an answer: ``50``, ``"x1.5"`` times those of the source, or ``"x1.5+30"``. By
            default the most are what the model's training pairs need and a quarter more.
        forbid_unknown : bool
            ``<unk>`` is never taken.
        no_repeat_ngram : int
            No sequence of so many tokens occurs twice; 0: all may.
        repetition_penalty : float
            Factor, 1 or more, of the log-probability of tokens that the answer has already.
        replace_unknown : bool
            ``<unk>`` becomes the source word that it attended to most, or its translation in ``dictionary``.
        prefix : str, or sequence of str
            With which each answer begins; or one for each sentence.
        must, must_not, allowed : sequence of str, or of such sequences
            Phrases that an answer has or does not have, and the only ones that it may be (``[]``: it may be any); or a
            sequence for each sentence. Where they cannot be met, the answer is empty and ``fault`` says why.
        features : mapping, or sequence of mappings
            For models that read source features: the values of each by its name, as a text with spaces between those of
            words or a sequence; one mapping for each sentence.
        on_step : callable, optional
            ``on_step(sentence, tokens, text)`` after each step of each sentence, with its place in the call and the best
            hypothesis so far, in any of the threads that compute. After what is false, but not None, the sentence gets
            what has been found, ``cut``; what it raises ends the call.

        Returns
        -------
        Translation, list of Translation, or list of lists of Translation
            For a str one, for an iterable a list in its order; with ``nbest`` above 1 lists in their place.

        Raises
        ------
        TypeError
            For what is not text, or an option of another type.
        UsageError
            For options that do not go together, or out of range; a ValueError too.
        Error
            For text that is wrong, as features that do not fit their sentence.
        KeyboardInterrupt
            Ctrl-C in a long list: docs/python.md says when.
        """
        one = isinstance(sentences, str)
        texts = [sentences] if isinstance(sentences, str) else listed(sentences, "sentences")
        options = (  # as _heed.option_names() has them
            beam,
            nbest,
            batch,
            self._threads,
            attention,
            trace,
            token_scores,
            normalize,
            length_penalty,
            word_reward,
            coverage,
            coverage_penalty,
            stop,
            patience,
            prune,
            groups,
            diversity,
            alternatives,
            None if sample is False else drawing_of(sample, temperature, top_k, top_p, min_p, seed),
            max_length,
            max_output,
            min_output,
            forbid_unknown,
            no_repeat_ngram,
            repetition_penalty,
            replace_unknown,
        )
        more: dict[str, Any] = {}
        if not (prefix is None and must is None and must_not is None and allowed is None):
            more = constraints_of(len(texts), prefix=prefix, must=must, must_not=must_not, allowed=allowed)
        if features is not None:
            more |= self._features(features, len(texts))
        if on_step is not None:
            more["on_step"] = on_step
        answers = self._translator.translate(texts, options, more)
        found: list[Any] = answers if nbest > 1 else [each[0] for each in answers]
        return found[0] if one else found

    @overload
    def score(self, sources: str, targets: str, **options: Unpack[ScoreOptions]) -> Translation: ...  # type: ignore[overload-overlap]

    @overload
    def score(
        self, sources: Iterable[str], targets: Iterable[str], **options: Unpack[ScoreOptions]
    ) -> list[Translation]: ...

    def score(
        self,
        sources: str | Iterable[str],
        targets: str | Iterable[str],
        *,
        attention: bool | None = None,
        batch: int = 32,
        max_length: int = 1000,
        features: FeatureMap | Sequence[FeatureMap] | None = None,
    ) -> Translation | list[Translation]:
        """Say how probable given targets are.

        Parameters
        ----------
        sources, targets : str, or iterable of str
            A pair, or as many of each.
        attention : bool, optional
            Answers have their attention; by default where the model attends.
        batch : int
            Pairs that are computed together.
        max_length : int
            A side of more tokens is an error, as a part would have another probability; 0: none.
        features : mapping, or sequence of mappings
            As for ``translate``.

        Returns
        -------
        Translation or list of Translation
            Whose text is the target, with ``log_probability`` and ``log_probabilities``; for two texts one.

        Raises
        ------
        Error
            With ``line``, the place of the pair from 1, for one that is too long or no text.
        UsageError
            If there are not as many targets as sources.
        """
        one, source, target = pairs_of(sources, targets)
        how = {
            "batch": batch,
            "threads": self._threads,
            "max_length": max_length,
            "attention": self._translator.attends if attention is None else attention,
            **self._features(features, len(source)),
        }
        scored = self._translator.score(source, target, how)
        return scored[0] if one else scored

    @overload
    def align(self, sources: str, targets: str, **options: Unpack[AlignOptions]) -> Alignment: ...  # type: ignore[overload-overlap]

    @overload
    def align(
        self, sources: Iterable[str], targets: Iterable[str], **options: Unpack[AlignOptions]
    ) -> list[Alignment]: ...

    def align(
        self,
        sources: str | Iterable[str],
        targets: str | Iterable[str],
        *,
        threshold: float = 0.0,
        shift: float = 0.0,
        layer: int = 0,
        head: int = 0,
        reverse: Translator | None = None,
        symmetrize: str = "grow-diag-final-and",
        batch: int = 32,
        max_length: int = 1000,
        features: FeatureMap | Sequence[FeatureMap] | None = None,
    ) -> Alignment | list[Alignment]:
        """Align the words of given pairs by the attention.

        Parameters
        ----------
        sources, targets : str, or iterable of str
            A pair, or as many of each.
        threshold : float
            Links of less weight, 0 to 1, are left out.
        shift : float
            The weights of so many steps after a token's, 0 to 2, stand for its own; 0.5: the mean of both.
        layer, head : int
            Of the attention, from 1; 0: the mean of all.
        reverse : Translator, optional
            A model from target to source: links of both directions become one alignment.
        symmetrize : {"grow-diag-final-and", "intersection", "union"}
            How they do.
        batch, max_length, features
            As for ``score``.

        Returns
        -------
        Alignment or list of Alignment
            For two texts one.

        Raises
        ------
        UsageError
            If a model does not attend, or there are not as many targets as sources.
        Error
            If it lacks the layer or head; with ``line`` for a pair that is too long or no text.
        """
        one, source, target = pairs_of(sources, targets)
        how = {
            "batch": batch,
            "threads": self._threads,
            "max_length": max_length,
            "threshold": threshold,
            "shift": shift,
            "layer": layer,
            "head": head,
            "symmetrize": symmetrize,
            **self._features(features, len(source)),
        }
        aligned = self._translator.align(source, target, how, None if reverse is None else reverse._translator)
        out = [Alignment(*pair, *each) for pair, each in zip(zip(source, target), aligned)]
        return out[0] if one else out

    def _features(self, given: FeatureMap | Sequence[FeatureMap] | None, count: int) -> dict[str, Any]:
        return {} if given is None else {"features": features_of(given, self._bundles[0].features, count)}
