"""Exact BM25 in float64, to check every engine's answers by."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.lexical.base import Hits
from benchmarks.lexical.corpora import Corpus
from benchmarks.lexical.queries import Query

_K1, _B = 1.2, 0.75
_UNIT = 2.0**-20  # what TextPrism rounds each contribution to


class Reference:
    """Scores of all documents of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        lengths = np.diff(corpus.starts)
        self._norm = _K1 * (1 - _B + _B * lengths / lengths.mean())

    def scores(self, query: Query) -> NDArray[np.float64]:
        """Sums of idf · tf / (tf + k1·(1 − b + b·|d|/avgdl)), idf as Lucene has it. Shape: (n_docs,)."""
        scores = np.zeros(self._corpus.n_docs, np.float64)
        for number in query.numbers:
            tf = self._corpus.counts(number)
            df = np.count_nonzero(tf)
            idf = np.log(1 + (self._corpus.n_docs - df + 0.5) / (df + 0.5))
            scores += idf * tf / (tf + self._norm)
        return scores


def overlap(scores: NDArray[np.float64], hits: Hits, k: int) -> float:
    """The share of the k best that are among the hits; documents level with the last of them are as good."""
    best = _best(scores, k)
    found = {document for document, _ in hits if scores[document] >= best[-1] - _UNIT}
    return len(found) / len(best)


def is_exact(scores: NDArray[np.float64], hits: Hits, k: int, n_terms: int) -> bool:
    """Whether the hits are the k best in their order, but for what rounding by 2⁻²⁰ a term can swap."""
    best = _best(scores, k)
    documents = [document for document, _ in hits]
    if len(set(documents)) != len(best):
        return False
    return bool(np.all(np.abs(scores[documents] - best) <= n_terms * _UNIT))


def _best(scores: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """The k highest scores above zero, highest first."""
    highest = np.sort(np.partition(scores, -k)[-k:])[::-1]
    return highest[highest > 0]
