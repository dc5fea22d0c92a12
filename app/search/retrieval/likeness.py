"""A document, or any text, asked of a generation: what else there is like it?"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from app.search.retrieval.expansion import ExpansionTerm
from indexer.database import Catalogue
from indexer.encoders import Encoding, TokenVector
from indexer.generation import Dense, Generation
from indexer.lexical import Clause, Matches
from indexer.types import Allowed, Ordinals
from indexer.vectors import middle
from indexer.weighting import positive_idf

MOST_TERMS = 25
"""Of one view; those beyond tell less."""
MOST_CHARACTERS = 100_000
"""Of a text, from its beginning: what stands behind them is not looked at."""
TINY = 100
"""Documents up to which an index is so small that a term of one document alone counts too."""
DOCUMENT = "(document)"
"""The one part of a dense score: the nearness of two documents is not told word by word."""


class Likeness:
    """What is like a text. `ordinal`: the document that the text is of, which is not found itself; None for
    a text that is of none."""

    warnings: Sequence[str] = ()
    expansion: Sequence[ExpansionTerm] | None = None

    def __init__(self, generation: Generation, text: str, ordinal: int | None = None) -> None:
        self.text = text[:MOST_CHARACTERS]
        self.n_docs = generation.lexical.n_docs
        self._generation = generation
        self._ordinal = ordinal
        self._telling: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def clauses(self, views: Sequence[str], fields: Mapping[str, float]) -> Sequence[Clause]:
        """The terms of each view that tell most of the text, each once, looked for in these fields."""
        key = tuple(views)
        if key not in self._telling:
            every = self._generation.analyzer.content_terms(self.text, views)
            self._telling[key] = {view: self._most_telling(view, terms) for view, terms in every.items()}
        return [Clause(self._telling[key], fields)]

    def matches(self, views: Sequence[str], fields: Mapping[str, float]) -> Matches | None:
        """All documents but the one that is asked about; None where none is."""
        others = self.limited()
        if others is None:
            return None
        return Matches(self.clauses(views, fields), others, others, np.empty(0, np.int32), ())

    def limited(self) -> Allowed | None:
        """All documents but the one that is asked about; None where none is."""
        if self._ordinal is None:
            return None
        others: Allowed = np.arange(self._generation.lexical.n_docs) != self._ordinal
        return others

    def unranked(self) -> Ordinals | None:
        """None: a text without words is like nothing."""
        return None

    def encoding(self, dense: Dense) -> Encoding:
        """The vector that the document has in the index, the mean where it has several; where it has none,
        the text's."""
        if self._ordinal is not None and len(rows := dense.vectors.vector(self._ordinal)):
            vector = middle(rows)
            return Encoding(vector, [TokenVector(DOCUMENT, 0, len(self.text), vector, 1.0)], [])
        [encoded] = dense.encoder.encode([self.text])
        return encoded

    def _most_telling(self, view: str, terms: Sequence[str]) -> list[str]:
        """The terms with the highest tf · idf. Ties: by the term.

        A term that no other document holds tells nothing of any, but in a tiny index."""
        index = self._generation.lexical
        counted = Counter(terms)
        least = 1 if index.n_docs <= TINY else 2
        known = index.frequencies(view, counted)
        weights = {
            term: counted[term] * positive_idf(index.n_docs, df)
            for term, (df, _) in known.items()
            if df >= least
        }
        return sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]


def like_document(catalogue: Catalogue, generation: Generation, doc_id: str) -> Likeness:
    """What is like a stored document, also where it is newer than the generation. Raises: MissingError."""
    document = catalogue.documents.get(generation.manifest.index, doc_id)
    texts = [document.text(field) for field in generation.manifest.settings.text_fields]
    return Likeness(generation, "\n".join(texts), generation.lexical.ordinal(doc_id))
