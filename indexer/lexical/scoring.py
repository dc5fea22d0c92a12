"""Scores of documents under a weighting, and the same scores term by term."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from indexer.lexical.lookup import counts_at, postings_of
from indexer.lexical.query import AskedTerm, LexicalQuery
from indexer.lexical.ranker import Scored, SegmentRanker, known_terms, length_scores
from indexer.lexical.segment import Boosts, Segment, weighted
from indexer.lexical.selection import Bits, holds
from indexer.lexical.statistics import Statistics
from indexer.ranking import merged
from indexer.types import Allowed, Ordinals, Ranking
from indexer.weighting import TermStatistics


class FieldShare(NamedTuple):
    """How often a term stands in one field of a document, what the field counts, and what it adds: of the
    score of the term as much as of its tf. `score` is an integer in units of 2⁻²⁰."""

    field: str
    tf: int
    boost: float
    score: int


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one query term adds to one document. `score` is an integer in units of 2⁻²⁰, the sum of those of
    the fields that hold the term."""

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
    fields: Sequence[FieldShare]


@dataclass(frozen=True, slots=True)
class LengthScore:
    """What the length of a document says by itself, where a weighting listens to it."""

    field: str | None
    view: str
    n_terms: float
    doc_len: float
    score: int


class LexicalIndex:
    """Ranks and explains over segments, as if they were one: their ordinals and statistics are those of all
    documents that are there now. Safe for any number of threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.n_docs = segments[0].placement.n_all
        self._statistics = Statistics(segments)
        self._rankers = [SegmentRanker(each, place, self._statistics) for place, each in enumerate(segments)]

    @property
    def fields(self) -> Sequence[str]:
        """The text fields: the segment with the most has those of the others, in the same order."""
        return max((each.store.fields for each in self.segments), key=len)

    @property
    def views(self) -> Sequence[str]:
        """The views."""
        return self.segments[0].store.views

    def rank(self, query: LexicalQuery, depth: int, allowed: Bits | None = None) -> Ranking:
        """The best documents that share a term with the query, whatever its weight.

        `allowed`: the documents that may be found at all; every one where it is None.
        Ties: smaller ordinal. Integer sums: the order of terms does not matter."""
        if depth < 1:
            return Ranking.empty()
        asked = self._asked(query)
        rankings = []
        for ranker in self._rankers:
            found = ranker.rank(query, asked, depth, allowed)
            placement = ranker.segment.placement
            rankings.append(Ranking(placement.outward(found.ordinals), found.scores))
        return merged(rankings, depth)

    def matching(self, query: LexicalQuery) -> Allowed:
        """Which documents share a term with the query. Shape: (n_docs,)."""
        found = np.zeros(self.n_docs, np.bool_)
        for each in self._asked(query):
            fields = query.groups[each.group].fields
            for segment, number in zip(self.segments, each.numbers, strict=True):
                if number >= 0:
                    ordinals, counts = postings_of(segment.arrays, number)
                    counted = segment.placement.outward(
                        ordinals[weighted(counts, segment.weights(fields)) > 0]
                    )
                    found[counted if each.where is None else counted[holds(each.where, counted)]] = True
        return found

    def known_share(self, query: LexicalQuery) -> float:
        """How much of the query the index knows: the idf of its terms that occur over that of all, a term
        that does not occur counting as rarer than any. Range: 0 to 1; 0 for a query without terms."""
        known = total = 0.0
        for clause in query.clauses:
            for view, terms in clause.terms.items():
                found = self._df(view, list(dict.fromkeys(terms)))
                df = np.array(found, np.float64)
                idf = np.log1p((self.n_docs - df + 0.5) / (df + 0.5))
                known += float(idf[df > 0].sum())
                total += float(idf.sum())
        return known / total if total else 0.0

    def frequencies(self, view: str, terms: Iterable[str]) -> Mapping[str, tuple[int, int]]:
        """(df, cf) of those of the terms that occur at all: in how many documents, how often in all."""
        wanted = list(dict.fromkeys(terms))
        found: dict[str, tuple[int, int]] = {}
        for segment in self.segments:
            for term, (df, cf) in segment.frequencies(view, wanted).items():
                before = found.get(term, (0, 0))
                found[term] = before[0] + df, before[1] + cf
        return found

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""
        wanted = np.fromiter(ordinals, np.int32)
        found: dict[int, str] = {}
        for segment in self.segments:
            places, held = segment.placement.located(wanted)
            found.update(zip(places.tolist(), segment.store.doc_ids(held.tolist()), strict=True))
        return [found[place] for place in range(len(wanted))]

    def ordinal(self, doc_id: str) -> int | None:
        """The place of a document, or None where it is not in this index."""
        for segment in self.segments:
            held, there = segment.store.place(doc_id)
            if there and len(placed := segment.placement.outward(np.array([held], np.int32))):
                return int(placed[0])
        return None

    def explain(self, query: LexicalQuery, ordinals: Sequence[int]) -> list[list[TermScore | LengthScore]]:
        """For each document the terms it shares with the query; their scores sum to that of `rank`."""
        explained: list[list[TermScore | LengthScore]] = [[] for _ in ordinals]
        asked = self._asked(query)
        wanted = np.asarray(ordinals, np.int32)
        for ranker in self._rankers:
            places, held = ranker.segment.placement.located(wanted)
            if len(places):
                found = _explained(ranker, query, asked, held, wanted[places])
                for place, each in zip(places.tolist(), found, strict=True):
                    explained[place] = each
        return explained

    def statistics(self, view: str, field: str, df: int, cf: int) -> TermStatistics:
        """Statistics of a term with that df and cf in one view of one field."""
        lane = self._statistics.lane(((field, 1.0),), view)
        return TermStatistics(self.n_docs, df, lane.mean, cf, max(lane.total, cf))

    def _asked(self, query: LexicalQuery) -> list[AskedTerm]:
        """The terms of the query in each group of fields where any document holds them."""
        asked: list[AskedTerm] = []
        places = {group: place for place, group in enumerate(query.groups)}
        for clause in query.clauses:
            groups = query.groups_of(clause)
            for view, terms in clause.terms.items():
                counted = Counter(terms)
                known = [self._statistics.terms(group.fields, view) for group, _ in groups]
                numbered = zip(counted.items(), self._numbers(view, list(counted)), strict=True)
                for (term, query_tf), numbers in numbered:
                    if max(numbers) < 0:
                        continue
                    repeat = query.weighting.repeat(query_tf, query.given)
                    for (group, boost), table in zip(groups, known, strict=True):
                        stats = table[numbers]
                        if stats.df:
                            given = places[group], view, term, numbers, query_tf, repeat * boost, stats
                            asked.append(AskedTerm(*given, clause.where))
        return asked

    def _numbers(self, view: str, terms: Sequence[str]) -> list[tuple[int, ...]]:
        """The number of each term in each segment; -1 where it does not occur."""
        return list(zip(*(each.arrays.numbers(view, terms).tolist() for each in self.segments), strict=True))

    def _df(self, view: str, terms: Sequence[str]) -> list[int]:
        return [self._statistics.spelled_df(each) for each in self._numbers(view, terms)]


def _explained(
    ranker: SegmentRanker,
    query: LexicalQuery,
    asked: Sequence[AskedTerm],
    held: Ordinals,
    ordinals: Ordinals,
) -> list[list[TermScore | LengthScore]]:
    """What is said of documents of one segment, given by their ordinals there and among all."""
    found: list[list[TermScore | LengthScore]] = [[] for _ in held]
    for each in asked:
        if (number := ranker.number(each)) < 0:
            continue
        counts = counts_at(ranker.segment.arrays, number, held)
        scored = ranker.score(query, each, held, counts)
        names = ranker.segment.arrays.fields
        counted = scored.tf > 0 if each.where is None else (scored.tf > 0) & holds(each.where, ordinals)
        for place in np.flatnonzero(counted).tolist():
            counted_by = dict(zip(names, counts[place].tolist(), strict=True))
            found[place].append(_term_score(query, each, scored, place, counted_by))
    if query.weighting.length is None:
        return found
    for (group, view), n_terms in known_terms(asked).items():
        doc_len = ranker.segment.lane(query.groups[group].fields, view).doc_len[held]
        said = length_scores(query, doc_len, n_terms)
        for place, parts in enumerate(found):
            if parts:
                field = query.groups[group].field
                parts.append(LengthScore(field, view, n_terms, float(doc_len[place]), int(said[place])))
    return found


def _term_score(
    query: LexicalQuery, each: AskedTerm, scored: Scored, place: int, counts: Mapping[str, int]
) -> TermScore:
    group, score = query.groups[each.group], int(scored.scores[place])
    return TermScore(
        field=group.field,
        view=each.view,
        term=each.term,
        query_tf=each.query_tf,
        tf=float(scored.tf[place]),
        df=each.stats.df,
        idf=query.weighting.idf(each.stats),
        doc_len=float(scored.doc_len[place]),
        avg_len=each.stats.avg_len,
        score=score,
        fields=_field_shares(group.fields, counts, score),
    )


def _field_shares(boosts: Boosts, counts: Mapping[str, int], score: int) -> list[FieldShare]:
    """The fields that hold a term, in their order; their scores sum to `score` exactly."""
    held = [(field, counts[field], boost) for field, boost in boosts if counts.get(field)]
    reached = list(accumulate(tf * boost for _, tf, boost in held))
    ends = [0, *(round(score * each / reached[-1]) for each in reached)]
    return [FieldShare(*each, ends[place + 1] - ends[place]) for place, each in enumerate(held)]
