"""What a request looks for in the texts of its hits."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.search.highlights.snippets import Place
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.lexical import LexicalRetriever
from app.search.retrieval.retrievers import Retriever
from indexer.analysis import Analyzer, Folded
from indexer.generation import Generation
from indexer.lexical import Clause, holds
from indexer.types import to_score
from indexer.weighting import positive_idf

Weights = Mapping[str, Mapping[str, int]]
"""What terms weigh, by view: their `positive_idf`, in units of 2⁻²⁰."""


class Sought:
    """The terms that the lexical retrievers of a request score, and its dense retrievers by their names."""

    def __init__(self, generation: Generation, retrievers: Sequence[Retriever]) -> None:
        lexical = [each for each in retrievers if isinstance(each, LexicalRetriever)]
        self.dense = {each.name: each for each in retrievers if isinstance(each, DenseRetriever)}
        self._clauses = [clause for each in lexical for clause in each.query.clauses]
        self._weights = _weights(generation, self._clauses)
        self._analyzer = generation.analyzer
        self._made: dict[bytes, SoughtTerms] = {}  # by which clauses count

    def terms(self, field: str, ordinal: int) -> "SoughtTerms":
        """What is looked for in a field of a document: the terms that count there."""
        counted = bytes(field in each.fields and _counts(each, ordinal) for each in self._clauses)
        if counted not in self._made:
            terms: dict[str, dict[str, int]] = {}
            for clause, counts in zip(self._clauses, counted, strict=True):
                for view, each in clause.terms.items() if counts else ():
                    terms.setdefault(view, {}).update((term, self._weights[view][term]) for term in each)
            self._made[counted] = SoughtTerms(self._analyzer, terms)
        return self._made[counted]


class SoughtTerms:
    """Terms to be found in texts."""

    def __init__(self, analyzer: Analyzer, weights: Weights) -> None:
        self._weights = weights
        self._finder = analyzer.finder(weights)
        longer = {
            character for terms in weights.values() for term in terms if len(term) > 1 for character in term
        }
        self._minor = longer.intersection(weights.get("characters", ())).difference(weights.get("words", ()))

    def places(self, folded: Folded) -> list[Place]:
        """Where the terms stand in a folded text, as places of the original, ascending.

        A Chinese character that is but a part of a longer term counts where none of the other terms
        stands."""
        found = self._finder.find(folded)
        whole = [each for each in found if each.view != "characters" or each.term not in self._minor]
        return [
            Place(each.start, each.end, (each.view, each.term), self._weights[each.view][each.term])
            for each in whole or found
        ]


def _counts(clause: Clause, ordinal: int) -> bool:
    """Whether the terms of a clause count in a document."""
    return clause.where is None or bool(holds(clause.where, np.array([ordinal], np.int32))[0])


def _weights(generation: Generation, clauses: Sequence[Clause]) -> Weights:
    """What the terms of all clauses weigh."""
    every: dict[str, set[str]] = {}
    for clause in clauses:
        for view, terms in clause.terms.items():
            every.setdefault(view, set()).update(terms)
    return {view: _idfs(generation, view, sorted(terms)) for view, terms in every.items()}


def _idfs(generation: Generation, view: str, terms: Sequence[str]) -> dict[str, int]:
    known = generation.lexical.frequencies(view, terms)
    dfs = [known.get(term, (0, 0))[0] for term in terms]
    idfs = [positive_idf(generation.lexical.n_docs, df) for df in dfs]
    return dict(zip(terms, to_score(np.array(idfs)).tolist(), strict=True))
