"""Scores of one list brought to a scale that lists share.

A document that is not in a list counts 0, so no hit may count less: every normalisation gives 0 or more,
and nothing above √(2n) for n hits. It never turns two hits round.

Adding one: a function of a Ranking, and a line in NORMALIZATIONS."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from indexer.types import SCORE_UNIT, Ranking, Scores, Weights


class Addends(NamedTuple):
    """What a list adds to each of its hits, and how much more for one unit of 2⁻²⁰ of score; slope None: it
    is no line in the scores."""

    values: Weights
    slope: float | None


Normalization = Callable[[Ranking], Addends]


def minmax(ranking: Ranking) -> Addends:
    """(s − min) / (max − min); 1 for every hit where all scores are equal, so also for a single hit.

    Shapes: (n,), best first, also for n = 0. Range: 0 to 1."""
    above = ranking.scores - ranking.scores[-1:]
    return _over(above, above.max(initial=0))


def zscore(ranking: Ranking) -> Addends:
    """(s − min) / std; 1 for every hit where all scores are equal, so also for a single hit.

    The z-score (s − mean) / std, shifted so that the last hit counts 0, as does a document that is not in
    the list: unshifted, a poor hit would count less than no hit. std is that of the population.
    Shapes: (n,), best first, also for n = 0. Range: 0 to √(2n)."""
    above = ranking.scores - ranking.scores[-1:]
    return _over(above, above.std() if above.any() else 0)


def theoretical(ranking: Ranking) -> Addends:
    """(s − least) / (max − least), least being the smallest score that the retriever could give at all.

    So the hits of a list that are all alike stay alike, where `minmax` tears them apart. The smallest of
    the list where the retriever knows no least. 1 for every hit where all scores are the least.
    Shapes: (n,), best first, also for n = 0. Range: 0 to 1.
    Source: Bruch, Gai, Ingber: An analysis of fusion functions for hybrid retrieval, TOIS 2023 (TMM)."""
    above = _above_least(ranking)
    return _over(above, above.max(initial=0))


def distribution(ranking: Ranking) -> Addends:
    """(s − low) / (6 std), low = mean − 3 std, or the last hit's score where that is lower; 1/2 where all
    scores are equal, so also for a single hit.

    A hit counts by how it stands among the others: one that stands out alone does not push the rest to 0.
    std is that of the population. Shapes: (n,), best first, also for n = 0. Range: 0 to √(n / 18) + 1/2.
    Source: Mazzeschi: Distribution-based score fusion, 2023, there cut off at 1."""
    above = (ranking.scores - ranking.scores[-1:]).astype(np.float64)
    if not above.any():
        return Addends(np.full(len(above), 0.5), 0.0)
    low = min(above.mean() - 3 * above.std(), 0.0)
    width = 6 * above.std()
    return Addends((above - low) / width, 1 / width)


def arctan(ranking: Ranking) -> Addends:
    """2 / π · arctan(s − least): the same score counts the same in every list and for every query.

    Shapes: (n,), best first, also for n = 0. Range: 0 to below 1."""
    counted: Weights = np.arctan(_above_least(ranking) / SCORE_UNIT) * (2 / np.pi)
    return Addends(counted, None)


def _over(above: Weights | Scores, width: float) -> Addends:
    """The scores over a width; 1 for each where that is 0."""
    return Addends(above / width, 1 / width) if width else Addends(np.ones(len(above)), 0.0)


def _above_least(ranking: Ranking) -> Weights:
    """How far each score is above the least there can be, in units of 2⁻²⁰; above the last hit's where no
    least is known."""
    least = ranking.scores[-1:] if ranking.least is None else ranking.least
    above: Weights = np.maximum(ranking.scores - least, 0).astype(np.float64)
    return above


NORMALIZATIONS: dict[str, Normalization] = {
    "minmax": minmax,
    "zscore": zscore,
    "theoretical": theoretical,
    "distribution": distribution,
    "arctan": arctan,
}
