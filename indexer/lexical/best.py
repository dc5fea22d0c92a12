"""The best hits so far, and the score that another one has to pass."""

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.adding import Ints

SMALL_K = 64


@compiled
def keep(scores: Ints, ordinals: NDArray[np.int32], n: Int, k: Int, score: Int, ordinal: Int) -> Int:
    """Puts a hit in its place among the best few, best first; how many there are now."""
    place = n if n < k else k - 1
    while place > 0 and scores[place - 1] < score:
        scores[place] = scores[place - 1]
        ordinals[place] = ordinals[place - 1]
        place -= 1
    scores[place] = score
    ordinals[place] = ordinal
    return min(n + 1, k)


@compiled
def cut(scores: Ints, ordinals: NDArray[np.int32], n: Int, k: Int) -> Int:
    """Keeps the k best of n hits that stand in ascending order, in that order; the k-th best score."""
    least: Int = np.partition(scores[:n], n - k)[n - k]
    level = k
    for i in range(n):
        if scores[i] > least:
            level -= 1
    kept = 0
    for i in range(n):
        if scores[i] > least or (scores[i] == least and level > 0):
            if scores[i] == least:
                level -= 1
            scores[kept] = scores[i]
            ordinals[kept] = ordinals[i]
            kept += 1
    return least
