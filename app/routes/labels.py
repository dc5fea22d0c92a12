"""Labels: of any text, and of all documents of an index."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.dependencies import IndexName, JsonResponse, ServiceDep, StrictRoute, Wait
from app.features import text_document
from app.labelling import Classification, classify
from app.routes.tasks import accepted
from app.schemas import MOST_TEXT
from app.search.ranking import Name, Text
from indexer.database import TaskRecord

router = APIRouter(prefix="/v1/indexes/{index}", tags=["labels"], route_class=StrictRoute)

ModelReference = Annotated[
    Name, Field(description="A kept classifier, `news-classifier` or one version of it.")
]


class ClassifyRequest(BaseModel):
    """A text whose label is wanted."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"model": "news-classifier", "text": "precision and recall"}]},
    )
    model: ModelReference
    text: Text = Field(max_length=MOST_TEXT, description="The text.")
    field: Name | None = Field(None, description="The text field that it stands in; the last one if null.")
    limit: int = Field(3, ge=1, le=100, description="Labels wanted.")


class LabelRequest(BaseModel):
    """Which classifier labels the documents, and where the labels go."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"model": "news-classifier", "field": "topic"}]},
    )
    model: ModelReference
    field: Name = Field(min_length=1, description="A keyword field, or a new one.")


@router.post("/classify", response_model=Classification, summary="The label of a text")
def post_classify(service: ServiceDep, index: IndexName, request: ClassifyRequest) -> JsonResponse:
    """The most probable labels, and of a linear classifier on TF-IDF the terms that speak for the first."""
    service.catalogue.indexes.get(index)
    generation = service.engines.get(index).generation
    document = text_document(generation, request.text, request.field)
    found = classify(generation, service.settings.data_dir, document, request.model, request.limit)
    return JsonResponse(found)


@router.post(
    "/labels",
    response_model=TaskRecord,
    status_code=HTTPStatus.ACCEPTED,
    summary="Write labels into a field of all documents",
)
def post_labels(service: ServiceDep, index: IndexName, request: LabelRequest, wait: Wait = 0) -> JsonResponse:
    """Every document gets the label that the classifier guesses, as a value to filter, sort and count by; a
    write of the document like any other. Those that come later have none until this is asked for again."""
    return accepted(service, service.tasks.label(index, request.model, request.field), wait)
