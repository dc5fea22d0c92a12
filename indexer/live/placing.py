"""Where the documents of every segment stand among all that are there now."""

from collections.abc import Sequence

import numpy as np

from indexer.placement import GONE, Placement
from indexer.types import Ordinals

NONE = np.empty(0, np.int32)

Keys = tuple[Sequence[str], Ordinals, Ordinals]
"""Of a segment beside a generation: the keys of its documents, ascending; how many documents of the
generation have a smaller one, (n,); which of its own were replaced or deleted since, ascending."""


def placements(n_docs: int, gone: Ordinals, segments: Sequence[Keys]) -> tuple[Placement, list[Placement]]:
    """The placement of a generation of so many documents, and those of the segments beside it.

    gone: the documents of the generation that were replaced or deleted."""
    live = np.ones(n_docs, np.bool_)
    live[gone] = False
    live_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(live)])
    alive = [np.setdiff1d(np.arange(len(keys)), lost, assume_unique=True) for keys, _, lost in segments]
    every = [keys[i] for (keys, _, _), left in zip(segments, alive, strict=True) for i in left.tolist()]
    before = [each[left] for (_, each, _), left in zip(segments, alive, strict=True)]
    n_all = int(live_before[-1]) + len(every)
    # Before a document of the generation stand also those of the segments with smaller keys.
    inserted = np.cumsum(np.bincount(np.concatenate([NONE, *before]), minlength=n_docs + 1))[:n_docs]
    places = np.where(live, live_before[:-1] + inserted, GONE).astype(np.int32)
    ranks = np.empty(len(every), np.int64)
    ranks[sorted(range(len(every)), key=every.__getitem__)] = np.arange(len(every))
    found: list[Placement] = []
    for (keys, _, _), left, each in zip(segments, alive, before, strict=True):
        held = np.full(len(keys), GONE, np.int32)
        held[left], ranks = live_before[each] + ranks[: len(left)], ranks[len(left) :]
        found.append(Placement(held, n_all))
    return Placement(places, n_all), found
