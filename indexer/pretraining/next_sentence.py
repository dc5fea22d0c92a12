"""Pairs of texts for the prediction of the next sentence: the second follows the first, or is of elsewhere.

Source: Devlin et al., 2019, §3.1 and its program: sentences of a document fill an example; it is parted at
one of them, and half of the second parts are of another document."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.pretraining.pieces import Pieces

IS_NEXT, IS_RANDOM = 0, 1
RANDOM = 0.5
SPECIALS = 3
"""[CLS] a [SEP] b [SEP]."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether the second follows the first (0) or is of another document (1)."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    label: int


class NextSentences:
    """The examples of some documents, each at most `length` pieces with the special ones."""

    def __init__(self, pieces: Pieces, length: int) -> None:
        self._pieces = pieces
        self._room = length - SPECIALS
        chunks = np.array(_chunks(pieces, self._room), np.int64).reshape(-1, 3)
        sizes = pieces.sentences[chunks[:, 1]] - pieces.sentences[chunks[:, 0]]
        self._chunks = chunks[sizes > 1]  # one piece cannot be parted
        self.sizes: NDArray[np.int64] = np.minimum(sizes[sizes > 1], self._room) + SPECIALS

    def __len__(self) -> int:
        return len(self._chunks)

    def pair(self, number: int, rng: np.random.Generator) -> Pair:
        """One example, parted anew at each call; its second text is that of elsewhere half of the time."""
        first, end, document = self._chunks[number].tolist()
        text, cut = self._parted(first, end, rng)
        one, other = text[:cut], text[cut:]
        label = IS_NEXT
        if rng.random() < RANDOM:
            elsewhere = self._chunks[rng.integers(len(self._chunks))].tolist()
            if elsewhere[2] != document:
                label, other = IS_RANDOM, self._pieces.span(*elsewhere[:2])
        # The longer gives way: at its beginning if it is the first, so that the border stays.
        keep = max(self._room - len(other), self._room // 2)
        one = one[max(0, len(one) - keep) :]
        return Pair(one, other[: self._room - len(one)], label)

    def _parted(self, first: int, end: int, rng: np.random.Generator) -> tuple[NDArray[np.int32], int]:
        """The text of some sentences, and where it is parted: between two of them; one is parted anywhere."""
        text = self._pieces.span(first, end)
        if end - first > 1:
            begins = self._pieces.sentences[first : end + 1]
            return text, int(begins[rng.integers(1, end - first)] - begins[0])
        return text, int(rng.integers(1, len(text)))


def _chunks(pieces: Pieces, room: int) -> list[tuple[int, int, int]]:
    """Runs of sentences [first, end) of a document that fill an example, each with its document's number."""
    found = []
    begins = pieces.sentences.tolist()
    for document, (start, end) in enumerate(
        zip(pieces.documents[:-1].tolist(), pieces.documents[1:].tolist(), strict=True)
    ):
        first = start
        for sentence in range(start, end):
            if begins[sentence + 1] - begins[first] > room and sentence > first:
                found.append((first, sentence, document))
                first = sentence
        found.append((first, end, document))
    return found
