"""The weight of one list that brings a document among the first hits, in closed form.

Under every fusion here a score is a line in the weight of a list: what the other lists give, and the weight
times what this one gives. So two documents change places at one weight at most, where their lines cross, and
between two crossings next to each other the order is the same."""

from collections.abc import Iterator, Mapping
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search.fusion import FusionSettings, fuse, retriever_weights
from app.search.whynot.way import place_of
from indexer.types import Ranking

MOST_WEIGHT = 1_000.0
DIGITS = 3
"""Of a weight that is proposed, where so few say it."""


class Interval(NamedTuple):
    """Weights between which a document is among the first hits."""

    low: float
    high: float

    def nearest(self, weight: float) -> float:
        """A weight inside that is near to another one, in few digits."""
        if self.low < weight < self.high:
            return weight
        upwards = weight <= self.low
        edge = self.low if upwards else self.high
        first = DIGITS - 1 - floor(log10(edge)) if edge else DIGITS
        for digits in range(first, first + 14):
            scale = 10.0**digits
            found = (floor(edge * scale) + 1) / scale if upwards else (ceil(edge * scale) - 1) / scale
            if self.low < found < self.high:
                return found
        return (self.low + self.high) / 2


def intervals(
    lists: Mapping[str, Ranking], settings: FusionSettings, name: str, ordinal: int, limit: int
) -> list[Interval]:
    """The weights of one list, above 0 to 1,000, at which a document is among the first `limit` fused hits.

    Intervals that touch are one; at their ends lines cross."""
    weights = {**retriever_weights(settings, lists), name: 1.0}
    fused = fuse(lists, settings.model_copy(update={"weights": weights}))
    own = place_of(fused.ordinals, ordinal)
    if own is None:
        return []
    given = fused.parts[name].contributions
    slopes = (given - given[own]).astype(np.float64)
    offsets = ((fused.scores - given) - (fused.scores - given)[own]).astype(np.float64)
    others = np.arange(len(given)) != own
    return list(_joined(*_counted(offsets[others], slopes[others]), limit))


def _counted(
    offsets: NDArray[np.float64], slopes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The weights where lines cross, with both bounds, ascending, (n + 1,), and how many others stand above
    between each two, (n,). offsets, slopes: of the others less those of the document."""
    level = slopes == 0
    crossings = -offsets[~level] / slopes[~level]
    rising = slopes[~level] > 0  # above from the crossing on; the others up to it
    inside = crossings[(crossings > 0) & (crossings < MOST_WEIGHT)]
    edges = np.unique(np.concatenate([[0.0], inside, [MOST_WEIGHT]]))
    middles = (edges[:-1] + edges[1:]) / 2
    above = np.count_nonzero(offsets[level] >= 0)  # a tie is no place to rely on
    risen = np.searchsorted(np.sort(crossings[rising]), middles)
    falling = np.sort(crossings[~rising])
    return edges, above + risen + len(falling) - np.searchsorted(falling, middles)


def _joined(edges: NDArray[np.float64], above: NDArray[np.int64], limit: int) -> Iterator[Interval]:
    """The runs of intervals in which fewer than `limit` others stand above."""
    low: float | None = None
    for place, fits in enumerate((above < limit).tolist()):
        if fits and low is None:
            low = float(edges[place])
        if low is not None and (not fits or place == len(above) - 1):
            yield Interval(low, float(edges[place] if not fits else edges[place + 1]))
            low = None
