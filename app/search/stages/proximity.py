"""A reranker that needs no model: how near to each other the words of the query stand."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from indexer.generation import Generation
from indexer.types import Document, Scores, to_score


class Proximity:
    """Scores a document by its densest passage in any one field: m / n · m / span.

    n: different words of the query · m: those of them that the field holds · span: words of the shortest
    passage that holds all m. So 1 where the words stand side by side, and less the further apart they are,
    or the fewer there are.
    Source: the covers of Clarke, Cormack, Tudhope: Relevance ranking for one to three term queries, 2000."""

    name = "proximity"

    def __init__(self, generation: Generation, query: str) -> None:
        self._analyzer = generation.analyzer
        self._fields = generation.manifest.settings.text_fields
        self._sought = frozenset(self._analyzer.query_terms(query, ["words"])["words"])

    def score(self, documents: Sequence[Document | None]) -> Scores:
        """The score of each document, in units of 2⁻²⁰; 0 where none of the words is in it."""
        return to_score(np.array([self._density(each) for each in documents], np.float64))

    def _density(self, document: Document | None) -> float:
        texts = [] if document is None else [document.text(field) for field in self._fields]
        return max((self._of(text) for text in texts if text), default=0.0)

    def _of(self, text: str) -> float:
        words = self._analyzer.analyse(text).terms
        found = [(place, word) for place, word in enumerate(words) if word in self._sought]
        held = len({word for _, word in found})
        return held / len(self._sought) * held / _shortest(found, held) if held else 0.0


def _shortest(found: Sequence[tuple[int, str]], n_words: int) -> int:
    """Length of the shortest passage that holds so many different words."""
    inside: Counter[str] = Counter()
    first, shortest = 0, found[-1][0] - found[0][0] + 1
    for place, word in found:
        inside[word] += 1
        while inside[found[first][1]] > 1:
            inside[found[first][1]] -= 1
            first += 1
        if len(inside) == n_words:
            shortest = min(shortest, place - found[first][0] + 1)
    return shortest
