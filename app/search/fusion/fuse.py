"""The fused ranking: weighted sums of what each list adds to a document.

A fusion method turns one list into addends, best first, of the same shape. Each contribution is rounded
once to a multiple of 2⁻⁴⁰ and added as an integer: sums do not depend on the order of the lists, ties are
true, and the parts add up exactly to the score. The 2⁻²⁰ of a retriever's own scores would be too coarse:
1 / (60 + 986) and 1 / (60 + 987) would tie."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.search.fusion.methods import FUSIONS, RRF
from app.search.fusion.normalization import NORMALIZATIONS
from app.search.fusion.settings import FusionSettings
from indexer.errors import InputError, UnknownNameError
from indexer.types import SCORE_UNIT, Ordinals, Ranking, Scores, Weights

Places = NDArray[np.intp] | slice

FUSED_UNIT = 2**40
"""Fused scores are integers in units of 2⁻⁴⁰."""
UNFUSED = "unfused"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one retriever, or a later stage, gave to each fused hit, and how that follows from its own scores.

    Shapes: all (n,), as the hits. A hit that is not in its list has contribution, rank and score 0; the ranks
    of a stage that makes no list are all 0. formula: the name of what made contributions of scores · slopes:
    how much a contribution grows with one unit of the score, None where it is no line in it · ties: what of a
    contribution is due to a tie, as hits of one score have several ranks; None: nothing."""

    contributions: Scores  # multiples of 1 / FUSED_UNIT
    ranks: NDArray[np.int32]  # from 1; 0 = not in its list
    scores: Scores  # its own, multiples of 1 / SCORE_UNIT
    formula: str
    slopes: Weights | None = None
    ties: Scores | None = None

    def at(self, places: Places) -> "Contribution":
        """The same for the hits at these places, in this order."""
        return self._each(lambda array: array[places])

    def beside(self, n: int) -> "Contribution":
        """The same, and nothing for so many further hits."""
        return self._each(lambda array: np.append(array, np.zeros(n, array.dtype)))

    def times(self, factor: float | Scores) -> "Contribution":
        """The same with each contribution multiplied, rounded to a whole unit."""
        return replace(
            self,
            contributions=_product(self.contributions, factor),
            slopes=None if self.slopes is None else self.slopes * factor,
            ties=None if self.ties is None else _product(self.ties, factor),
        )

    def _each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> "Contribution":
        slopes, ties = (None if each is None else change(each) for each in (self.slopes, self.ties))
        own = change(self.contributions), change(self.ranks), change(self.scores)
        return Contribution(*own, self.formula, slopes, ties)

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Which hits it says anything of."""
        holds: NDArray[np.bool_] = (self.ranks > 0) | (self.contributions != 0)
        return holds


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused hits, best first. Ties: smaller ordinal, which is smaller `doc_id`.

    Shapes: ordinals (n,), scores (n,). The contributions of `parts` (by retriever) sum exactly to the
    scores."""

    ordinals: Ordinals
    scores: Scores  # multiples of 1 / FUSED_UNIT
    parts: Mapping[str, Contribution]

    def at(self, places: Places) -> "Fused":
        """The hits at these places, in this order."""
        parts = {name: each.at(places) for name, each in self.parts.items()}
        return Fused(self.ordinals[places], self.scores[places], parts)

    def with_all(self, ordinals: Ordinals) -> "Fused":
        """The hits, and behind them those of the documents that are none yet, at score 0, by ordinal."""
        further = np.setdiff1d(ordinals, self.ordinals)
        parts = {name: each.beside(len(further)) for name, each in self.parts.items()}
        scores = np.append(self.scores, np.zeros(len(further), np.int64))
        return Fused(np.append(self.ordinals, further), scores, parts)

    def rescored(self, parts: Mapping[str, Contribution]) -> "Fused":
        """The same hits scored by other parts, in the order of the new scores. Ties: smaller ordinal."""
        scores = sum((each.contributions for each in parts.values()), np.zeros(len(self.ordinals), np.int64))
        return Fused(self.ordinals, scores, parts).at(np.lexsort((self.ordinals, -scores)))

    @staticmethod
    def value(score: int | np.int64) -> float:
        """The number that a fused score or contribution stands for; exact below 2¹³."""
        return int(score) / FUSED_UNIT


