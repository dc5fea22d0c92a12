"""A reranker by a model that reads the query and a document together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indexer.types import Document, Scores, to_score

if TYPE_CHECKING:
    from indexer.encoders.bert.pairs import CrossEncoder


class CrossEncoded:
    """Scores a document by the probability that it answers the query, as the model has it."""

    name = "cross_encoder"

    def __init__(self, model: "CrossEncoder", query: str, fields: Sequence[str]) -> None:
        self._model = model
        self._query = query
        self._fields = fields

    def score(self, documents: Sequence[Document | None]) -> Scores:
        """The score of each document, in units of 2⁻²⁰, read as its text fields, one below the other."""
        chances = np.zeros(len(documents))
        for place, document in enumerate(documents):
            if document is not None:
                [logit] = self._model.scores(self._query, [self._text(document)])
                chances[place] = 1 / (1 + np.exp(-logit))
        return to_score(chances)

    def _text(self, document: Document) -> str:
        return "\n".join(filter(None, (document.text(field) for field in self._fields)))
