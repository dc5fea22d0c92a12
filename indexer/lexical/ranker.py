"""The best documents of one segment, and what each of their terms adds."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from indexer.lexical.adding import NO_FLOOR
from indexer.lexical.best import SMALL_K
from indexer.lexical.candidates import scratch
from indexer.lexical.impacts import Impacts
from indexer.lexical.kernel import MOST_SCORE, MOST_TERMS, NO_LENGTHS, Lengths, best_documents
from indexer.lexical.lookup import postings_of
from indexer.lexical.query import AskedTerm, LexicalQuery
from indexer.lexical.segment import Boosts, Segment, weighted
from indexer.lexical.selection import EVERYONE, Bits, any_of, bits_of, holds
from indexer.lexical.statistics import Statistics
from indexer.ranking import merged, ranked
from indexer.types import SCORE_UNIT, Counts, Ordinals, Ranking, Scores, Weights, to_score
from indexer.weighting import Weighting, WeightingParameters

MOST_WEIGHT = 2.0**32
"""No term adds more to a score, so that no sum leaves the 63 bits."""
_KEPT_IMPACTS = 8
_SAMPLED = 1_024
"""Words of bits that tell about how many documents a filter allows."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A term in some documents: its tf, their lengths, and what it adds. Shapes: (n,)."""

    tf: Weights
    doc_len: Weights
    scores: Scores


class _Scratch(threading.local):
    """The kernel's accumulators by window, one set a thread: zeros before and after each call."""

    def __init__(self) -> None:
        self.of_window = lru_cache(scratch)


_SCRATCH = _Scratch()


class SegmentRanker:
    """Ranks the documents of one segment by the statistics of all. Ordinals are those in the segment."""

    def __init__(self, segment: Segment, place: int, statistics: Statistics) -> None:
        """place: that of the segment in the numbers of a term."""
        self.segment = segment
        self._place = place
        self._statistics = statistics
        self._impacts = lru_cache(maxsize=_KEPT_IMPACTS)(partial(_impacts, segment, statistics))

    def number(self, asked: AskedTerm) -> int:
        """The number of a term here; -1 where it is not."""
        return asked.numbers[self._place]

    def rank(
        self, query: LexicalQuery, asked: Sequence[AskedTerm], depth: int, allowed: Bits | None
    ) -> Ranking:
        """The best documents of those allowed, a set of all documents."""
        held = [each for each in asked if self.number(each) >= 0]
        among = self.segment.inward(allowed)
        wheres = {id(each.where): self.segment.inward(each.where) for each in held if each.where is not None}
        if not wheres:
            return self._rank(query, held, asked, depth, among)
        held = [each._replace(where=wheres.get(id(each.where))) for each in held]
        n_docs = self.segment.store.n_docs
        apart = any_of([each.where for each in held if each.where is not None], n_docs)
        among = bits_of(slice(None), n_docs) if among is None else among
        everywhere = [each for each in held if each.where is None]
        rankings = [
            self._rank_each(query, held, asked, depth, among & apart),
            self._rank(query, everywhere, asked, depth, among & ~apart),
        ]
        return merged(rankings, depth)

    def score(self, query: LexicalQuery, each: AskedTerm, ordinals: Ordinals, counts: Counts) -> Scored:
        """The definition: what a term adds to documents with these counts, 0 where they are 0."""
        fields = query.groups[each.group].fields
        tf = weighted(counts, self.segment.weights(fields))
        doc_len = self.segment.lane(fields, each.view).doc_len[ordinals]
        held = tf > 0
        gains = query.weighting.gain(tf[held], doc_len[held], each.stats.avg_len, query.given)
        scores = np.zeros(len(ordinals), np.int64)
        weights = query.weighting.bend(gains, each.factor, each.stats, query.given)
        scores[held] = to_score(np.minimum(weights, MOST_WEIGHT))
        return Scored(tf, doc_len, scores)

    def _rank(
        self,
        query: LexicalQuery,
        held: Sequence[AskedTerm],
        asked: Sequence[AskedTerm],
        depth: int,
        among: Bits | None,
    ) -> Ranking:
        """The best of the documents in which these terms count. asked: all, held here or not."""
        if not held:
            return Ranking.empty()
        impacts = self._impacts_of(query) if len(held) <= MOST_TERMS else None
        if impacts is None:
            return self._rank_each(query, held, asked, depth, among)
        level = depth if among is None else _level(depth, among)
        numbers = [self.number(each) for each in held]
        terms, scales, gains, most, floor = impacts.specify(held, numbers, level)
        if most * SCORE_UNIT > MOST_SCORE:
            return self._rank_each(query, held, asked, depth, among)
        lengths = NO_LENGTHS
        if query.weighting.length is not None:
            lengths = _lengths(query, asked, impacts)
            floor += lengths.least
        arrays, allowed = self.segment.arrays, EVERYONE if among is None else among
        given = terms, scales, arrays.postings, gains, lengths, allowed, arrays.n_docs, depth
        scratched = _SCRATCH.of_window(arrays.window)
        ordinals, scores = best_documents(*given, floor, scratched)
        if len(ordinals) < depth and among is not None and floor > NO_FLOOR:  # they are rarer
            ordinals, scores = best_documents(*given, NO_FLOOR, scratched)
        return Ranking(ordinals, scores) if depth <= SMALL_K else ranked(ordinals, scores, depth)

    def _rank_each(
        self,
        query: LexicalQuery,
        held: Sequence[AskedTerm],
        asked: Sequence[AskedTerm],
        depth: int,
        among: Bits | None,
    ) -> Ranking:
        """The same by scoring every document: for what the kernel's numbers have no room for."""
        scores = np.zeros(self.segment.store.n_docs, np.int64)
        matched = np.zeros(self.segment.store.n_docs, np.bool_)
        for each in held:
            ordinals, counts = postings_of(self.segment.arrays, self.number(each), among)
            if each.where is not None:
                counted = holds(each.where, ordinals)
                ordinals, counts = ordinals[counted], counts[counted]
            scored = self.score(query, each, ordinals, counts)
            scores[ordinals] += scored.scores
            matched[ordinals[scored.tf > 0]] = True
        for (place, view), n_terms in known_terms(asked).items():
            doc_len = self.segment.lane(query.groups[place].fields, view).doc_len
            scores += length_scores(query, doc_len, n_terms)
        found = np.flatnonzero(matched).astype(np.int32)
        return ranked(found, scores[found], depth)

    def _impacts_of(self, query: LexicalQuery) -> Impacts | None:
        """The gains of the query's weighting; None where the kernel's numbers have no room for them."""
        groups = tuple(group.fields for group in query.groups)
        return self._impacts(query.weighting, query.given, groups, tuple(self.segment.store.views))


