"""A corpus to train on, held as numbers: read once, then walked as often as training wants."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Sentences
from indexer.types import Counts, Progress

REPORT_EVERY = 10_000  # sentences
_TOGETHER = 10_000  # sentences whose words are looked up at once


@dataclass(frozen=True, slots=True)
class Corpus:
    """The words that are frequent enough, their counts, and the sentences without the other words.

    Terms are ordered by falling count, ties by the term. `cf[i]`, `df[i]`: how often, and in how many
    sentences, term i occurs. Shapes: cf, df (n_terms,); ids (n_words,): a term's number at each place;
    offsets (n_sentences + 1,): where each sentence begins in ids.
    `n_tokens` counts all words of the corpus, also those that are too rare to be here."""

    terms: list[str]
    cf: Counts
    df: Counts
    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    n_tokens: int

    @property
    def n_sentences(self) -> int:
        """How many sentences were read."""
        return len(self.offsets) - 1

    def pieces(self, longest: int) -> Iterator[list[str]]:
        """The sentences that have any words, in order, cut into pieces of at most `longest`."""
        names = np.array(self.terms, dtype=object)
        for first in range(0, self.n_sentences, _TOGETHER):
            offsets = self.offsets[first : first + _TOGETHER + 1]
            words = names[self.ids[offsets[0] : offsets[-1]]].tolist()
            for start, end in pairwise((offsets - offsets[0]).tolist()):
                for begin in range(start, end, longest):
                    yield words[begin : min(end, begin + longest)]


def read_corpus(sentences: Sentences, min_count: int, progress: Progress) -> Corpus:
    """The corpus, without the words that occur less than `min_count` times; 4 bytes per word."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # a word's number is the order of its first sight
    stream, offsets = array("i"), array("q", [0])
    df: Counter[int] = Counter()
    for done, sentence in enumerate(sentences, 1):
        row = [numbers[term] for term in sentence]
        stream.extend(row)
        offsets.append(len(stream))
        df.update(set(row))
        if done % REPORT_EVERY == 0:
            progress("read words", done, None)
    ids = np.array(stream, dtype=np.int32)
    return _kept(list(numbers), ids, np.array(offsets, dtype=np.int64), df, min_count)


def _kept(
    names: list[str], ids: NDArray[np.int32], offsets: NDArray[np.int64], df: Counter[int], min_count: int
) -> Corpus:
    cf = np.bincount(ids, minlength=len(names))
    kept = np.flatnonzero(cf >= min_count).tolist()
    kept.sort(key=lambda number: (-cf[number], names[number]))
    renumbered = np.full(len(names), -1, np.int32)
    renumbered[kept] = np.arange(len(kept))
    new_ids = renumbered[ids]
    here = new_ids >= 0
    return Corpus(
        terms=[names[number] for number in kept],
        cf=cf[kept].astype(np.int32),
        df=np.array([df[number] for number in kept], np.int32),
        ids=new_ids[here],
        offsets=np.append(0, np.cumsum(here))[offsets],
        n_tokens=len(ids),
    )
