"""How long a list is kept for its cursors."""

from dataclasses import replace

import pytest

from app.search.answer import Stopwatch
from app.search.engines import Engines
from app.search.listing import list_hits
from app.search.pages import Pages
from app.search.request import search_request
from indexer.database import Catalogue
from indexer.errors import GoneError


@pytest.fixture
def listing(built):
    with Catalogue.open(built) as catalogue:
        request = search_request(q="水 water")
        yield list_hits(catalogue, Engines(built).get("news"), request, Stopwatch())


def test_a_list_is_kept_so_long_after_its_last_cursor(listing):
    now = [0.0]
    pages = Pages(most_seconds=10, clock=lambda: now[0])
    cursor = pages.cursor(listing, 5)
    now[0] = 9
    assert pages.find(cursor, "news")[1] == 5
    pages.cursor(listing, 10)
    now[0] = 19
    assert pages.find(cursor, "news")[1] == 5
    now[0] = 20
    with pytest.raises(GoneError):
        pages.find(cursor, "news")


def test_a_list_that_is_larger_than_all_room_is_not_kept(listing):
    pages = Pages(most_bytes=listing.n_bytes - 1)
    with pytest.raises(GoneError):
        pages.find(pages.cursor(listing, 5), "news")


def test_the_least_lately_used_goes_first(listing):
    pages = Pages(most_bytes=2 * listing.n_bytes)
    others = [
        listing.request.model_copy(update={"strict": True}),
        listing.request.model_copy(update={"depth": 9}),
    ]
    first = pages.cursor(listing, 5)
    second = pages.cursor(replace(listing, request=others[0]), 5)
    pages.find(first, "news")
    pages.cursor(replace(listing, request=others[1]), 5)
    assert pages.find(first, "news")
    with pytest.raises(GoneError):
        pages.find(second, "news")