def known_terms(asked: Sequence[AskedTerm]) -> Mapping[tuple[int, str], float]:
    """How many terms of the query each view of each group knows, counted by their factors."""
    known: dict[tuple[int, str], float] = {}
    for each in asked:
        known[each.group, each.view] = known.get((each.group, each.view), 0.0) + each.factor
    return known


def length_scores(query: LexicalQuery, doc_len: Weights, n_terms: float) -> Scores:
    """What these lengths say; 0 where the weighting does not listen to them."""
    if query.weighting.length is None:
        return np.zeros(len(doc_len), np.int64)
    said = query.weighting.length(doc_len, n_terms, query.given)
    return to_score(np.clip(said, -MOST_WEIGHT, MOST_WEIGHT))


def _impacts(
    segment: Segment,
    statistics: Statistics,
    weighting: Weighting,
    given: WeightingParameters,
    groups: tuple[Boosts, ...],
    views: tuple[str, ...],
) -> Impacts | None:
    if any(segment.lane(group, view).codes is None for group in groups for view in views):
        return None
    return Impacts(segment, statistics, groups, views, weighting, given)


def _lengths(query: LexicalQuery, asked: Sequence[AskedTerm], impacts: Impacts) -> Lengths:
    """What the length says, as the kernel takes it."""
    lanes: list[int] = []
    tables: list[Scores] = []
    for (place, view), n_terms in known_terms(asked).items():
        lanes.append(impacts.lane(place, view))
        tables.append(length_scores(query, impacts.lanes[lanes[-1]].classes, n_terms))
    begins = np.cumsum([0, *map(len, tables)], dtype=np.int64)
    least, most = (sum(int(best(table)) for table in tables) for best in (np.min, np.max))
    return Lengths(np.array(lanes, np.int64), begins, np.concatenate(tables), least, most)


def _level(depth: int, among: Bits) -> int:
    """Among how many documents of all there should be enough of these; half, as the other terms help."""
    sampled = among[:: max(len(among) // _SAMPLED, 1)]
    found = max(2 * int(np.bitwise_count(sampled).sum()), 1)
    return depth * 64 * len(sampled) // found
