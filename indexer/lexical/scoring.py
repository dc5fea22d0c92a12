"""Scores of documents under a weighting, and the same scores term by term."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexer.lexical.adding import NO_FLOOR
from indexer.lexical.arrays import Arrays
from indexer.lexical.base import LexicalStore
from indexer.lexical.best import SMALL_K
from indexer.lexical.candidates import scratch
from indexer.lexical.impacts import Impacts, Lane, measure
from indexer.lexical.kernel import (
    MOST_SCORE,
    MOST_TERMS,
    NO_LENGTHS,
    Lengths,
    best_documents,
)
from indexer.lexical.lookup import counts_at, postings_of
from indexer.lexical.query import AskedTerm, Group, LexicalQuery
from indexer.lexical.selection import EVERYONE, Bits, any_of, bits_of, holds, ranked
from indexer.types import SCORE_UNIT, Allowed, Counts, Ordinals, Ranking, Scores, Weights, to_score
from indexer.weighting import TermStatistics, Weighting, WeightingParameters

MOST_WEIGHT = 2.0**32
"""No term adds more to a score, so that no sum leaves the 63 bits."""
_KEPT_LANES = 64
_KEPT_IMPACTS = 8
_SAMPLED = 1_024
"""Words of bits that tell about how many documents a filter allows."""


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
    n_terms: float
    doc_len: float
    score: int


class _Scratch(threading.local):
    """The kernel's accumulators, one set a thread: zeros before and after each call."""

    def __init__(self, window: int) -> None:
        self.of_kernel = scratch(window)


