"""The features of a document: what each representation makes of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.dependencies import DocId, IndexName, JsonResponse, ServiceDep, StrictRoute
from app.features import AllFeatures, Features, feature_names, features

router = APIRouter(
    prefix="/v1/indexes/{index}/documents/{doc_id}/features", tags=["features"], route_class=StrictRoute
)


@router.get("", response_model=AllFeatures, summary="All features of a document")
def get_features(service: ServiceDep, index: IndexName, doc_id: DocId) -> JsonResponse:
    """Every representation that the index has of the document."""
    document = service.catalogue.documents.get(index, doc_id)
    generation = service.engines.get(index).generation
    every = [features(generation, document, name) for name in feature_names(generation)]
    return JsonResponse(AllFeatures(doc_id, every))


@router.get("/{name}", response_model=Features, summary="One feature of a document")
def get_feature(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    name: Annotated[str, Path(description="bow, tfidf, bm25, ngrams, or an encoder such as word2vec.")],
    variant: Annotated[str | None, Query(description="Of the weighting, for example `bm25+`.")] = None,
    view: Annotated[str | None, Query(description="Views parted by commas, for example `words`.")] = None,
) -> JsonResponse:
    """Terms with counts, statistics, weights and places; or the vector with the words it was made of."""
    document = service.catalogue.documents.get(index, doc_id)
    generation = service.engines.get(index).generation
    views = None if view is None else [each.strip() for each in view.split(",")]
    return JsonResponse(features(generation, document, name, variant=variant, views=views))
