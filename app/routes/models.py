"""Models that are kept by name, for any index to use."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from app.dependencies import IndexName, JsonResponse, ServiceDep, StrictRoute, Wait
from app.routes.tasks import accepted
from app.schemas import ModelList, TrainRequest
from indexer.build import remove_model
from indexer.database import TaskRecord
from indexer.encoders import KeptModel, KeptModels

router = APIRouter(prefix="/v1", tags=["models"], route_class=StrictRoute)

ModelRef = Annotated[str, Path(description="`wiki`, or one version of it, `wiki@2`.", max_length=100)]


@router.post(
    "/indexes/{index}/train",
    response_model=TaskRecord,
    status_code=HTTPStatus.ACCEPTED,
    summary="Train word vectors, a BERT, an RNN, a classifier or an autoencoder on an index",
)
def post_train(service: ServiceDep, index: IndexName, request: TrainRequest, wait: Wait = 0) -> JsonResponse:
    """The documents of the index become the next version of a model, which the encoder uses from the next
    reindex on; a `classifier` and an `autoencoder` read what the encoders made. Its report is the result of
    the task, and stays with the model."""
    task = service.tasks.train(index, request.encoder, request.options, request.model)
    return accepted(service, task, wait)


@router.get("/models", response_model=ModelList, summary="List the kept models")
def get_models(service: ServiceDep) -> JsonResponse:
    """The newest version of each."""
    return JsonResponse(ModelList(KeptModels(service.settings.data_dir).list()))


@router.get("/models/{model}", response_model=KeptModel, summary="One model, with its report")
def get_model(service: ServiceDep, model: ModelRef) -> JsonResponse:
    """How it was trained, or where it was imported from, and how well it does."""
    return JsonResponse(KeptModels(service.settings.data_dir).get(model))


@router.delete("/models/{model}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a model")
def delete_model(service: ServiceDep, model: ModelRef) -> Response:
    """All its versions, or one. What an index is to use at its next reindex is not removed: 422."""
    remove_model(service.catalogue, service.settings.data_dir, model)
    return Response(status_code=HTTPStatus.NO_CONTENT)
