"""What every count is worth under one weighting, made ready for the kernel and kept for the next query.

The gain of a posting depends on its code and on the length of its document, not on its term: a table of
all gains is made once, the greatest gain of each block when a term is first asked for."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.adding import BOUND, LANE, NO_FLOOR, TABLE, Floats, Gains, Ints, unpacked
from indexer.lexical.layout import LISTED, ODD, PostingArrays
from indexer.lexical.query import AskedTerm
from indexer.lexical.segment import MOST_CLASSES, Boosts, Segment, weighted
from indexer.lexical.statistics import Statistics
from indexer.types import SCORE_UNIT, Weights
from indexer.weighting import TermStatistics, Weighting, WeightingParameters

LEVELS = (10, 100, 1_000, 10_000)
"""Ranks of which a term's gain is known: so many documents have at least what the term alone gives them."""


class TermImpact(NamedTuple):
    """What a group of fields knows of a term in a segment: its greatest gain, and the gains of rank LEVELS, 0
    where fewer documents hold it; the greatest gains of its blocks are `bounds[begin:end]`. `idf`: that of
    all segments · `row`: the term as the kernel takes it."""

    idf: float
    greatest: float
    levels: tuple[float, ...]
    begin: int
    end: int
    row: tuple[int, ...]


class Impacts:
    """The gains of a weighting over groups of fields in some views of a segment. Safe for any number of
    threads.

    lanes: by group, then view · table_begins, strides, masks: of each lane, where its table begins in
    `gains.table`, how far apart the gains of two codes are, and 0 where they do not depend on the length."""

    def __init__(
        self,
        segment: Segment,
        statistics: Statistics,
        groups: Sequence[Boosts],
        views: Sequence[str],
        weighting: Weighting,
        given: WeightingParameters,
    ) -> None:
        self._arrays = arrays = segment.arrays
        self._weighting = weighting
        self._given = given
        self._views = list(views)
        self.lanes = [segment.lane(group, view) for group in groups for view in views]
        self._means = [statistics.lane(group, view).mean for group in groups for view in views]
        self.n_codes = [lane.n_codes for lane in self.lanes]
        tables = [
            self._gains(lane.tf[:, None], lane.classes[None, :], mean)
            for lane, mean in zip(self.lanes, self._means, strict=True)
        ]
        tables = [each[:, :1] if (each == each[:, :1]).all() else each for each in tables]
        self.strides = [each.shape[1] for each in tables]
        self.masks = [MOST_CLASSES - 1 if stride > 1 else 0 for stride in self.strides]
        self.table_begins = np.cumsum([0, *(each.size for each in tables)]).tolist()
        odd_counts = arrays.postings.odd_counts
        self._odd_tf = [weighted(odd_counts, segment.weights(group)) for group in groups]
        self._n_windows = -(-arrays.n_docs // arrays.window)
        self._n_lists = len(arrays.postings.list_begins)
        self.gains = Gains(
            lens=np.stack([lane.codes for lane in self.lanes if lane.codes is not None]),
            present=np.stack([(lane.tf > 0).astype(np.uint8) for lane in self.lanes]),
            table=np.concatenate([each.ravel() for each in tables]),
            odd_keys=arrays.postings.odd_keys,
            odd=np.stack([self._odd_gains(group) for group in range(len(groups))]),
            bounds=np.zeros(len(groups) * self._n_lists * self._n_windows, np.float64),
        )
        self._terms: dict[tuple[int, int], TermImpact] = {}

    def lane(self, group: int, view: str) -> int:
        """The number of the lane of a view in a group."""
        return group * len(self._views) + self._views.index(view)

    def _term(self, asked: AskedTerm, number: int) -> TermImpact:
        """What is known of a term; it is found out, with its blocks' greatest gains, when first asked."""
        known = self._terms.get((asked.group, number))
        if known is None:
            known = self._find_out(asked.group, self.lane(asked.group, asked.view), number, asked.stats)
            self._terms[asked.group, number] = known
        return known

    def specify(
        self, asked: Sequence[AskedTerm], numbers: Sequence[int], k: int
    ) -> tuple[Ints, Floats, Gains, float, int]:
        """Terms, scales and gains as the kernel takes them, the greatest score there can be, and a score that
        k documents of the segment have at least, whatever else they match (very small where none is known).

        numbers: those of the terms in the segment."""
        found = [self._term(each, number) for each, number in zip(asked, numbers, strict=True)]
        terms = np.array([impact.row for impact in found], np.int64).T.copy()
        level = bisect_left(LEVELS, k)
        sure = [impact.levels[level] if level < len(LEVELS) else 0.0 for impact in found]
        if self._weighting.curve is None:
            scales = [impact.idf * each.factor for impact, each in zip(found, asked, strict=True)]
            most = [scale * impact.greatest for scale, impact in zip(scales, found, strict=True)]
            least = [scale * gain for scale, gain in zip(scales, sure, strict=True)]
            gains = self.gains
        else:
            scales = [each.factor for each in asked]
            most = [self._bent(each, impact.greatest) for each, impact in zip(asked, found, strict=True)]
            least = [self._bent(each, gain) for each, gain in zip(asked, sure, strict=True)]
            gains = self._bent_gains(asked, numbers, found, terms)
        floor = NO_FLOOR
        if max(least) > 0:  # a unit less: a number alone may be rounded otherwise than in an array
            floor = round(max(least) * SCORE_UNIT) - 1
            floor += sum(round(weight * SCORE_UNIT) for weight in most if weight < 0)
        return terms, np.array(scales), gains, sum(map(abs, most)), floor

    def _bent(self, asked: AskedTerm, gain: float) -> float:
        """The weight of a term for this gain."""
        return float(self._weighting.bend(np.array([gain]), asked.factor, asked.stats, self._given)[0])

    def _bent_gains(
        self, asked: Sequence[AskedTerm], numbers: Sequence[int], found: Sequence[TermImpact], terms: Ints
    ) -> Gains:
        """Gains that are weights already, term by term; `terms` is told where those of each begin."""
        assert self._weighting.curve is not None
        tables, bounds, odd = [], [], self.gains.odd.copy()
        table_begin, bounds_begin = 0, 0
        for row, each, number, impact in zip(terms.T, asked, numbers, found, strict=True):
            first, last = self.table_begins[row[LANE]], self.table_begins[row[LANE] + 1]
            tables.append(self._weighting.curve(self.gains.table[first:last], each.stats, self._given))
            greatest = self.gains.bounds[impact.begin : impact.end]
            bounds.append(self._weighting.curve(greatest, each.stats, self._given))
            keys = np.array([number, number + 1]) << 32
            here = slice(*np.searchsorted(self._arrays.postings.odd_keys, keys))
            odd[each.group, here] = self._weighting.curve(
                self.gains.odd[each.group, here], each.stats, self._given
            )
            row[TABLE], row[BOUND] = table_begin, bounds_begin
            table_begin += len(tables[-1])
            bounds_begin += len(bounds[-1])
        return self.gains._replace(table=np.concatenate(tables), odd=odd, bounds=np.concatenate(bounds))

    def _find_out(self, group: int, lane: int, number: int, stats: TermStatistics) -> TermImpact:
        postings = self._arrays.postings
        kind, place = int(postings.kinds[number]), int(postings.places[number])
        begin = end = 0
        if kind == LISTED:
            begin = (group * self._n_lists + place) * self._n_windows
            end = begin + self._n_windows
        greatest, levels = _impact(
            kind,
            place,
            number,
            int(postings.df[number]),
            postings,
            self._odd_tf[group],
            self.gains.odd[group],
            self.lanes[lane].tf,
            self.gains.lens[lane],
            self.gains.table[self.table_begins[lane] : self.table_begins[lane + 1]],
            self.strides[lane],
            self.masks[lane],
            self.gains.bounds[begin:end],
            self._arrays.window,
        )
        bits = int(postings.list_bits[place]) if kind == LISTED else -1
        row = (
            *(kind, place, int(postings.df[number]), number, lane, group),
            *(self.table_begins[lane], self.strides[lane], self.masks[lane], begin, self.n_codes[lane]),
            bits,
        )
        return TermImpact(self._weighting.idf(stats), greatest, tuple(levels.tolist()), begin, end, row)

    def _gains(self, tf: Weights, doc_len: Weights, mean: float) -> Weights:
        """The gains of counts in lengths; 0 where the count is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(tf > 0, self._weighting.gain(tf, doc_len, mean, self._given), 0.0)

    def _odd_gains(self, group: int) -> Weights:
        keys = self._arrays.postings.odd_keys
        views = self._arrays.key_bytes[self._arrays.key_begins[keys >> 32]]
        gains = np.zeros(len(keys), np.float64)
        for name in self._views:
            number = self.lane(group, name)
            here = np.flatnonzero(views == self._arrays.views.index(name))
            doc_len = self.lanes[number].doc_len[keys[here] & 0xFFFFFFFF]
            gains[here] = self._gains(self._odd_tf[group][here], doc_len, self._means[number])
        return gains


@compiled
def _impact(
    kind: int,
    place: int,
    number: int,
    df: int,
    postings: PostingArrays,
    odd_tf: Floats,
    odd_gains: Floats,
    tf: Floats,
    lens: NDArray[np.uint16],
    table: Floats,
    stride: int,
    mask: int,
    bounds: Floats,
    window: int,
) -> tuple[float, Floats]:
    """The greatest gain of a term, and its gains of rank LEVELS, 0 where fewer documents hold it; fills
    `bounds`."""
    most = LEVELS[-1]
    best = np.empty(2 * most, np.float64)  # of the gains, those that may be among the best
    n_best = 0
    least = 0.0
    ordinals = np.empty(0, np.uint32)
    found = np.empty(0, np.uint32)
    ordinal: Int = 0
    at: Int = 0  # number of the window
    if kind != LISTED:
        ordinals, found = unpacked(postings.packed, place, df)
    greatest = 0.0
    for i in range(df):
        if kind == LISTED:
            posting = postings.list_begins[place, 0] + i
            while postings.list_begins[place, at + 1] <= posting:
                at += 1
            ordinal = at * window + np.int64(postings.slots[posting])
            code = np.int64(postings.codes[posting])
        else:
            ordinal = np.int64(ordinals[i])
            code = np.int64(found[i])
        if code == ODD:
            odd = np.searchsorted(postings.odd_keys, number << 32 | ordinal)
            count = odd_tf[odd]
            gain = odd_gains[odd]
        else:
            count = tf[code]
            gain = table[code * stride + (np.int64(lens[ordinal]) & mask)]
        if count > 0:
            if gain > least:
                best[n_best] = gain
                n_best += 1
                if n_best == len(best):
                    best[:most] = np.partition(best, most)[most:]
                    n_best = most
                    least = np.min(best[:most])
            greatest = max(greatest, gain)
            if len(bounds):
                bounds[ordinal // window] = max(bounds[ordinal // window], gain)
    levels = np.zeros(len(LEVELS), np.float64)
    for i in range(len(LEVELS) - 1, -1, -1):
        level = LEVELS[i]
        if n_best >= level:
            best[:level] = np.partition(best[:n_best], n_best - level)[n_best - level :]
            n_best = level
            levels[i] = np.min(best[:level])
    return greatest, levels
