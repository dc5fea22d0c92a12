"""How well texts answer a query, asked for as of Hugging Face's text-embeddings-inference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.dependencies import JsonResponse, ServiceDep, StrictRoute
from app.search.ranking import Name, Text

router = APIRouter(prefix="/v1", tags=["rerank"], route_class=StrictRoute)

OneText = Annotated[Text, Field(max_length=100_000)]


class RerankRequest(BaseModel):
    """The body of text-embeddings-inference, and which kept reranker is asked."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"query": "what do cats eat", "texts": ["Cats like fish.", "猫"]}]},
    )
    query: OneText
    texts: list[OneText] = Field(min_length=1, max_length=256)
    model: Name | None = Field(None, description="A kept reranker; the first that there is if null.")
    raw_scores: bool = Field(False, description="The logits, not the probabilities.")
    return_text: bool = False
    truncate: bool = Field(True, description="Taken: long texts are read in windows, none is cut.")


@dataclass(frozen=True, slots=True)
class Reranked:
    """One of the texts by its place in the request, and how well it answers: from 0 to 1, or the logit."""

    index: int
    score: float
    text: str | None = None


@router.post("/rerank", response_model=Sequence[Reranked], summary="Which text answers a query best?")
def post_rerank(service: ServiceDep, request: RerankRequest) -> JsonResponse:
    """The texts, best first, by a model that reads the query and a text together. Ties: as they came."""
    _, model = service.engines.models.reranker(request.model)
    logits = model.scores(request.query, request.texts)
    scores = logits if request.raw_scores else 1 / (1 + np.exp(-logits))
    return JsonResponse(
        [
            Reranked(place, float(scores[place]), request.texts[place] if request.return_text else None)
            for place in np.argsort(-logits, kind="stable").tolist()
        ]
    )
