"""The retrievers of a search in full, and the search with one of them said otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.search.listing import Bound
from app.search.ranking import RetrieverSpec
from app.search.retrieval.retrievers import default_specs


def specs_of(bound: Bound) -> Sequence[RetrieverSpec]:
    """The retrievers of a search, in their order, with what it says of each."""
    given = bound.request.retrievers
    if given is None:
        return default_specs(bound.engine.generation)
    return [RetrieverSpec(name=each) if isinstance(each, str) else each for each in given]


def with_spec(bound: Bound, place: int, **said: Any) -> Mapping[str, Any]:
    """The keys of a request of which one retriever is said otherwise; what is None is left out of it."""
    specs = [each.model_dump(mode="json", exclude_unset=True) for each in specs_of(bound)]
    changed = {**specs[place], **said}
    specs[place] = {name: each for name, each in changed.items() if each is not None}
    return {"retrievers": specs}
