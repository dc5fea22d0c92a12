"""A second, closer look at the best hits: the seam, the table, and how the two looks become one score.

Adding a reranker: a class after `Reranker`, and a line in RERANKERS."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from app.search.fusion import FUSED_UNIT, Contribution, Fused
from app.search.ranking import RerankSettings
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.question import Asked
from app.search.retrieval.retrievers import encoder_of
from app.search.stages.crossencoding import CrossEncoded
from app.search.stages.passages import Passages
from app.search.stages.proximity import Proximity
from indexer.encoders import PairModels
from indexer.errors import FeatureMissingError, InputError, UnknownNameError
from indexer.generation import Generation
from indexer.types import Document, Scores


class Reranker(Protocol):
    """Scores documents for one query by looking at their texts."""

    @property
    def name(self) -> str:
        """What its part is called."""

    def score(self, documents: Sequence[Document | None]) -> Scores:
        """How well each document answers, in units of 2⁻²⁰; 0 for one that is None.

        Shape: (n,). Range: 0 to 1. A document's score does not depend on the others."""


def _proximity(
    settings: RerankSettings, generation: Generation, question: Asked, _: PairModels | None
) -> Reranker:
    _without(settings, "encoder", "model")
    return Proximity(generation, question.text)


def _passage(
    settings: RerankSettings, generation: Generation, question: Asked, _: PairModels | None
) -> Reranker:
    _without(settings, "model")
    dense = encoder_of(generation, settings.encoder, "/rerank/encoder")
    fields = generation.manifest.settings.text_fields
    return Passages(DenseRetriever("passage", dense, question, None), fields)


def _cross_encoder(
    settings: RerankSettings, generation: Generation, question: Asked, models: PairModels | None
) -> Reranker:
    _without(settings, "encoder")
    if models is None:
        raise FeatureMissingError("No models are kept here: a cross-encoder is one of a data folder.")
    try:
        _, model = models.reranker(settings.model)
    except InputError as error:
        error.pointer = f"/rerank{error.pointer}"
        raise
    return CrossEncoded(model, question.text, generation.manifest.settings.text_fields)


def _without(settings: RerankSettings, *names: str) -> None:
    """Raises InputError where something is said that a reranker does not have."""
    for name in names:
        if getattr(settings, name) is not None:
            raise InputError(f"`{settings.by}` has no `{name}`: leave it out.", pointer=f"/rerank/{name}")


RERANKERS: dict[str, Callable[[RerankSettings, Generation, Asked, PairModels | None], Reranker]] = {
    "proximity": _proximity,
    "passage": _passage,
    "cross_encoder": _cross_encoder,
}


def make_reranker(
    settings: RerankSettings, generation: Generation, question: Asked, models: PairModels | None
) -> Reranker:
    """The reranker of a request, bound to its query. Raises: UnknownNameError with the known names."""
    if settings.by not in RERANKERS:
        raise UnknownNameError("reranker", settings.by, RERANKERS, pointer="/rerank/by")
    return RERANKERS[settings.by](settings, generation, question, models)


def rerank(
    fused: Fused, settings: RerankSettings, reranker: Reranker, documents: Sequence[Document | None]
) -> Fused:
    """The hits of the window in their new order; the others are left out.

    documents: those of the hits of the window, in their order. With the weight w a score is (1 − w) of the
    former one over the largest of these (by its amount, where they are below 0), and w of the reranker's over
    the best of those; so the former parts stay, each as much smaller. Ties: smaller ordinal."""
    window = fused.at(slice(settings.window))
    scores = reranker.score(documents)
    shares = scores / scores.max() if scores.any() else np.zeros(len(scores))
    ranks = np.empty(len(scores), np.int32)
    ranks[np.lexsort((window.ordinals, -scores))] = np.arange(1, len(scores) + 1)
    given = np.rint(settings.weight * FUSED_UNIT * shares).astype(np.int64)
    part = Contribution(given, ranks, scores, f"rerank.{reranker.name}")
    kept = (1 - settings.weight) * FUSED_UNIT / int(np.abs(window.scores).max(initial=1))
    former = {name: each.times(kept) for name, each in window.parts.items()}
    return window.rescored({**former, reranker.name: part})
