"""Maximal marginal relevance: a hit that is like one above it counts less.

The next hit is always the one whose score less its penalty is greatest. A penalty only grows while hits are
taken, so the new scores fall down the list like any others, and each is the sum of its parts."""

import numpy as np

from app.search.fusion import FUSED_UNIT, Contribution, Fused
from indexer.types import Vectors, to_score

DIVERSITY = "(diversity)"
"""The part that is below 0: what likeness to the hits above takes from a score."""

MOST_PICKS = 200
"""Hits that are chosen one by one; those behind them are ordered by their likeness to these."""


def diversify(fused: Fused, vectors: Vectors, relevance: float) -> Fused:
    """The hits, each scored less by (1 − λ) / λ · best score · its cosine with the most similar hit above.

    Shapes: vectors (n, dims), as the hits, of length 1; 0 where a document has none, which is like no other.
    Range: λ = `relevance`, above 0 to 1; 1 changes nothing. Ties: smaller ordinal.
    Source: Carbonell, Goldstein: The use of MMR, SIGIR 1998; divided by λ, which changes no order."""
    n = len(fused.ordinals)
    best = int(fused.scores.max(initial=0)) or FUSED_UNIT
    scale = (1 - relevance) / relevance * best
    likeness, penalties = np.zeros(n), np.zeros(n, np.int64)
    waiting = np.ones(n, np.bool_)
    wide = vectors.astype(np.float64)
    for _ in range(min(n, MOST_PICKS)):
        worth = np.where(waiting, fused.scores - penalties, np.iinfo(np.int64).min)
        level = np.flatnonzero(worth == worth.max())
        pick = int(level[np.argmin(fused.ordinals[level])])
        waiting[pick] = False
        # Not a matrix product: BLAS adds in an order that depends on how many rows there are.
        nearness = (wide * wide[pick]).sum(axis=1)
        likeness[waiting] = np.maximum(likeness, nearness)[waiting]
        penalties[waiting] = np.rint(scale * likeness[waiting])
    part = Contribution(-penalties, np.zeros(n, np.int32), to_score(likeness), "diversity")
    return fused.rescored({**fused.parts, DIVERSITY: part})
