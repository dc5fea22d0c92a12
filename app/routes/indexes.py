"""The indexes: what there is, and how each is set."""

from contextlib import suppress
from http import HTTPStatus

from fastapi import APIRouter, Response

from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.schemas import IndexInfo, IndexList
from indexer.build import check_settings, needed, remove_index
from indexer.database import IndexRecord
from indexer.errors import IndexUnavailableError, MissingError
from indexer.types import IndexSettings

router = APIRouter(prefix="/v1/indexes", tags=["indexes"], route_class=StrictRoute)


@router.get("", response_model=IndexList, summary="List the indexes")
def get_indexes(service: ServiceDep) -> JsonResponse:
    """All indexes with their settings."""
    return JsonResponse(IndexList([_info(service, record) for record in service.catalogue.indexes.list()]))


@router.get("/{index}", response_model=IndexInfo, summary="One index")
def get_index(service: ServiceDep, index: IndexName) -> JsonResponse:
    """Settings, number of documents, and the generation that is served."""
    return JsonResponse(_info(service, service.catalogue.indexes.get(index)))


@router.put("/{index}", response_model=IndexInfo, summary="Create an index, or change its settings")
def put_index(service: ServiceDep, index: IndexName, settings: IndexSettings) -> JsonResponse:
    """New settings take effect with the next reindex; `pending` says what that must do. Fields that are not
    named stay as they are; those of a new index are inferred on import."""
    check_settings(settings)
    if (former := service.catalogue.indexes.find(index)) is None:
        record = service.catalogue.indexes.create(index, settings)
    else:
        fields = {**former.settings.fields, **settings.fields}
        record = service.catalogue.indexes.save_settings(
            index, settings.model_copy(update={"fields": fields})
        )
    return JsonResponse(_info(service, record))


@router.delete("/{index}", status_code=HTTPStatus.NO_CONTENT, summary="Remove an index")
def delete_index(service: ServiceDep, index: IndexName) -> Response:
    """All its documents, settings, profiles and generations; its tasks stay. While a task of it has not
    ended: 409."""
    remove_index(service.catalogue, service.settings.data_dir, index)
    with suppress(MissingError):
        service.engines.update(index)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _info(service: Service, record: IndexRecord) -> IndexInfo:
    name, encoders, pending = None, [], None
    with suppress(IndexUnavailableError):
        generation = service.engines.get(record.name).generation
        encoders = list(generation.dense)
        if generation.is_built:
            name = generation.name
            pending = needed(generation.manifest.settings, record.settings)
    count = service.catalogue.documents.count(record.name)
    return IndexInfo(
        record.name, record.settings, count, record.seq, record.created_at, name, encoders, pending
    )
