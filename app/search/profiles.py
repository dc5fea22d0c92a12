"""The ranking settings of an index under names and versions, and what a request makes of them."""

from app.search.ranking import NameOrSpec, RankingSettings
from app.search.request import SearchRequest
from indexer.database import Catalogue, ProfileRecord
from indexer.errors import InputError, MissingError

DEFAULT = "default"
BUILT_IN = ProfileRecord(DEFAULT, 0, {}, "", active=True)
"""What an index without a profile `default` ranks by: it sets nothing, so that the defaults hold."""


def find_profile(catalogue: Catalogue, index: str, reference: str | None) -> ProfileRecord:
    """The profile of a reference: `news` is its active version, `news@3` that one; `default` for None.

    Raises: InputError with the names or versions that there are."""
    name, _, version = (reference or DEFAULT).partition("@")
    if name == DEFAULT and version in ("", "0"):
        stored = None if version else catalogue.profiles.find(index, name)
        return BUILT_IN if stored is None else stored
    try:
        return catalogue.profiles.get(index, name, int(version) if version else None)
    except MissingError as error:
        raise InputError(error.message, pointer="/profile", code="unknown_profile") from None


def with_profile(request: SearchRequest, profile: ProfileRecord) -> SearchRequest:
    """The request, and what it leaves open as the profile has it.

    A request that names other retrievers keeps the profile's fusion for those of them that it knows."""
    kept = RankingSettings.model_validate(profile.settings)
    open_ = [name for name in RankingSettings.model_fields if getattr(request, name) is None]
    taken = {name: value for name in open_ if (value := getattr(kept, name)) is not None}
    if request.retrievers is not None and kept.fusion is not None and "fusion" in taken:
        named = {retriever_name(each) for each in request.retrievers}
        weights = {name: weight for name, weight in kept.fusion.weights.items() if name in named}
        taken["fusion"] = kept.fusion.model_copy(update={"weights": weights})
    return request.model_copy(update=taken) if taken else request


def retriever_name(given: NameOrSpec) -> str:
    """What the parts of a retriever of a request are called."""
    return given if isinstance(given, str) else given.name or given.type or ""


def stored_settings(settings: RankingSettings) -> dict[str, object]:
    """The settings as a profile keeps them: what was said, and nothing else."""
    return settings.model_dump(mode="json", exclude_unset=True, exclude_none=True)