def fuse(rankings: Mapping[str, Ranking], settings: FusionSettings) -> Fused:
    """The hits of all rankings (by retriever) as one ranking.

    An empty ranking adds nothing. A retriever of weight 0 adds no hit; its ranks and scores are still told.
    Ties: smaller ordinal. Raises: what `retriever_weights` raises."""
    weights = retriever_weights(settings, rankings)
    counted = [ranking.ordinals for name, ranking in rankings.items() if weights[name]]
    ordinals = np.unique(np.concatenate([np.empty(0, np.int32), *counted]))
    parts = {
        name: _contribution(ordinals, ranking, weights[name], settings) for name, ranking in rankings.items()
    }
    if FUSIONS[settings.method].by_agreement:
        agreeing = np.zeros(len(ordinals), np.int64)
        for name, each in parts.items():
            agreeing += each.holds if weights[name] else 0
        parts = {name: each.times(agreeing) for name, each in parts.items()}
    return unranked(ordinals).rescored(parts)


def unfused(name: str, ranking: Ranking) -> Fused:
    """The hits of one ranking with its own scores: what is shown where there is nothing to fuse."""
    scores = ranking.scores * (FUSED_UNIT // SCORE_UNIT)
    ranks = np.arange(1, len(scores) + 1, dtype=np.int32)
    slopes = np.full(len(scores), FUSED_UNIT / SCORE_UNIT)
    own = Contribution(scores, ranks, ranking.scores, UNFUSED, slopes)
    return Fused(ranking.ordinals, scores, {name: own})


def unranked(ordinals: Ordinals) -> Fused:
    """Documents by ordinal, which is by `doc_id`, with score 0: the answer where nothing ranks them."""
    return Fused(ordinals, np.zeros(len(ordinals), np.int64), {})


def formula_of(settings: FusionSettings) -> str:
    """The name of what makes contributions of a list: `rrf`, `linear.minmax`."""
    return RRF if settings.method == RRF else f"{settings.method}.{settings.normalization}"


def retriever_weights(settings: FusionSettings, names: Iterable[str]) -> dict[str, float]:
    """The weight of each named retriever: 1 where the settings give none.

    Raises: UnknownNameError for a weight of another retriever, InputError where all weights are 0."""
    weights = {name: settings.weights.get(name, 1.0) for name in names}
    for name in settings.weights:
        if name not in weights:
            token = name.replace("~", "~0").replace("/", "~1")  # RFC 6901
            raise UnknownNameError("retriever", name, weights, pointer=f"/fusion/weights/{token}")
    if weights and not any(weights.values()):
        raise InputError(
            "At least one retriever must have a weight above 0, all have 0: raise one.",
            pointer="/fusion/weights",
        )
    return weights


def _product(scores: Scores, factor: float | Scores) -> Scores:
    """The nearest whole units; exactly, where the factor is whole."""
    product = scores * factor
    whole: Scores = (product if isinstance(factor, np.ndarray) else np.rint(product)).astype(np.int64)
    return whole


def _contribution(
    ordinals: Ordinals, ranking: Ranking, weight: float, settings: FusionSettings
) -> Contribution:
    """What a ranking gives to the documents of `ordinals`, in that order."""
    method, normalization = FUSIONS[settings.method], NORMALIZATIONS[settings.normalization]
    addends = method.addends(ranking, normalization, settings.k)
    given = np.rint(weight * addends.values * FUSED_UNIT).astype(np.int64)
    _, hits, places = np.intersect1d(ordinals, ranking.ordinals, assume_unique=True, return_indices=True)
    contributions, scores, ties = np.zeros((3, len(ordinals)), np.int64)
    ranks = np.zeros(len(ordinals), np.int32)
    contributions[hits] = given[places]
    ranks[hits] = places + 1
    scores[hits] = ranking.scores[places]
    ties[hits] = _ties(ranking, given)[places]
    slopes = None if addends.slope is None else np.full(len(ordinals), weight * addends.slope * FUSED_UNIT)
    return Contribution(contributions, ranks, scores, formula_of(settings), slopes, ties)


def _ties(ranking: Ranking, given: Scores) -> Scores:
    """What each hit of a list is given less than the first of those with its score. Shapes: (n,), (n,)."""
    first = np.searchsorted(-ranking.scores, -ranking.scores)
    return given - given[first]