class LexicalIndex:
    """Ranks and explains over a store of counts and its serving form. Safe for any number of threads."""

    def __init__(self, store: LexicalStore, arrays: Arrays) -> None:
        self.store = store
        self._arrays = arrays
        self._scratch = _Scratch(arrays.window)
        self._lane = lru_cache(maxsize=_KEPT_LANES)(self._measured)
        self._impacts = lru_cache(maxsize=_KEPT_IMPACTS)(self._made_ready)

    def rank(self, query: LexicalQuery, depth: int, allowed: Bits | None = None) -> Ranking:
        """The best documents that share a term with the query, whatever its weight.

        `allowed`: the documents that may be found at all; every one where it is None.
        Ties: smaller ordinal. Integer sums: the order of terms does not matter."""
        if depth < 1:
            return Ranking.empty()
        impacts = self._impacts_of(query)
        asked = list(self._asked(query, impacts))
        partial = [each.where for each in asked if each.where is not None]
        if not partial:
            return self._rank(query, impacts, asked, asked, depth, allowed)
        apart = any_of(partial, self.store.n_docs)
        among = bits_of(slice(None), self.store.n_docs) if allowed is None else allowed
        everywhere = [each for each in asked if each.where is None]
        rankings = [
            self._rank_each(query, asked, depth, among & apart),
            self._rank(query, impacts, asked, everywhere, depth, among & ~apart),
        ]
        ordinals = np.concatenate([each.ordinals for each in rankings])
        return ranked(ordinals, np.concatenate([each.scores for each in rankings]), depth)

    def _rank(
        self,
        query: LexicalQuery,
        impacts: Impacts | None,
        asked: Sequence[AskedTerm],
        counted: Sequence[AskedTerm],
        depth: int,
        allowed: Bits | None,
    ) -> Ranking:
        """The best of the documents in which of the terms that are asked for these count."""
        if not counted:
            return Ranking.empty()
        if impacts is None or len(counted) > MOST_TERMS:
            return self._rank_each(query, asked, depth, allowed)
        among = EVERYONE if allowed is None else allowed
        level = depth
        if allowed is not None:  # among how many should there be enough? Half, as the other terms help
            sampled = among[:: max(len(among) // _SAMPLED, 1)]
            found = max(2 * int(np.bitwise_count(sampled).sum()), 1)
            level = depth * 64 * len(sampled) // found
        terms, scales, gains, most, floor = impacts.specify(counted, level)
        if most * SCORE_UNIT > MOST_SCORE:
            return self._rank_each(query, asked, depth, allowed)
        lengths = NO_LENGTHS
        if query.weighting.length is not None:
            lengths = self._lengths(query, asked, impacts)
            floor += lengths.least
        postings, n_docs, scratch = self._arrays.postings, self._arrays.n_docs, self._scratch.of_kernel
        given = terms, scales, postings, gains, lengths, among, n_docs, depth
        ordinals, scores = best_documents(*given, floor, scratch)
        if len(ordinals) < depth and allowed is not None and floor > NO_FLOOR:  # they are rarer
            ordinals, scores = best_documents(*given, NO_FLOOR, scratch)
        return Ranking(ordinals, scores) if depth <= SMALL_K else ranked(ordinals, scores, depth)

    def matching(self, query: LexicalQuery) -> Allowed:
        """Which documents share a term with the query. Shape: (n_docs,)."""
        found = np.zeros(self.store.n_docs, np.bool_)
        for each in self._asked(query, self._impacts_of(query)):
            ordinals, counts = postings_of(self._arrays, each.number)
            counted = counts @ self._weights(query.groups[each.group]) > 0
            if each.where is not None:
                counted &= holds(each.where, ordinals)
            found[ordinals[counted]] = True
        return found

    def known_share(self, query: LexicalQuery) -> float:
        """How much of the query the index knows: the idf of its terms that occur over that of all, a term
        that does not occur counting as rarer than any. Range: 0 to 1; 0 for a query without terms."""
        known = total = 0.0
        for clause in query.clauses:
            for view, terms in clause.terms.items():
                numbers = self._arrays.numbers(view, list(dict.fromkeys(terms)))
                df = np.zeros(len(numbers))
                df[numbers >= 0] = self._arrays.postings.df[numbers[numbers >= 0]]
                idf = np.log1p((self.store.n_docs - df + 0.5) / (df + 0.5))
                known += float(idf[df > 0].sum())
                total += float(idf.sum())
        return known / total if total else 0.0

    @property
    def arrays(self) -> Arrays:
        """The serving form."""
        return self._arrays

    def explain(self, query: LexicalQuery, ordinals: Sequence[int]) -> list[list[TermScore | LengthScore]]:
        """For each document the terms it shares with the query; their scores sum to that of `rank`."""
        wanted = np.asarray(ordinals, np.int32)
        asked = list(self._asked(query, self._impacts_of(query)))
        explained: list[list[TermScore | LengthScore]] = [[] for _ in ordinals]
        for each in asked:
            scored = self._score(query, each, wanted, counts_at(self._arrays, each.number, wanted))
            counted = scored.tf > 0 if each.where is None else (scored.tf > 0) & holds(each.where, wanted)
            for place in np.flatnonzero(counted).tolist():
                explained[place].append(_term_score(query, each, scored, place))
        for (group, view), n_terms in _known_terms(asked).items():
            for place in range(len(ordinals)):
                if query.weighting.length is not None and explained[place]:
                    doc_len = self._lane(query.groups[group].fields, view).doc_len[wanted[place : place + 1]]
                    said = int(_length_scores(query, doc_len, n_terms)[0])
                    field = query.groups[group].field
                    explained[place].append(LengthScore(field, view, n_terms, float(doc_len[0]), said))
        return explained

    def statistics(self, view: str, field: str, df: int, cf: int) -> TermStatistics:
        """Statistics of a term with that df and cf in one view of one field."""
        lane = self._lane(((field, 1.0),), view)
        return TermStatistics(self.store.n_docs, df, lane.mean, cf, max(lane.total, cf))

    def _asked(self, query: LexicalQuery, impacts: Impacts | None) -> Iterator[AskedTerm]:
        """The terms of the query in each group of fields where any document holds them."""
        places = {group: place for place, group in enumerate(query.groups)}
        for clause in query.clauses:
            groups = query.groups_of(clause)
            for view, terms in clause.terms.items():
                counted = Counter(terms)
                numbers = self._arrays.numbers(view, list(counted)).tolist()
                for number, (term, query_tf) in zip(numbers, counted.items(), strict=True):
                    if number < 0:
                        continue
                    repeat = query.weighting.repeat(query_tf, query.given)
                    for group, boost in groups:
                        place = places[group]
                        if impacts is None:
                            stats = self._statistics(group, view, number)
                        else:
                            stats = impacts.term(place, view, number).stats
                        if stats.df:
                            factor = repeat * boost
                            yield AskedTerm(place, view, term, number, query_tf, factor, stats, clause.where)

    def _statistics(self, group: Group, view: str, number: int) -> TermStatistics:
        """What a group of fields knows of a term."""
        _, counts = postings_of(self._arrays, number)
        tf = counts @ self._weights(group)
        lane = self._lane(group.fields, view)
        return TermStatistics(self.store.n_docs, int((tf > 0).sum()), lane.mean, float(tf.sum()), lane.total)

    def _rank_each(
        self, query: LexicalQuery, asked: Sequence[AskedTerm], depth: int, allowed: Bits | None
    ) -> Ranking:
        """The same by scoring every document: for what the kernel's numbers have no room for."""
        scores = np.zeros(self.store.n_docs, np.int64)
        matched = np.zeros(self.store.n_docs, np.bool_)
        for each in asked:
            ordinals, counts = postings_of(self._arrays, each.number, allowed)
            if each.where is not None:
                counted = holds(each.where, ordinals)
                ordinals, counts = ordinals[counted], counts[counted]
            scored = self._score(query, each, ordinals, counts)
            scores[ordinals] += scored.scores
            matched[ordinals[scored.tf > 0]] = True
        for (place, view), n_terms in _known_terms(asked).items():
            group = query.groups[place]
            scores += _length_scores(query, self._lane(group.fields, view).doc_len, n_terms)
        found = np.flatnonzero(matched).astype(np.int32)
        return ranked(found, scores[found], depth)

    def _score(self, query: LexicalQuery, each: AskedTerm, ordinals: Ordinals, counts: Counts) -> "_Scored":
        """The definition: what a term adds to documents with these counts, 0 where they are 0."""
        group = query.groups[each.group]
        tf = counts @ self._weights(group)
        doc_len = self._lane(group.fields, each.view).doc_len[ordinals]
        held = tf > 0
        gains = query.weighting.gain(tf[held], doc_len[held], each.stats.avg_len, query.given)
        scores = np.zeros(len(ordinals), np.int64)
        weights = query.weighting.bend(gains, each.factor, each.stats, query.given)
        scores[held] = to_score(np.minimum(weights, MOST_WEIGHT))
        return _Scored(tf, doc_len, scores)

    def _lengths(self, query: LexicalQuery, asked: Sequence[AskedTerm], impacts: Impacts) -> Lengths:
        """What the length says, as the kernel takes it."""
        lanes: list[int] = []
        tables: list[Scores] = []
        for (place, view), n_terms in _known_terms(asked).items():
            lanes.append(impacts.lane(place, view))
            tables.append(_length_scores(query, impacts.lanes[lanes[-1]].classes, n_terms))
        begins = np.cumsum([0, *map(len, tables)], dtype=np.int64)
        least, most = (sum(int(best(table)) for table in tables) for best in (np.min, np.max))
        return Lengths(np.array(lanes, np.int64), begins, np.concatenate(tables), least, most)

    def _weights(self, group: Group) -> Weights:
        boosts = dict(group.fields)
        return np.array([boosts.get(field, 0.0) for field in self._arrays.fields])

    def _impacts_of(self, query: LexicalQuery) -> Impacts | None:
        """The gains of the query's weighting; None where they have no room, or nothing is asked for."""
        groups = tuple(group.fields for group in query.groups)
        if not groups:
            return None
        return self._impacts(query.weighting, query.given, groups, tuple(self.store.views))

    def _made_ready(
        self,
        weighting: Weighting,
        given: WeightingParameters,
        groups: tuple[tuple[tuple[str, float], ...], ...],
        views: tuple[str, ...],
    ) -> Impacts | None:
        lanes = [[self._lane(group, view) for view in views] for group in groups]
        if any(lane.codes is None for group in lanes for lane in group):
            return None
        boosts = [dict(group) for group in groups]
        return Impacts(self._arrays, lanes, boosts, views, weighting, given)

    def _measured(self, fields: tuple[tuple[str, float], ...], view: str) -> Lane:
        return measure(self.store, self._arrays, view, dict(fields))


@dataclass(frozen=True, slots=True)
class _Scored:
    """A term in some documents: its tf, their lengths, and what it adds. Shapes: (n,)."""

    tf: Weights
    doc_len: Weights
    scores: Scores


def _known_terms(asked: Sequence[AskedTerm]) -> Mapping[tuple[int, str], float]:
    """How many terms of the query each view of each group knows, counted by their factors."""
    known: dict[tuple[int, str], float] = {}
    for each in asked:
        known[each.group, each.view] = known.get((each.group, each.view), 0.0) + each.factor
    return known


def _length_scores(query: LexicalQuery, doc_len: Weights, n_terms: float) -> Scores:
    """What these lengths say; 0 where the weighting does not listen to them."""
    if query.weighting.length is None:
        return np.zeros(len(doc_len), np.int64)
    said = query.weighting.length(doc_len, n_terms, query.given)
    return to_score(np.clip(said, -MOST_WEIGHT, MOST_WEIGHT))


def _term_score(query: LexicalQuery, each: AskedTerm, scored: _Scored, place: int) -> TermScore:
    return TermScore(
        field=query.groups[each.group].field,
        view=each.view,
        term=each.term,
        query_tf=each.query_tf,
        tf=float(scored.tf[place]),
        df=each.stats.df,
        idf=query.weighting.idf(each.stats),
        doc_len=float(scored.doc_len[place]),
        avg_len=each.stats.avg_len,
        score=int(scored.scores[place]),
    )
