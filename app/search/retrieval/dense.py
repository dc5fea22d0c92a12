"""Ranks by the nearness of vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from app.search.retrieval.pairs import pair_parts, word_parts
from app.search.retrieval.question import Asked
from app.search.retrieval.shares import Share, shares_of
from app.search.retrieval.standing import Standing
from indexer.encoders import DocumentEncoding, Encoder, Vector
from indexer.encoders.rnn import retrieves
from indexer.generation import Dense
from indexer.lexical import both
from indexer.types import SCORE_UNIT, Allowed, Document, Part, Ranking, to_score

STATIC = 0.3
WEIGHTS = {"bert": 1.0, "rnn": 0.1}
"""What a list counts beside that of BM25, by the type of the encoder; of words by themselves `STATIC`."""


class Nearest(NamedTuple):
    """The place of a text among several, its cosine with the query, and what its words do to that."""

    place: int
    score: float
    words: Sequence[Share]


class DenseRetriever:
    """The cosine of the query's vector with those of the documents.

    What must not match is in no text that it compares, so it finds only what the operators allow."""

    def __init__(self, name: str, dense: Dense, question: Asked, allowed: Allowed | None) -> None:
        self.name = name
        self.weight = _weight(dense.encoder)
        self.exact = dense.vectors.exact
        self._vectors = dense.vectors
        self._encoder = dense.encoder
        self._documents = dense.documents
        self._allowed = both(question.limited(), allowed)
        self._n_docs = question.n_docs
        self._query = question.encoding(dense)
        self.warnings = self._warn() if question.text.strip() else []

    def _warn(self) -> list[str]:
        if self._query.vector is None:
            return [f"`{self.name}` knows no word of the query and adds no hits."]
        if self._query.oov:
            return [f"`{self.name}` has no vector for: {', '.join(self._query.oov[:10])}."]
        if self._query.left_out:
            more = f"{self._query.left_out:,} tokens are left out"
            return [f"`{self.name}` reads the beginning of the query; {more}."]
        return []

    @property
    def confidence(self) -> float:
        """The share of the query's words that the encoder knows."""
        tokens = self._query.tokens
        return sum(each.known for each in tokens) / len(tokens) if tokens else 0.0

    def rank(self, depth: int) -> Ranking:
        """The nearest documents."""
        if self._query.vector is None:
            return Ranking.empty()
        found = self._vectors.search(self._query.vector, depth, self._allowed)
        return replace(found, least=-SCORE_UNIT)

    def matching(self) -> None:
        """None: every document is more or less near, so that only those in its list can be counted."""

    def standing(self, ordinal: int) -> Standing | None:
        """Where a document stands among all that have a vector, whatever the depth; None where it is absent.

        Every vector is compared with the query, so this takes as long as the index is large."""
        if self._query.vector is None:
            return None
        among = np.arange(self._n_docs) if self._allowed is None else np.flatnonzero(self._allowed)
        known = self._vectors.scores(self._query.vector, among.astype(np.int32))
        among, scores = among[known.present], known.scores[known.present]
        own = np.flatnonzero(among == ordinal).tolist()
        if not own:
            return None
        score = int(scores[own[0]])
        above = np.count_nonzero((scores > score) | ((scores == score) & (among < ordinal)))
        return Standing(score, int(above) + 1, len(among))

    def parts(self, ordinals: Sequence[int], documents: Sequence[Document | None]) -> list[list[Part]]:
        """A part for each known word of the query, with the words of the document that it is near to."""
        query = self._query.vector
        if query is None:
            return [[] for _ in ordinals]
        known = self._vectors.scores(query, np.array(ordinals, np.int32))
        indexed = self._as_indexed(ordinals, documents, query)
        return [
            self._parts(ordinal, score, found, query)
            if present and (self._allowed is None or self._allowed[ordinal])
            else []
            for ordinal, score, present, found in zip(
                ordinals, known.scores.tolist(), known.present.tolist(), indexed, strict=True
            )
        ]

    def nearest(self, texts: Sequence[str]) -> Nearest | None:
        """The text that is nearest to the query; None where none is known, or nothing of the query.

        Ties: the first."""
        if self._query.vector is None:
            return None
        encoded = self._encoder.encode(texts)
        known = [place for place, each in enumerate(encoded) if each.vector is not None]
        if not known:
            return None
        cosines = np.array([encoded[place].vector for place in known], np.float64) * self._query.vector
        scores = to_score(cosines.sum(axis=1))
        best = int(np.argmax(scores))
        words = shares_of({"": encoded[known[best]].tokens}, self._query.vector)[""]
        return Nearest(known[best], int(scores[best]) / SCORE_UNIT, words)

    def shares(self, ordinal: int, document: Document) -> Mapping[str, Sequence[Share]]:
        """What the words of each field of a document do to its cosine with the query; `WHOLE` is the one word
        of a vector that is no sum over words.

        Empty where nothing of one of them is known, and where the document has changed since it was
        indexed."""
        query = self._query.vector
        [indexed] = [None] if query is None else self._as_indexed([ordinal], [document], query)
        if query is None or indexed is None:
            return {}
        return shares_of(indexed.tokens, query)

    def _parts(self, ordinal: int, score: int, indexed: DocumentEncoding | None, query: Vector) -> list[Part]:
        if indexed is None or indexed.vector is None:
            wide = self._vectors.vector(ordinal).astype(np.float64)
            return word_parts(self._query.tokens, wide[int(np.argmax(wide @ query))], score)
        exact = int(to_score((indexed.vector.astype(np.float64) * query).sum()))
        tokens = [token for each in indexed.tokens.values() for token in each]
        return pair_parts(self._query.tokens, tokens, score, score if self._vectors.exact else exact)

    def _as_indexed(
        self, ordinals: Sequence[int], documents: Sequence[Document | None], query: Vector
    ) -> list[DocumentEncoding | None]:
        """That of each document's vectors which is nearest to the query, with its words; None where the
        document has changed since it was indexed."""
        there = [(place, each) for place, each in enumerate(documents) if each is not None]
        encoded = self._documents.encode_rows([each for _, each in there])
        nearest: list[DocumentEncoding | None] = [None] * len(documents)
        for (place, _), found in zip(there, encoded, strict=True):
            vectors = np.array([each.vector for each in found if each.vector is not None])
            if len(vectors) and self._vectors.holds(ordinals[place], vectors):
                nearest[place] = found[int(np.argmax((vectors.astype(np.float64) * query).sum(axis=1)))]
        return nearest


def _weight(encoder: Encoder) -> float:
    """What its list counts; nothing where a network has not learned to put like texts beside each other."""
    return WEIGHTS.get(encoder.type, STATIC) if retrieves(encoder) else 0.0
