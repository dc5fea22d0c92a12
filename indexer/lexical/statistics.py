"""What the segments of an index know together: of the documents that are there now, and of no others.

Every number is a sum of whole numbers, so that it does not depend on how the documents are parted."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from indexer.lexical.segment import Boosts, Held, Segment
from indexer.weighting import TermStatistics


class LaneStatistics(NamedTuple):
    """mean: of the lengths of the documents that are not empty, 1 where there are none · total of all."""

    mean: float
    total: float


class TermTable(dict[tuple[int, ...], TermStatistics]):
    """What a group of fields knows of the terms of a view, given by their numbers in each segment, -1 where
    a term is not. Each is found out when it is first asked for."""

    def __init__(self, segments: Sequence[Segment], n_docs: int, fields: Boosts, view: str) -> None:
        self._segments = segments
        self._n_docs = n_docs
        self._fields = fields
        self.lane = _lane_statistics(segments, fields, view)

    def __missing__(self, numbers: tuple[int, ...]) -> TermStatistics:
        held = Held(0, tuple(0 for _ in self._fields))
        for segment, number in zip(self._segments, numbers, strict=True):
            if number >= 0:
                held = held.plus(segment.held(self._fields, number))
                if len(segment.placement.gone):
                    held = held.plus(segment.held_by_gone(self._fields, number), -1)
        cf = sum(boost * count for (_, boost), count in zip(self._fields, held.occurrences, strict=True))
        lane = self.lane
        self[numbers] = found = TermStatistics(self._n_docs, held.df, lane.mean, float(cf), lane.total)
        return found


class Statistics:
    """Statistics over all segments, each found out when it is first asked for. Safe for any number of
    threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.n_docs = sum(len(each.placement.live) for each in segments)
        self._segments = segments
        self._terms: dict[tuple[Boosts, str], TermTable] = {}
        self._spelled: dict[tuple[int, ...], int] = {}

    def lane(self, fields: Boosts, view: str) -> LaneStatistics:
        """Of a view of a group of fields."""
        return self.terms(fields, view).lane

    def terms(self, fields: Boosts, view: str) -> TermTable:
        """Of the terms of a view in a group of fields."""
        known = self._terms.get((fields, view))
        if known is None:
            known = self._terms[fields, view] = TermTable(self._segments, self.n_docs, fields, view)
        return known

    def spelled_df(self, numbers: tuple[int, ...]) -> int:
        """How many documents hold a term in any field."""
        known = self._spelled.get(numbers)
        if known is None:
            known = self._spelled[numbers] = sum(
                int(segment.df(np.array([number]))[0])
                for segment, number in zip(self._segments, numbers, strict=True)
                if number >= 0
            )
        return known


def _lane_statistics(segments: Sequence[Segment], fields: Boosts, view: str) -> LaneStatistics:
    n_filled = 0
    totals = [0] * len(fields)
    for segment in segments:
        lane, gone = segment.lane(fields, view), segment.placement.gone
        n_filled += lane.n_filled - int(np.count_nonzero(lane.doc_len[gone]))
        for place, (field, _) in enumerate(fields):
            totals[place] += lane.totals[place]
            if len(gone):
                totals[place] -= int(segment.lengths(view, field)[gone].sum(dtype=np.int64))
    total = float(sum(boost * each for (_, boost), each in zip(fields, totals, strict=True)))
    return LaneStatistics(total / n_filled if n_filled else 1.0, total)
