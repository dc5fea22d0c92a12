"""A reranker by the sentence that is nearest to the query, under an encoder of the index."""

from collections.abc import Sequence

import numpy as np

from app.search.retrieval.dense import DenseRetriever
from indexer.analysis import sentences
from indexer.types import Document, Scores, to_score

MOST_SENTENCES = 100
"""Of a document; what stands behind them is not looked at."""


class Passages:
    """Scores a document by the cosine of its best sentence with the query; 0 where that is negative.

    A long document that answers in one sentence is found by it, where the vector of the whole says little."""

    name = "passage"

    def __init__(self, retriever: DenseRetriever, fields: Sequence[str]) -> None:
        self._retriever = retriever
        self._fields = fields

    def score(self, documents: Sequence[Document | None]) -> Scores:
        """The score of each document, in units of 2⁻²⁰; 0 where no sentence has a vector."""
        return to_score(np.array([self._best(each) for each in documents], np.float64))

    def _best(self, document: Document | None) -> float:
        texts = [] if document is None else [document.text(field) for field in self._fields]
        cut = [text[start:end] for text in texts for start, end in sentences(text)]
        nearest = self._retriever.nearest(cut[:MOST_SENTENCES])
        return 0.0 if nearest is None else min(max(nearest.score, 0.0), 1.0)
