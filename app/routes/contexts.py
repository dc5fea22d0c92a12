"""Words where they stand, inside a contextual encoder of an index."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.contexts import FilledMasks, Inside, NextSentence, Senses, fill_mask, inside, next_sentence, senses
from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.search.ranking import Name, Text
from indexer.generation import Generation

router = APIRouter(prefix="/v1/indexes/{index}", tags=["contexts"], route_class=StrictRoute)

Read = Annotated[Text, Field(max_length=100_000)]
"""A text for a model, which reads a few hundred tokens of it at once."""


class InnerRequest(BaseModel):
    """What is asked of a contextual encoder."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    encoder: Name | None = Field(None, description="The first contextual one of the index if null.")


class SensesRequest(InnerRequest):
    """One word in two contexts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"word": "bank", "texts": ["She sat on the river bank.", "The bank lent money."]}]
        }
    )
    word: Text = Field(min_length=1, max_length=1_000)
    texts: list[Read] = Field(min_length=2, max_length=2)


class FillMaskRequest(InnerRequest):
    """A text with one or more masks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The cat eats [MASK].", "limit": 5}]})
    text: Read = Field(description="A mask is `[MASK]`, or what the model calls it.")
    limit: int = Field(5, ge=1, le=100, description="Tokens for each mask.")


class NextSentenceRequest(InnerRequest):
    """Two texts of which the second may follow the first."""

    first: Read
    second: Read


class LayerRequest(InnerRequest):
    """A text inside a model."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The cat eats fish.", "layer": 2}]})
    text: Read
    layer: int = Field(ge=0, description="Of vectors from 0, what goes into the model; of attention from 0.")


class AttentionRequest(LayerRequest):
    """What looks at what in a text."""

    head: int = Field(ge=0)


@router.post("/senses", response_model=Senses, summary="One word in two contexts")
def post_senses(service: ServiceDep, index: IndexName, request: SensesRequest) -> JsonResponse:
    """How alike the two vectors of the word are, in each layer: river and money part in the upper ones."""
    generation = _generation(service, index)
    return JsonResponse(senses(generation, request.word, request.texts, request.encoder))


@router.post("/fill-mask", response_model=FilledMasks, summary="What could stand at a mask")
def post_fill_mask(service: ServiceDep, index: IndexName, request: FillMaskRequest) -> JsonResponse:
    """The likeliest tokens with their probabilities, by the head that the model was trained with."""
    generation = _generation(service, index)
    return JsonResponse(fill_mask(generation, request.text, request.limit, request.encoder))


@router.post("/next-sentence", response_model=NextSentence, summary="Does a text follow another?")
def post_next_sentence(service: ServiceDep, index: IndexName, request: NextSentenceRequest) -> JsonResponse:
    """The probability that the second text follows the first."""
    generation = _generation(service, index)
    return JsonResponse(next_sentence(generation, request.first, request.second, request.encoder))


@router.post("/hidden-states", response_model=Inside, summary="The vectors of tokens in a layer")
def post_hidden_states(service: ServiceDep, index: IndexName, request: LayerRequest) -> JsonResponse:
    """Each token of a text with its vector behind a layer; layer 0 is what goes into the first."""
    generation = _generation(service, index)
    return JsonResponse(inside(generation, request.text, request.layer, encoder=request.encoder))


@router.post("/attention", response_model=Inside, summary="What looks at what in a layer")
def post_attention(service: ServiceDep, index: IndexName, request: AttentionRequest) -> JsonResponse:
    """How much each token of a text looks at each, in one head of a layer, both from 0."""
    generation = _generation(service, index)
    return JsonResponse(inside(generation, request.text, request.layer, request.head, request.encoder))


def _generation(service: Service, index: str) -> Generation:
    service.catalogue.indexes.get(index)
    return service.engines.get(index).generation
