"""The best of many scores, exactly."""

import numpy as np
from numpy.typing import NDArray

from indexer.types import Ordinals, Ranking, Scores


def best(scores: Scores, matched: NDArray[np.bool_], depth: int) -> Ranking:
    """The `depth` best of the matched documents.

    Shapes: scores (n_docs,), matched (n_docs,). Ties: smaller ordinal, also at the cut."""
    candidates = np.flatnonzero(matched).astype(np.int32)
    if not len(candidates):
        return Ranking.empty()
    chosen = _cut(candidates, scores[candidates], depth)
    order = np.lexsort((chosen, -scores[chosen]))
    ranked = chosen[order]
    return Ranking(ranked, scores[ranked], len(candidates))


def _cut(candidates: Ordinals, scores: Scores, depth: int) -> Ordinals:
    """Those at or above the depth-th score; of those that equal it, the first ones."""
    if len(candidates) <= depth:
        return candidates
    threshold = np.partition(scores, len(scores) - depth)[len(scores) - depth]
    above = candidates[scores > threshold]
    level = candidates[scores == threshold]
    return np.concatenate([above, level[: depth - len(above)]])
