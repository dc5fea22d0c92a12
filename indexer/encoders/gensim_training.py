"""Training through gensim: the corpus walked with progress, a loss, and a way to stop."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from indexer.encoders.corpus import Corpus
from indexer.encoders.sampled_loss import SampledLoss
from indexer.types import Progress

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

FIRST_RATE, LAST_RATE = 0.025, 0.0001
"""The learning rate falls between them in a line, as in the original programs."""

REPORT_WORDS = 100_000
"""Words between two reports: less than a second."""

HELD_WORDS = 5_000_000
"""Words of a corpus whose sentences are held as text: 8 bytes each, and a tenth of the time is saved."""

SECONDS_BETWEEN_LOSSES = 10.0
"""Measuring costs as much as learning some ten thousand words."""

logger = logging.getLogger(__name__)


def learn_vocabulary(model: "Word2Vec", corpus: Corpus) -> None:
    """Gives a model that counts nothing itself the words of the corpus."""
    model.build_vocab_from_freq(dict(zip(corpus.terms, corpus.cf.tolist(), strict=True)))


def walk(model: "Word2Vec", corpus: Corpus, name: str, epochs: int, progress: Progress) -> Sequence[float]:
    """The loss after each epoch. Raises: what `progress` raises to stop."""
    watched = _Watched(model, corpus, name, epochs, progress)
    model.train(
        watched,
        total_words=len(corpus.ids),
        epochs=epochs,
        start_alpha=FIRST_RATE,
        end_alpha=LAST_RATE,
    )
    return watched.end()


class _Watched:
    """The sentences of a corpus, with progress on the way.

    gensim reads them in a thread of its own, where an error would hang it: what `progress` raises ends the
    sentences, and is raised by `end`."""

    def __init__(self, model: "Word2Vec", corpus: Corpus, name: str, epochs: int, progress: Progress) -> None:
        self._losses: list[float] = []
        self._pieces = _pieces(corpus)
        self._name = name
        self._total = epochs * len(corpus.ids)
        self._done = 0
        self._progress = progress
        self._measure = SampledLoss(model, corpus)
        self._loss: float | None = None
        self._measured = monotonic()
        self._stopped: BaseException | None = None

    def __iter__(self) -> Iterator[list[str]]:
        """The sentences of an epoch; none after something has gone wrong."""
        try:
            if self._stopped is None:
                yield from self._epoch()
        except BaseException as stopped:
            self._stopped = stopped

    def _epoch(self) -> Iterator[list[str]]:
        if self._done:
            self._end_epoch()
        told = self._done
        for piece in self._pieces():
            yield piece
            self._done += len(piece)
            if self._done - told >= REPORT_WORDS:
                told = self._done
                self._tell()

    def end(self) -> Sequence[float]:
        """The loss after each epoch. Raises: what `progress` raised, or raises now."""
        if self._stopped is not None:
            raise self._stopped
        self._end_epoch()
        return self._losses

    def _end_epoch(self) -> None:
        self._loss = self._measure()
        self._measured = monotonic()
        self._losses.append(self._loss)
        self._progress(f"train {self._name}", self._done, self._total, self._loss)
        logger.info("%s epoch=%d loss=%.4f", self._name, len(self._losses), self._loss)

    def _tell(self) -> None:
        if monotonic() - self._measured > SECONDS_BETWEEN_LOSSES:
            self._loss = self._measure()
            self._measured = monotonic()
        self._progress(f"train {self._name}", self._done, self._total, self._loss)


def _pieces(corpus: Corpus) -> Callable[[], Iterable[list[str]]]:
    """Gives the sentences, as often as it is called; those of a small corpus are made once."""
    from gensim.models.word2vec import MAX_WORDS_IN_BATCH

    # gensim silently drops what is beyond MAX_WORDS_IN_BATCH in a sentence.
    if len(corpus.ids) > HELD_WORDS:
        return partial(corpus.pieces, MAX_WORDS_IN_BATCH)
    held = list(corpus.pieces(MAX_WORDS_IN_BATCH))
    return lambda: held


@contextmanager
def quiet_gensim() -> Iterator[None]:
    """gensim logs every batch, and warns of settings that are meant."""
    log = logging.getLogger("gensim")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
