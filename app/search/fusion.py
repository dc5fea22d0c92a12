"""One ranking out of several, with what each retriever gave to every hit.

A fusion method turns one list into addends, best first, of the same shape; the fused score of a document
is the weighted sum of its addends over the lists. Scores of different retrievers share no scale, so a
method looks at ranks (`rrf`) or at scores brought to one scale (`linear`).

Each contribution is rounded once to a multiple of 2⁻⁴⁰ and added as an integer: sums do not depend on the
order of the lists, ties are true, and the parts add up exactly to the score. The 2⁻²⁰ of a retriever's
own scores would be too coarse: 1 / (60 + 986) and 1 / (60 + 987) would tie.

Adding a method or a normalisation: a function, and a line in FUSIONS or NORMALIZATIONS."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from indexer.errors import InputError, UnknownNameError
from indexer.types import SCORE_UNIT, Ordinals, Ranking, Scores, Weights

FUSED_UNIT = 2**40
"""Fused scores are integers in units of 2⁻⁴⁰."""

Weight = Annotated[float, Field(ge=0, le=1_000)]


def _or_a_name(schema: dict[str, Any]) -> None:
    """Says in the JSON schema that the name of a method is taken for the settings with that method."""
    settings = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string", "enum": list(FUSIONS)}, settings]


class FusionSettings(BaseModel):
    """How Rankings become one. The name of a method stands for its defaults: "rrf" is {"method": "rrf"}.

    Raises: UnknownNameError for a method or normalisation that does not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=_or_a_name)
    method: str = Field("rrf", description="`rrf` looks at ranks, `linear` at normalised scores.")
    k: float = Field(60, gt=0, le=10_000, description="`rrf`: larger makes the first ranks count more alike.")
    weights: dict[str, Weight] = Field(
        default_factory=dict, description="By the name of the retriever; 1 where not given, 0 is off."
    )
    normalization: str = Field("minmax", description="`linear`: `minmax` or `zscore`.")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return {"method": given} if isinstance(given, str) else given

    @field_validator("method")
    @classmethod
    def _known_method(cls, name: str) -> str:
        if name not in FUSIONS:
            raise UnknownNameError("fusion method", name, FUSIONS, pointer="/fusion/method")
        return name

    @field_validator("normalization")
    @classmethod
    def _known_normalization(cls, name: str) -> str:
        if name not in NORMALIZATIONS:
            raise UnknownNameError("normalization", name, NORMALIZATIONS, pointer="/fusion/normalization")
        return name


def minmax(scores: Scores) -> Weights:
    """(s − min) / (max − min); 1 for every hit where all scores are equal, so also for a single hit.

    Shapes: (n,), best first → (n,), also for n = 0. Range: 0 to 1."""
    above = scores - scores[-1:]
    return above / above[0] if above.any() else np.ones(len(scores))


def zscore(scores: Scores) -> Weights:
    """(s − min) / std; 1 for every hit where all scores are equal, so also for a single hit.

    The z-score (s − mean) / std, shifted so that the last hit counts 0, as does a document that is not in
    the list: unshifted, a poor hit would count less than no hit. std is that of the population.
    Shapes: (n,), best first → (n,), also for n = 0. Range: 0 to √(2n)."""
    above = scores - scores[-1:]
    return above / above.std() if above.any() else np.ones(len(scores))


def rrf(ranking: Ranking, settings: FusionSettings) -> Weights:
    """1 / (k + rank), rank from 1.

    Range: above 0, below 1 / k. Source: Cormack, Clarke, Büttcher: Reciprocal rank fusion outperforms
    Condorcet and individual rank learning methods, SIGIR 2009; k = 60 is theirs. Example: 1/61 + 1/62."""
    return 1 / (settings.k + np.arange(1, len(ranking.ordinals) + 1))


def linear(ranking: Ranking, settings: FusionSettings) -> Weights:
    """The scores of the list, normalised.

    Range: that of the normalisation. Ties: scores that are closer than 2⁻⁴⁰ of it, times the weight."""
    return NORMALIZATIONS[settings.normalization](ranking.scores)


NORMALIZATIONS: dict[str, Callable[[Scores], Weights]] = {"minmax": minmax, "zscore": zscore}
FUSIONS: dict[str, Callable[[Ranking, FusionSettings], Weights]] = {"rrf": rrf, "linear": linear}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one retriever gave to each fused hit.

    Shapes: all (n,), as the hits. A hit that is not in its list has contribution, rank and score 0."""

    contributions: Scores  # multiples of 1 / FUSED_UNIT
    ranks: NDArray[np.int32]  # from 1; 0 = not in its list
    scores: Scores  # the retriever's own, multiples of 1 / SCORE_UNIT

    def reordered(self, order: NDArray[np.intp]) -> "Contribution":
        """The same for the hits in another order."""
        return Contribution(self.contributions[order], self.ranks[order], self.scores[order])


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused hits, best first. Ties: smaller ordinal, which is smaller `doc_id`.

    Shapes: ordinals (n,), scores (n,). The contributions of `parts` (by retriever) sum exactly to the
    scores."""

    ordinals: Ordinals
    scores: Scores  # multiples of 1 / FUSED_UNIT
    parts: Mapping[str, Contribution]

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
    scores = sum((each.contributions for each in parts.values()), np.zeros(len(ordinals), np.int64))
    order = np.argsort(-scores, kind="stable")  # ordinals ascend, so ties keep them ascending
    return Fused(
        ordinals[order], scores[order], {name: each.reordered(order) for name, each in parts.items()}
    )


def unfused(name: str, ranking: Ranking) -> Fused:
    """The hits of one ranking with its own scores: what is shown where there is nothing to fuse."""
    scores = ranking.scores * (FUSED_UNIT // SCORE_UNIT)
    ranks = np.arange(1, len(scores) + 1, dtype=np.int32)
    return Fused(ranking.ordinals, scores, {name: Contribution(scores, ranks, ranking.scores)})


def unranked(ordinals: Ordinals) -> Fused:
    """Documents by ordinal, which is by `doc_id`, with score 0: the answer where nothing ranks them."""
    return Fused(ordinals, np.zeros(len(ordinals), np.int64), {})


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


def _contribution(
    ordinals: Ordinals, ranking: Ranking, weight: float, settings: FusionSettings
) -> Contribution:
    """What a ranking gives to the documents of `ordinals`, in that order."""
    addends = weight * FUSIONS[settings.method](ranking, settings)
    _, hits, places = np.intersect1d(ordinals, ranking.ordinals, assume_unique=True, return_indices=True)
    contributions, scores = np.zeros((2, len(ordinals)), np.int64)
    ranks = np.zeros(len(ordinals), np.int32)
    contributions[hits] = np.rint(addends[places] * FUSED_UNIT)
    ranks[hits] = places + 1
    scores[hits] = ranking.scores[places]
    return Contribution(contributions, ranks, scores)
