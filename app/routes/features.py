"""What each representation makes of a document, or of any text."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.dependencies import DocId, IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.features import AllFeatures, Analysis, Features, analysis_of, feature_names, features, text_document
from app.schemas import AnalyseRequest, TextRequest
from indexer.analysis import Analyzer
from indexer.generation import Generation
from indexer.types import Document

router = APIRouter(prefix="/v1/indexes/{index}", tags=["features"], route_class=StrictRoute)

FeatureName = Annotated[str, Path(description="bow, tfidf, bm25, ngrams, or an encoder such as word2vec.")]
Variant = Annotated[str | None, Query(description="Of the weighting, for example `bm25+`.")]
Views = Annotated[str | None, Query(description="Views parted by commas, for example `words`.")]


@router.get("/documents/{doc_id}/features", response_model=AllFeatures, summary="All features of a document")
def get_features(service: ServiceDep, index: IndexName, doc_id: DocId) -> JsonResponse:
    """Every representation that the index has of the document."""
    document = service.catalogue.documents.get(index, doc_id)
    return _every(service.engines.get(index).generation, document)


@router.get(
    "/documents/{doc_id}/features/{name}", response_model=Features, summary="One feature of a document"
)
def get_feature(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    name: FeatureName,
    variant: Variant = None,
    view: Views = None,
) -> JsonResponse:
    """Terms with counts, statistics, weights and places; or the vector with the words it was made of."""
    document = service.catalogue.documents.get(index, doc_id)
    return _one(service.engines.get(index).generation, document, name, variant, view)


@router.post("/features", response_model=AllFeatures, summary="All features of a text")
def post_features(service: ServiceDep, index: IndexName, request: TextRequest) -> JsonResponse:
    """The same of a text that is no document, as if it were one."""
    generation = _generation(service, index)
    return _every(generation, text_document(generation, request.text, request.field))


@router.post("/features/{name}", response_model=Features, summary="One feature of a text")
def post_feature(
    service: ServiceDep,
    index: IndexName,
    name: FeatureName,
    request: TextRequest,
    variant: Variant = None,
    view: Views = None,
) -> JsonResponse:
    """The same of a text that is no document, as if it were one."""
    generation = _generation(service, index)
    document = text_document(generation, request.text, request.field)
    return _one(generation, document, name, variant, view)


@router.post("/analyze", response_model=Analysis, summary="What the analysis makes of a text")
def post_analyze(service: ServiceDep, index: IndexName, request: AnalyseRequest) -> JsonResponse:
    """Every stage: the text as it is compared, its runs of one script, its tokens in each view, and what of
    them a query would keep. Offsets are those of the text as it was sent."""
    settings = service.catalogue.indexes.get(index).settings
    views = settings.views if request.views is None else request.views
    return JsonResponse(analysis_of(Analyzer(settings.analysis), request.text, views))


def _generation(service: Service, index: str) -> Generation:
    service.catalogue.indexes.get(index)
    return service.engines.get(index).generation


def _every(generation: Generation, document: Document) -> JsonResponse:
    every = [features(generation, document, name) for name in feature_names(generation)]
    return JsonResponse(AllFeatures(document.doc_id, every))


def _one(
    generation: Generation, document: Document, name: str, variant: str | None, view: str | None
) -> JsonResponse:
    views = None if view is None else [each.strip() for each in view.split(",")]
    return JsonResponse(features(generation, document, name, variant=variant, views=views))
