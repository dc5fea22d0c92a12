"""Questions, answered by a piece of a document."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.answering import Answers, answers
from app.dependencies import IndexName, JsonResponse, ServiceDep, StrictRoute
from app.search.ranking import Filter, Name, NameOrSpec, Text
from app.search.request import ProfileRef, SearchRequest

router = APIRouter(prefix="/v1/indexes/{index}", tags=["answers"], route_class=StrictRoute)


class AnswerRequest(BaseModel):
    """A question, and where its answer is looked for."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"q": "What do cats like to eat?", "limit": 3}]},
    )
    q: Text = Field(min_length=1, description="The question.")
    limit: int = Field(3, ge=1, le=50)
    documents: int = Field(10, ge=1, le=50, description="The best so many hits of a search are read.")
    retrievers: list[NameOrSpec] | None = Field(None, min_length=1, max_length=16)
    filter: Filter = Field(None, description="Which documents are looked at.")
    profile: ProfileRef | None = None
    reader: Name | None = Field(None, description="A kept reader; the first that there is if null.")


@router.post("/answer", response_model=Answers, summary="Answer a question from the documents")
def post_answer(service: ServiceDep, index: IndexName, request: AnswerRequest) -> JsonResponse:
    """The piece that a reader marks in each of the best documents, with its probability; where no reader is
    kept, the sentence that is most like the question (`"by": "sentence"`): no answer, but a place to look."""
    service.catalogue.indexes.get(index)
    asked = SearchRequest(
        q=request.q,
        limit=request.documents,
        retrievers=request.retrievers,
        filter=request.filter,
        profile=request.profile,
        explain="none",
        suggest=False,
    )
    service.check(asked)
    engine = service.engines.get(index)
    return JsonResponse(answers(service.catalogue, engine, asked, request.reader, request.limit))
