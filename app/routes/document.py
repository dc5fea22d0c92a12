"""One document: read, created or replaced, patched, deleted."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from app.conditions import ConditionDep, IfNoneMatch, RequestKeyDep, etags
from app.dependencies import DocId, IndexName, JsonResponse, ServiceDep, StrictRoute, WaitUntilSearched
from app.schemas import DocumentBody
from indexer import documents
from indexer.database import WriteRecord, matches

router = APIRouter(
    prefix="/v1/indexes/{index}/documents/{doc_id}", tags=["documents"], route_class=StrictRoute
)

Object = Annotated[
    dict[str, Any], Body(examples=[{"title": "猫", "text": "猫喜欢吃鱼。", "lang": "zh", "year": 2024}])
]
MergePatch = Annotated[
    dict[str, Any],
    Body(examples=[{"year": 2025, "lang": None}], media_type="application/merge-patch+json"),
]


@router.get("", response_model=DocumentBody, summary="One document")
def get_document(
    service: ServiceDep, index: IndexName, doc_id: DocId, if_none_match: IfNoneMatch = None
) -> Response:
    """The document as it was written last, with its `ETag`; 304 where `If-None-Match` names that."""
    tags = etags("If-None-Match", if_none_match)
    stored = service.catalogue.documents.stored(index, doc_id)
    headers = {"ETag": stored.etag}
    if tags is not None and matches(tags, stored.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return JsonResponse(DocumentBody(doc_id, stored.document.fields), headers=headers)


@router.put(
    "",
    response_model=WriteRecord,
    responses={HTTPStatus.CREATED: {"model": WriteRecord, "description": "It is new."}},
    summary="Create or replace one document",
)
def put_document(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    document: Object,
    condition: ConditionDep,
    key: RequestKeyDep,
    wait: WaitUntilSearched = 0,
) -> JsonResponse:
    """201 where it is new, else 200; an index that is not there is made. An `id` in the body must be that of
    the address. It is stored for good when the answer comes, and searched soon after."""
    record = documents.put_document(
        service.catalogue,
        index,
        doc_id,
        document,
        condition=condition,
        request=key,
        max_bytes=service.settings.max_document_bytes,
    )
    service.written(index, wait)
    return _written(record)


@router.patch("", response_model=WriteRecord, summary="Change some fields of one document")
def patch_document(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    patch: MergePatch,
    condition: ConditionDep,
    key: RequestKeyDep,
    wait: WaitUntilSearched = 0,
) -> JsonResponse:
    """A JSON merge patch (RFC 7396): fields that it names are replaced, those that are null in it removed,
    objects merged. It is stored for good when the answer comes, and searched soon after."""
    record = documents.patch_document(
        service.catalogue,
        index,
        doc_id,
        patch,
        condition=condition,
        request=key,
        max_bytes=service.settings.max_document_bytes,
    )
    service.written(index, wait)
    return _written(record)


@router.delete("", status_code=HTTPStatus.NO_CONTENT, summary="Delete one document")
def delete_document(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    condition: ConditionDep,
    key: RequestKeyDep,
    wait: WaitUntilSearched = 0,
) -> Response:
    """It is gone from the catalogue for good when the answer comes, and from the rankings soon after."""
    documents.delete_document(service.catalogue, index, doc_id, condition=condition, request=key)
    service.written(index, wait)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _written(record: WriteRecord) -> JsonResponse:
    status = HTTPStatus.CREATED if record.outcome == "created" else HTTPStatus.OK
    return JsonResponse(record, status, {"ETag": record.etag or ""})
