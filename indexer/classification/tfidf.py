"""TF-IDF as features: the variant `smooth`, as docs/scoring.md has it, each row of length 1."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy.sparse import csr_array

from indexer.classification.base import Features
from indexer.types import Document, Tokens

TFIDF = "tfidf"
LEAST_DOCUMENTS = 2
"""That hold a term which is a feature: what one document alone has tells nothing of others."""
MOST_TERMS = 50_000

Analyse = Callable[[str], Tokens]


class Tfidf:
    """The terms of some fields together, each with its idf: ln((1 + N) / (1 + df)) + 1.

    Shapes: idf (n_terms,). Source: scikit-learn's TfidfVectorizer."""

    name = TFIDF

    def __init__(
        self, terms: Sequence[str], idf: NDArray[np.float64], fields: Sequence[str], analyse: Analyse
    ) -> None:
        self.terms = terms
        self.idf = idf
        self._fields = fields
        self._analyse = analyse
        self._places = {term: place for place, term in enumerate(terms)}

    @property
    def fingerprint(self) -> str:
        """sha256, as hex, over terms, idf and fields."""
        digest = sha256(orjson.dumps([list(self.terms), list(self._fields)]))
        digest.update(self.idf.tobytes())
        return digest.hexdigest()

    @property
    def n_features(self) -> int:
        """How many terms there are."""
        return len(self.terms)

    @classmethod
    def learn(cls, documents: Iterable[Document], fields: Sequence[str], analyse: Analyse) -> "Tfidf":
        """The terms that two documents hold or more, the `MOST_TERMS` with the most. Ties: smaller term."""
        df: Counter[str] = Counter()
        n_documents = 0
        for document in documents:
            df.update(set(_terms(document, fields, analyse)))
            n_documents += 1
        worth = [term for term, count in df.items() if count >= LEAST_DOCUMENTS]
        kept = sorted(sorted(worth, key=lambda term: (-df[term], term))[:MOST_TERMS])
        idf = np.log((1 + n_documents) / (1 + np.array([df[term] for term in kept], np.float64))) + 1
        return cls(kept, idf, fields, analyse)

    def features(self, documents: Sequence[Document]) -> Features:
        """The weights of the terms of each document. Shapes: (n, n_terms)."""
        values: list[float] = []
        places: list[int] = []
        ends = [0]
        for document in documents:
            counts = Counter(_terms(document, self._fields, self._analyse))
            known = [(self._places[term], count) for term, count in counts.items() if term in self._places]
            weights = np.array([count * self.idf[place] for place, count in known])
            values.extend((weights / (np.linalg.norm(weights) or 1)).tolist())
            places.extend(place for place, _ in known)
            ends.append(len(places))
        shape = (len(documents), len(self.terms))
        return csr_array((np.array(values, np.float64), np.array(places, np.int64), ends), shape=shape)


def _terms(document: Document, fields: Sequence[str], analyse: Analyse) -> Iterable[str]:
    for field in fields:
        yield from analyse(document.text(field)).terms
