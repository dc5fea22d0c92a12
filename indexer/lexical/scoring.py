"""Scores of documents under a weighting, and the same scores term by term.

`bm25f`: the fields of a request are read as one text (BM25F with one `b`): a term's tf is the boosted sum
over the fields, a document's length likewise, df counts the documents that hold it in any of them.
`sum`: each field is scored by itself, and the scores, times the boosts, are added."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from indexer.lexical.base import Column, LexicalStore
from indexer.lexical.selection import best
from indexer.types import Ordinals, Postings, Ranking, Scores, TermKey, Weights, to_score
from indexer.weighting import TermStatistics, Weighting, WeightingParameters

Combine = Literal["bm25f", "sum"]


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """What to score: terms by view, fields with their boosts, and how."""

    terms: Mapping[str, Sequence[str]]
    fields: Mapping[str, float]
    weighting: Weighting
    given: WeightingParameters
    combine: Combine = "bm25f"


@dataclass(frozen=True, slots=True)
class _Group:
    """Fields that are read as one text, with their boosts, and what their score is multiplied by.

    `field` names the one field of a `sum`; it is None where all fields are one text."""

    field: str | None
    fields: tuple[tuple[str, float], ...]
    boost: float


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one query term adds to one document. `score` is an integer in units of 2⁻²⁰."""

    field: str | None
    view: str
    term: str
    query_tf: int
    tf: float
    df: int
    idf: float
    doc_len: float
    avg_len: float
    score: int


