"""Vectors of any texts, asked for as of OpenAI."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.dependencies import JsonResponse, ServiceDep, StrictRoute
from app.embeddings import Embeddings, TextKind, embeddings
from app.search.ranking import Text

router = APIRouter(prefix="/v1", tags=["embeddings"], route_class=StrictRoute)

MOST_TEXTS = 256
OneText = Annotated[Text, Field(min_length=1, max_length=100_000)]


class EmbeddingsRequest(BaseModel):
    """The body of OpenAI's embeddings, and whether the texts are documents or queries."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"model": "articles/word2vec", "input": ["river bank", "河岸"]}]},
    )
    model: Text = Field(max_length=200, description="`INDEX/ENCODER`.")
    input: OneText | Annotated[list[OneText], Field(min_length=1, max_length=MOST_TEXTS)] = Field(
        description=f"A text, or at most {MOST_TEXTS} of them."
    )
    encoding_format: Literal["float", "base64"] = "float"
    input_type: TextKind = Field("document", description="Models may read queries otherwise than documents.")
    user: Text | None = Field(None, max_length=1_000, description="Taken, and not used.")


@router.post("/embeddings", response_model=Embeddings, summary="Vectors of any texts")
def post_embeddings(service: ServiceDep, request: EmbeddingsRequest) -> JsonResponse:
    """Of length 1, by an encoder of an index as it is served. A text of which it knows no word has no vector:
    422 says which."""
    texts = [request.input] if isinstance(request.input, str) else request.input
    known = [each.name for each in service.catalogue.indexes.list()]
    packed = request.encoding_format == "base64"
    return JsonResponse(
        embeddings(service.engines, known, request.model, texts, request.input_type, packed=packed)
    )
