"""The texts to learn from, as numbers of pieces: read once, then walked as often as training wants."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import sentences
from indexer.types import Progress

TOGETHER = 500  # documents
HELD_OUT_EVERY = 20
"""Of so many documents one is never learned from: what the held-out losses are of."""


class Cutter(Protocol):
    """What cuts texts into pieces: a vocabulary of pieces of words, or the words of an analysis."""

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the pieces of each text, whole and without special ones."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of the sentences of documents; none of either is empty.

    Shapes: ids (n_pieces,); sentences (n_sentences + 1,): where each begins in ids; documents
    (n_documents + 1,): where each begins in sentences. 4 bytes a piece."""

    ids: NDArray[np.int32]
    sentences: NDArray[np.int64]
    documents: NDArray[np.int64]

    @property
    def n_documents(self) -> int:
        """How many documents there are."""
        return len(self.documents) - 1

    def span(self, first: int, end: int) -> NDArray[np.int32]:
        """The pieces of the sentences [first, end)."""
        return self.ids[self.sentences[first] : self.sentences[end]]

    def parted(self) -> tuple["Pieces", "Pieces"]:
        """Those to learn from, and those that are held out."""
        held = np.arange(self.n_documents) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
        return self._of(~held), self._of(held)

    def _of(self, chosen: NDArray[np.bool_]) -> "Pieces":
        per_document = np.diff(self.documents)
        kept_sentences = np.repeat(chosen, per_document)
        per_sentence = np.diff(self.sentences)
        return Pieces(
            self.ids[np.repeat(kept_sentences, per_sentence)],
            np.append(0, np.cumsum(per_sentence[kept_sentences])),
            np.append(0, np.cumsum(per_document[chosen])),
        )


def read_pieces(documents: Iterable[Sequence[str]], total: int, cutter: Cutter, progress: Progress) -> Pieces:
    """The pieces of documents, given as the texts of their fields, each of which begins a sentence."""
    ids, begins, firsts = array("i"), array("q", [0]), array("q", [0])
    done = 0
    for together in _batches(documents):
        texts = [_sentences(fields) for fields in together]
        found = iter(cutter.pieces([each for document in texts for each in document]))
        for document in texts:
            for _ in document:
                if numbers := next(found):
                    ids.extend(numbers)
                    begins.append(len(ids))
            if len(begins) - 1 > firsts[-1]:
                firsts.append(len(begins) - 1)
        done += len(together)
        progress("cut into pieces", done, total)
    return Pieces(np.array(ids, np.int32), np.array(begins, np.int64), np.array(firsts, np.int64))


def _batches(documents: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    rest = iter(documents)
    while together := list(islice(rest, TOGETHER)):
        yield together


def _sentences(fields: Sequence[str]) -> list[str]:
    return [text[start:end] for text in fields for start, end in sentences(text)]