@dataclass(frozen=True, slots=True)
class LengthScore:
    """What the length of a document says by itself, where a weighting listens to it."""

    field: str | None
    view: str
    n_terms: int
    doc_len: float
    score: int


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Boosted length of each document, (n_docs,), the mean of those that are not empty, and the sum."""

    by_document: Weights
    mean: float
    total: float


@dataclass(frozen=True, slots=True)
class _Scored:
    """One term in all documents that hold it. Shapes: (df,)."""

    group: _Group
    view: str
    term: str
    query_tf: int
    stats: TermStatistics
    ordinals: Ordinals
    tf: Weights
    doc_len: Weights
    scores: Scores


class LexicalIndex:
    """Ranks and explains over any store of counts."""

    def __init__(self, store: LexicalStore) -> None:
        self.store = store
        self._lengths = lru_cache(maxsize=16)(self._add_lengths)

    def rank(self, query: LexicalQuery, depth: int) -> Ranking:
        """The best documents that share a term with the query, whatever its weight.

        Ties: smaller ordinal. Integer sums: the order of terms does not matter."""
        scores = np.zeros(self.store.n_docs, np.int64)
        matched = np.zeros(self.store.n_docs, np.bool_)
        known: Counter[tuple[_Group, str]] = Counter()
        for term in self._scored_terms(query):
            scores[term.ordinals] += term.scores
            matched[term.ordinals] = True
            known[term.group, term.view] += term.query_tf
        for group, view in known:
            scores += self._scored_lengths(query, group, view, known[group, view])
        return best(scores, matched, depth)

    def explain(self, query: LexicalQuery, ordinals: Sequence[int]) -> list[list[TermScore | LengthScore]]:
        """For each document the terms it shares with the query; their scores sum to that of `rank`."""
        explained: list[list[TermScore | LengthScore]] = [[] for _ in ordinals]
        known: Counter[tuple[_Group, str]] = Counter()
        for term in self._scored_terms(query):
            known[term.group, term.view] += term.query_tf
            idf = query.weighting.idf(term.stats)
            places = np.searchsorted(term.ordinals, np.asarray(ordinals, np.int32))
            for parts, ordinal, place in zip(explained, ordinals, places, strict=True):
                if place < len(term.ordinals) and term.ordinals[place] == ordinal:
                    parts.append(_term_score(term, idf, place))
        if query.weighting.length is not None:
            matched = [(parts, ordinal) for parts, ordinal in zip(explained, ordinals, strict=True) if parts]
            for (group, view), n_terms in known.items():
                scores = self._scored_lengths(query, group, view, n_terms)
                doc_len = self._lengths(group.fields, view).by_document
                for parts, ordinal in matched:
                    said = LengthScore(
                        group.field, view, n_terms, float(doc_len[ordinal]), int(scores[ordinal])
                    )
                    parts.append(said)
        return explained

    def statistics(self, column: Column, df: int, cf: int) -> TermStatistics:
        """Statistics of a term with that df and cf in one column."""
        lengths = self._lengths(((column.field, 1.0),), column.view)
        return TermStatistics(self.store.n_docs, df, lengths.mean, cf, max(lengths.total, cf))

    def _scored_terms(self, query: LexicalQuery) -> Iterator[_Scored]:
        for view, terms in query.terms.items():
            counted = Counter(terms)
            keys = [TermKey(field, view, term) for field in query.fields for term in counted]
            found = self.store.postings(keys) if keys else {}
            for group in _groups(query):
                lengths = self._lengths(group.fields, view)
                for term, query_tf in counted.items():
                    addends = [
                        (found[key], boost)
                        for field, boost in group.fields
                        if (key := TermKey(field, view, term)) in found
                    ]
                    if addends:
                        yield self._score_term(query, group, lengths, view, term, query_tf, addends)

    def _score_term(
        self,
        query: LexicalQuery,
        group: _Group,
        lengths: _Lengths,
        view: str,
        term: str,
        query_tf: int,
        addends: Sequence[tuple[Postings, float]],
    ) -> _Scored:
        ordinals, tf = _combined_counts(addends)
        stats = TermStatistics(self.store.n_docs, len(ordinals), lengths.mean, float(tf.sum()), lengths.total)
        doc_len = lengths.by_document[ordinals]
        weights = query.weighting.weigh(tf, doc_len, stats, query.given)
        scores = to_score(weights * query.weighting.repeat(query_tf, query.given) * group.boost)
        return _Scored(group, view, term, query_tf, stats, ordinals, tf, doc_len, scores)

    def _scored_lengths(self, query: LexicalQuery, group: _Group, view: str, n_terms: int) -> Scores:
        """What the length of every document says; 0 where the weighting does not listen to it."""
        if query.weighting.length is None:
            return np.zeros(self.store.n_docs, np.int64)
        doc_len = self._lengths(group.fields, view).by_document
        return to_score(query.weighting.length(doc_len, n_terms, query.given) * group.boost)

    def _add_lengths(self, fields: tuple[tuple[str, float], ...], view: str) -> _Lengths:
        total = np.zeros(self.store.n_docs, np.float64)
        for field, boost in fields:
            total += boost * self.store.lengths(Column(field, view))
        filled = total[total > 0]
        return _Lengths(total, float(filled.mean()) if len(filled) else 1.0, float(total.sum()))


def _groups(query: LexicalQuery) -> list[_Group]:
    if query.combine == "bm25f":
        return [_Group(None, tuple(query.fields.items()), 1.0)]
    return [_Group(field, ((field, 1.0),), boost) for field, boost in query.fields.items()]


def _combined_counts(addends: Sequence[tuple[Postings, float]]) -> tuple[Ordinals, Weights]:
    """Boosted sum of a term's counts over fields, by ordinal."""
    if len(addends) == 1:
        [(postings, boost)] = addends
        return postings.ordinals, postings.counts * np.float64(boost)
    ordinals, inverse = np.unique(np.concatenate([each.ordinals for each, _ in addends]), return_inverse=True)
    counts = np.concatenate([each.counts * np.float64(boost) for each, boost in addends])
    return ordinals, np.bincount(inverse, weights=counts).astype(np.float64, copy=False)


def _term_score(term: _Scored, idf: float, place: int) -> TermScore:
    return TermScore(
        field=term.group.field,
        view=term.view,
        term=term.term,
        query_tf=term.query_tf,
        tf=float(term.tf[place]),
        df=term.stats.df,
        idf=idf,
        doc_len=float(term.doc_len[place]),
        avg_len=term.stats.avg_len,
        score=int(term.scores[place]),
    )
