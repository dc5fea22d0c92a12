"""The nearest of some documents, exactly, over any index of vectors."""

import numpy as np
from numpy.typing import NDArray

from indexer.types import Ranking
from indexer.vectors.base import Vector, VectorIndex

FEW = 4_096
"""Documents up to which each is scored by itself: about what one search costs."""


def search_within(
    index: VectorIndex, query: Vector, depth: int, allowed: NDArray[np.bool_], few: int = FEW
) -> Ranking:
    """The best `depth` of the documents that are allowed and have a vector. Ties: smaller ordinal.

    allowed (n_docs,). Of many the ranking of all is looked through, deeper and deeper, until it holds as
    many as are wanted."""
    wanted = np.flatnonzero(allowed).astype(np.int32)
    if len(wanted) <= few:
        known = index.scores(query, wanted)
        ordinals, scores = wanted[known.present], known.scores[known.present]
        order = np.lexsort((ordinals, -scores))[:depth]
        return Ranking(ordinals[order], scores[order])
    reach = depth
    while True:
        ranking = index.search(query, reach)
        found = np.flatnonzero(allowed[ranking.ordinals])[:depth]
        if len(found) == depth or len(ranking.ordinals) < reach:
            return Ranking(ranking.ordinals[found], ranking.scores[found])
        reach *= 4
