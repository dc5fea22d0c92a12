"""Searches with something said otherwise: what becomes of the document then."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app.search.agreement import rank_biased_overlap
from app.search.listing import Bound, bind
from app.search.ranker import Ranked
from app.search.request import SearchRequest
from app.search.whynot.answer import Change, Kind
from app.search.whynot.way import place_of
from indexer.errors import InputError


class Replays:
    """One search, tried again with changes, as far as one document is concerned."""

    def __init__(self, bound: Bound, given: SearchRequest, ranked: Ranked, ordinal: int, limit: int) -> None:
        """given: the search as it was sent, to which a change is made."""
        self._bound = bound
        self._given = given.model_dump(mode="json", exclude_unset=True)
        self._first = [str(each) for each in ranked.fused.ordinals[:limit].tolist()]
        self._ordinal = ordinal
        self._limit = limit

    def change(self, kind: Kind, what: str, said: Mapping[str, Any]) -> Change | None:
        """The change, where it brings the document among the first hits; None where it does not, or cannot be
        asked for."""
        try:
            found = self._ranked(said)
        except (InputError, ValidationError):
            return None
        place = place_of(found.fused.ordinals[: self._limit], self._ordinal)
        if place is None:
            return None
        after = [str(each) for each in found.fused.ordinals[: self._limit].tolist()]
        return Change(kind, what, said, place + 1, rank_biased_overlap(self._first, after))

    def _ranked(self, said: Mapping[str, Any]) -> Ranked:
        request = SearchRequest.model_validate({**self._given, **said})
        own = self._bound
        question = None if "q" in said else own.question
        return bind(own.catalogue, own.engine, request, own.profile, question).rank()
