"""Pairs of texts that are about the same, for a retriever to learn from: a sentence, and what is around it.

Source: Lee et al., 2019, "Latent Retrieval for Weakly Supervised Open Domain Question Answering" (the inverse
cloze task): a sentence asks for the text that it was taken from. The first sentence, a title where a document
has one, asks half of the time."""

import numpy as np
from numpy.typing import NDArray

from indexer.pretraining.pieces import Pieces

FIRST = 0.5
KEPT = 0.5
"""How often the sentence stays in its text: words that both have are to count too."""
SPECIALS = 2
"""[CLS] text [SEP]; an RNN has one that begins."""


class Likenesses:
    """The documents of more than one sentence; a text is at most `length` pieces with the special ones."""

    def __init__(self, pieces: Pieces, length: int, specials: int = SPECIALS) -> None:
        self._pieces = pieces
        self._room = length - specials
        self._documents = np.flatnonzero(np.diff(pieces.documents) > 1)
        begins = pieces.sentences[pieces.documents]
        self.sizes: NDArray[np.int64] = np.minimum(np.diff(begins)[self._documents], self._room) + specials

    def __len__(self) -> int:
        return len(self._documents)

    def pair(self, number: int, rng: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """A sentence of a document, and the text around it, drawn anew at each call."""
        document = self._documents[number]
        start, end = self._pieces.documents[document : document + 2].tolist()
        asking = start if rng.random() < FIRST else int(rng.integers(start, end))
        question = self._pieces.span(asking, asking + 1)[: self._room]
        first, last = self._around(start, end, asking)
        if rng.random() < KEPT:
            return question, self._pieces.span(first, last)[: self._room]
        before, after = self._pieces.span(first, asking), self._pieces.span(asking + 1, last)
        return question, np.concatenate([before, after])[: self._room]

    def _around(self, start: int, end: int, asking: int) -> tuple[int, int]:
        """The sentences around one, by turns before and behind it, while there is room; one more at least."""
        begins = self._pieces.sentences
        first, last = asking, asking + 1
        while first > start or last < end:
            wider = (
                (first - 1, last)
                if first > start and (last == end or asking - first < last - asking)
                else (first, last + 1)
            )
            if begins[wider[1]] - begins[wider[0]] > self._room and last - first > 1:
                break
            first, last = wider
        return first, last
