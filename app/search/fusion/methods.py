"""How the hits of one list count: by their ranks, or by their scores.

Adding a method: a function, and a line in FUSIONS."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from app.search.fusion.normalization import Addends, Normalization
from indexer.types import Ranking


class Method(NamedTuple):
    """addends: (ranking, normalisation, k) → what the list adds to each of its hits, before its weight ·
    by_agreement: whether the sum is multiplied by the number of lists that hold the document."""

    addends: Callable[[Ranking, Normalization, float], Addends]
    by_agreement: bool = False


def by_rank(ranking: Ranking, _: Normalization, k: float) -> Addends:
    """1 / (k + rank), rank from 1.

    Range: above 0, below 1 / k. Source: Cormack, Clarke, Büttcher: Reciprocal rank fusion outperforms
    Condorcet and individual rank learning methods, SIGIR 2009; k = 60 is theirs. Example: 1/61 + 1/62."""
    return Addends(1 / (k + np.arange(1, len(ranking.ordinals) + 1)), None)


def by_score(ranking: Ranking, normalization: Normalization, _: float) -> Addends:
    """The scores of the list, normalised.

    Range: that of the normalisation. Ties: scores that are closer than 2⁻⁴⁰ of it, times the weight."""
    return normalization(ranking)


RRF = "rrf"

FUSIONS: dict[str, Method] = {
    RRF: Method(by_rank),
    "linear": Method(by_score),
    # Source: Fox, Shaw: Combination of multiple searches, TREC-2, 1994.
    "combmnz": Method(by_score, by_agreement=True),
}
