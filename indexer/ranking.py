"""The best of many scores, exactly."""

from collections.abc import Sequence

import numpy as np

from indexer.types import Ordinals, Ranking, Scores


def ranked(ordinals: Ordinals, scores: Scores, depth: int) -> Ranking:
    """The `depth` best of some hits. Shapes: (n,), (n,). Ties: smaller ordinal, also at the cut."""
    if len(scores) > 2 * depth > 0:
        hopeful = scores >= np.partition(scores, -depth)[-depth]
        ordinals, scores = ordinals[hopeful], scores[hopeful]
    order = np.lexsort((ordinals, -scores))[:depth]
    return Ranking(ordinals[order], scores[order])


def merged(rankings: Sequence[Ranking], depth: int) -> Ranking:
    """The `depth` best hits of rankings that have no document in common, each with at most so many."""
    found = [each for each in rankings if len(each.ordinals)]
    if len(found) == 1:
        return found[0]
    ordinals = np.concatenate([np.empty(0, np.int32), *(each.ordinals for each in found)])
    return ranked(ordinals, np.concatenate([np.empty(0, np.int64), *(each.scores for each in found)]), depth)
