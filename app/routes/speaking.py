"""How texts go on, and what comes out at each word, by an RNN of an index."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.search.ranking import Name, Text
from app.speaking import Generations, TextOutputs, generate, outputs
from indexer.encoders.rnn import Decoding, Method
from indexer.generation import Generation

router = APIRouter(prefix="/v1/indexes/{index}", tags=["contexts"], route_class=StrictRoute)


class GenerateRequest(BaseModel):
    """A beginning, and how it is gone on from."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={"examples": [{"text": "information retrieval", "method": "beam", "length": 5}]},
    )
    text: Text = Field(max_length=100_000, description="What stands before; it may be empty.")
    method: Method = Field(
        "greedy",
        description="`greedy`: always the likeliest word; `sample`: by chance; `beam`: the likeliest texts.",
    )
    length: int = Field(20, ge=1, le=200, description="Words at most.")
    temperature: float = Field(
        1.0, ge=0.01, le=100, description="Of `sample`: below 1 likely words are likelier still."
    )
    top_k: int | None = Field(
        None, ge=1, le=1_000, description="Of `sample`: only so many likeliest words; null: all."
    )
    beams: int = Field(4, ge=1, le=32, description="Of `beam`: texts that are followed, and returned.")
    seed: int = Field(0, ge=0, lt=2**32, description="Of `sample`: the same draws the same.")
    encoder: Name | None = Field(None, description="The first that has learned the next word if null.")


class OutputsRequest(BaseModel):
    """A text for a network."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"text": "information retrieval"}]}
    )
    text: Text = Field(max_length=100_000)
    limit: int = Field(5, ge=1, le=100, description="Words and labels at each step.")
    encoder: Name | None = Field(None, description="The first that has learned any if null.")


@router.post("/generate", response_model=Generations, summary="How a text may go on")
def post_generate(service: ServiceDep, index: IndexName, request: GenerateRequest) -> JsonResponse:
    """Word by word, each going in as the next is asked for, until a text would end or is long enough."""
    how = Decoding(
        request.method, request.length, request.temperature, request.top_k, request.beams, request.seed
    )
    return JsonResponse(generate(_generation(service, index), request.text, how, request.encoder))


@router.post("/outputs", response_model=TextOutputs, summary="What comes out at each word of a text")
def post_outputs(service: ServiceDep, index: IndexName, request: OutputsRequest) -> JsonResponse:
    """The likeliest next words, or labels, behind each word; and what the network says of the whole text."""
    return JsonResponse(outputs(_generation(service, index), request.text, request.limit, request.encoder))


def _generation(service: Service, index: str) -> Generation:
    service.catalogue.indexes.get(index)
    return service.engines.get(index).generation
