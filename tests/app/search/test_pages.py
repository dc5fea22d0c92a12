"""How long a list is kept for its cursors."""

from dataclasses import replace

import pytest

from app.search.answer import Stopwatch
from app.search.engines import Engines
from app.search.listing import Listing, list_hits
from app.search.pages import Pages
from app.search.request import search_request
from indexer.database import Catalogue
from indexer.errors import GoneError


@pytest.fixture
def listing(built):
    with Catalogue.open(built) as catalogue:
        request = search_request(q="水 water")
        yield list_hits(catalogue, Engines(catalogue, built).get("news"), request, Stopwatch())


def kept(pages: Pages, listing: Listing) -> str:
    """A cursor of a list, which is kept now."""
    cursor = pages.cursor(listing, 5)
    assert cursor is not None
    return cursor


def test_a_list_is_kept_so_long_after_its_last_cursor(listing):
    now = [0.0]
    pages = Pages(most_seconds=10, clock=lambda: now[0])
    cursor = kept(pages, listing)
    now[0] = 9
    assert pages.find(cursor, "news")[1] == 5
    kept(pages, listing)
    now[0] = 19
    assert pages.find(cursor, "news")[1] == 5
    now[0] = 20
    with pytest.raises(GoneError):
        pages.find(cursor, "news")


def test_a_list_that_is_larger_than_all_room_is_not_kept(listing):
    assert Pages(most_bytes=listing.n_bytes - 1).cursor(listing, 5) is None


def test_the_least_lately_used_goes_first(listing):
    pages = Pages(most_bytes=2 * listing.n_bytes)
    others = [
        listing.request.model_copy(update={"strict": True}),
        listing.request.model_copy(update={"depth": 9}),
    ]
    first = kept(pages, listing)
    second = kept(pages, replace(listing, request=others[0]))
    pages.find(first, "news")
    kept(pages, replace(listing, request=others[1]))
    assert pages.find(first, "news")
    with pytest.raises(GoneError):
        pages.find(second, "news")
