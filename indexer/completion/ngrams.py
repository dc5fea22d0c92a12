"""Pairs and triples of words on disk, as flat arrays: which words stand after which, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.completion.words import Words
from indexer.errors import MismatchError
from indexer.storage.arrays import load_array, save_array

FOLDER = "completion"

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The words of an index with the pairs and triples that they stand in, memory-mapped.

    The pairs whose first word is v are those at [pair_begins[v], pair_begins[v + 1]), by their second word
    ascending; the triples that begin with pair p likewise. Rare triples of a large index are not kept.

    of each word: documents that hold it; `preceded`, how many different words stand before it ·
    of each pair: its second word, its documents, `preceded`, `followed`, how often any word stands after it ·
    of each triple: its third word, how often it occurs, its documents ·
    discounts (3,): what is taken from the counts of words, pairs and triples that were seen."""

    words: Words
    documents: Numbers
    preceded: Numbers
    pair_begins: Numbers
    pair_words: Numbers
    pair_documents: Numbers
    pair_preceded: Numbers
    pair_followed: Numbers
    triple_begins: Numbers
    triple_words: Numbers
    triple_counts: Numbers
    triple_documents: Numbers
    discounts: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Raises: MismatchError where the arrays do not fit together."""
        n_words, n_pairs, n_triples = len(self.words), len(self.pair_words), len(self.triple_words)
        fit = (
            {len(self.documents), len(self.preceded), len(self.pair_begins) - 1} == {n_words}
            and {len(self.pair_documents), len(self.pair_preceded), len(self.pair_followed)} == {n_pairs}
            and {len(self.triple_begins) - 1, int(self.pair_begins[-1])} == {n_pairs}
            and {len(self.triple_counts), len(self.triple_documents)} == {n_triples}
            and int(self.triple_begins[-1]) == n_triples
            and self.discounts.shape == (3,)
        )
        if not fit:
            raise MismatchError("The arrays of the completion do not fit together: rebuild the index.")

    def pair(self, first: int, second: int) -> int | None:
        """The number of the pair of two words; None where they never stand side by side."""
        return _found(self.pair_words, self.pair_begins, first, second)

    def triple(self, pair: int, third: int) -> int | None:
        """The number of the triple of a pair and a word; None where it is not kept."""
        return _found(self.triple_words, self.triple_begins, pair, third)

    def seen(self, context: Sequence[str], word: int) -> tuple[int, int]:
        """How many words the longest n-gram has that was seen to end in a word, and the documents that have
        it."""
        before = [self.words.number(each) for each in context[-2:]]
        pair = None if not before or before[-1] is None else self.pair(before[-1], word)
        if pair is None:
            return 1, int(self.documents[word])
        first = None if len(before) < 2 or before[0] is None else self.pair(before[0], before[1] or 0)
        triple = None if first is None else self.triple(first, word)
        if triple is None:
            return 2, int(self.pair_documents[pair])
        return 3, int(self.triple_documents[triple])

    def save(self, folder: Path) -> None:
        """Writes all of it into a folder that is made."""
        folder.mkdir()
        self.words.save(folder)
        for name in _arrays():
            save_array(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What is in a folder. Raises: CorruptError, MismatchError."""
        return cls(Words.open(folder), **{name: load_array(folder / f"{name}.npy") for name in _arrays()})

    @classmethod
    def none(cls) -> Self:
        """Those of an index without words."""
        empty: Any = np.empty(0, np.int32)
        begins: Any = np.zeros(1, np.int32)
        begun = {name: begins if name.endswith("begins") else empty for name in _arrays()}
        return cls(Words.of([]), **(begun | {"discounts": np.zeros(3)}))


def _arrays() -> list[str]:
    return [each.name for each in fields(Ngrams) if each.name != "words"]


def _found(words: Numbers, begins: Numbers, row: int, wanted: int) -> int | None:
    """Where a word stands in a row of words that ascend."""
    begin, end = int(begins[row]), int(begins[row + 1])
    place = begin + int(np.searchsorted(words[begin:end], wanted))
    return place if place < end and words[place] == wanted else None
