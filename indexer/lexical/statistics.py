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


class Statistics:
    """Statistics over all segments, each found out when it is first asked for. Safe for any number of
    threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.n_docs = sum(len(each.placement.live) for each in segments)
        self._segments = segments
        self._lanes: dict[tuple[Boosts, str], LaneStatistics] = {}
        self._terms: dict[tuple[Boosts, str, tuple[int, ...]], TermStatistics] = {}
        self._spelled: dict[tuple[int, ...], int] = {}

    def lane(self, fields: Boosts, view: str) -> LaneStatistics:
        """Of a view of a group of fields."""
        known = self._lanes.get((fields, view))
        if known is None:
            known = self._lanes[fields, view] = self._measured(fields, view)
        return known

    def term(self, fields: Boosts, view: str, numbers: tuple[int, ...]) -> TermStatistics:
        """What a group of fields knows of a term, given by its number in each segment, -1 where it is not."""
        known = self._terms.get((fields, view, numbers))
        if known is None:
            lane = self.lane(fields, view)
            held = self._held(fields, numbers)
            pairs = zip(fields, held.occurrences, strict=True)
            cf = sum(boost * count for (_, boost), count in pairs)
            known = TermStatistics(self.n_docs, held.df, lane.mean, float(cf), lane.total)
            self._terms[fields, view, numbers] = known
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

    def _held(self, fields: Boosts, numbers: tuple[int, ...]) -> Held:
        found = Held(0, tuple(0 for _ in fields))
        for segment, number in zip(self._segments, numbers, strict=True):
            if number >= 0:
                found = found.plus(segment.held(fields, number))
                if len(segment.placement.gone):
                    found = found.plus(segment.held_by_gone(fields, number), -1)
        return found

    def _measured(self, fields: Boosts, view: str) -> LaneStatistics:
        n_filled = 0
        totals = [0] * len(fields)
        for segment in self._segments:
            lane, gone = segment.lane(fields, view), segment.placement.gone
            n_filled += lane.n_filled - int(np.count_nonzero(lane.doc_len[gone]))
            for place, (field, _) in enumerate(fields):
                totals[place] += lane.totals[place]
                if len(gone):
                    totals[place] -= int(segment.lengths(view, field)[gone].sum(dtype=np.int64))
        total = float(sum(boost * each for (_, boost), each in zip(fields, totals, strict=True)))
        return LaneStatistics(total / n_filled if n_filled else 1.0, total)
