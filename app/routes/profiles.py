"""Profiles: ranking settings under a name, each change a version that can be gone back to."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.schemas import ActivateRequest, ProfileInfo, ProfileList
from app.search.profiling import save_profile
from app.search.ranking import RankingSettings
from app.search.request import PROFILE_NAME
from indexer.database import ProfileRecord

router = APIRouter(prefix="/v1/indexes/{index}/profiles", tags=["profiles"], route_class=StrictRoute)

Name = Annotated[
    str,
    Path(
        description="Name of a profile; `default` is what ranks where no other is named.",
        pattern=f"^{PROFILE_NAME}$",
    ),
]


@router.get("", response_model=ProfileList, summary="List the profiles of an index")
def get_profiles(service: ServiceDep, index: IndexName) -> JsonResponse:
    """The active version of each."""
    found = service.catalogue.profiles.list(index)
    return JsonResponse(ProfileList([_info(service, index, each) for each in found]))


@router.get("/{name}", response_model=ProfileInfo, summary="One profile")
def get_profile(service: ServiceDep, index: IndexName, name: Name) -> JsonResponse:
    """Its active version."""
    return JsonResponse(_info(service, index, service.catalogue.profiles.get(index, name)))


@router.put("/{name}", response_model=ProfileInfo, summary="Set a profile")
def put_profile(service: ServiceDep, index: IndexName, name: Name, settings: RankingSettings) -> JsonResponse:
    """A new version, active at once; the former ones are kept. Where the active one says the same already,
    nothing changes."""
    return JsonResponse(
        _info(service, index, save_profile(service.catalogue, service.engines, index, name, settings))
    )


@router.post("/{name}/activate", response_model=ProfileInfo, summary="Go back to a version of a profile")
def post_activate(
    service: ServiceDep, index: IndexName, name: Name, request: ActivateRequest
) -> JsonResponse:
    """That version ranks from now on."""
    return JsonResponse(
        _info(service, index, service.catalogue.profiles.activate(index, name, request.version))
    )


@router.delete("/{name}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a profile")
def delete_profile(service: ServiceDep, index: IndexName, name: Name) -> Response:
    """Removes all its versions. Without `default`, the built-in defaults rank."""
    service.catalogue.profiles.delete(index, name)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _info(service: Service, index: str, record: ProfileRecord) -> ProfileInfo:
    return ProfileInfo(
        name=record.name,
        version=record.version,
        active=record.active,
        settings=record.settings,
        created_at=record.created_at,
        versions=[each.version for each in service.catalogue.profiles.versions(index, record.name)],
    )
