"""The vectors of several segments, searched as those of one index."""

from collections.abc import Sequence

import numpy as np

from indexer.placement import Placement
from indexer.ranking import merged
from indexer.types import Allowed, Ordinals, Ranking, Vectors
from indexer.vectors.base import KnownScores, Vector, VectorIndex


class SegmentedVectors:
    """Vectors of one encoder, of which each part knows some documents. Safe for any number of threads."""

    def __init__(self, parts: Sequence[tuple[VectorIndex, Placement]]) -> None:
        """parts: not empty, all of the same dimensions."""
        self._parts = parts
        self.dims = parts[0][0].dims
        self.exact = all(index.exact for index, _ in parts)

    def search(self, query: Vector, depth: int, allowed: Allowed | None = None) -> Ranking:
        """The best `depth` documents that are allowed. Ties: smaller ordinal. Raises: InputError."""
        found = []
        for index, placement in self._parts:
            ranking = index.search(query, depth, _inward(placement, allowed))
            found.append(Ranking(placement.outward(ranking.ordinals), ranking.scores))
        return merged(found, depth)

    def scores(self, query: Vector, ordinals: Ordinals) -> KnownScores:
        """The scores that `search` gives to these documents, in any order. Raises: InputError."""
        scores, present = np.zeros(len(ordinals), np.int64), np.zeros(len(ordinals), np.bool_)
        for index, placement in self._parts:
            places, held = placement.located(ordinals)
            known = index.scores(query, held)
            scores[places], present[places] = known.scores, known.present
        return KnownScores(scores, present)

    def vector(self, ordinal: int) -> Vectors:
        """The rows of a document, a copy. Shapes: (n, dims), n = 0 where it has none."""
        for index, held in self._holder(ordinal):
            return index.vector(held)
        return np.empty((0, self.dims), np.float32)

    def holds(self, ordinal: int, vectors: Vectors) -> bool:
        """Whether these are the rows that were added for a document. Shapes: (n, dims)."""
        return any(index.holds(held, vectors) for index, held in self._holder(ordinal))

    def _holder(self, ordinal: int) -> list[tuple[VectorIndex, int]]:
        """The part that a document is in, and its ordinal there; nothing where it is in none."""
        located = [
            (index, placement.located(np.array([ordinal], np.int32))[1]) for index, placement in self._parts
        ]
        return [(index, int(held[0])) for index, held in located if len(held)]


def _inward(placement: Placement, allowed: Allowed | None) -> Allowed | None:
    if allowed is not None:
        return placement.inward_mask(allowed)
    if not len(placement.gone):
        return None
    live = np.zeros(placement.n_docs, np.bool_)
    live[placement.live] = True
    return live
