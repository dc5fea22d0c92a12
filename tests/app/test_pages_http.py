"""Cursors: pages of one list, whatever happens between them."""

import base64
from itertools import pairwise

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from tests.app.sample import check_problem, settle, untimed
from tests.library import store

SEARCH = "/v1/indexes/news/search"


def search(client, **body):
    response = client.post(SEARCH, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def all_pages(client, limit, **body):
    """The answers of a search, cursor by cursor."""
    answers = [search(client, limit=limit, **body)]
    while answers[-1]["cursor"] is not None:
        answers.append(search(client, cursor=answers[-1]["cursor"]))
    return answers


@pytest.mark.parametrize("limit", [1, 7, 10])
@pytest.mark.parametrize(
    "ranking",
    [
        {},
        {"retrievers": ["bm25"]},
        {"retrievers": ["bm25", "hashing"], "fusion": "rrf"},
        {"diversity": {"relevance": 0.4}},
    ],
    ids=str,
)
def test_pages_are_disjoint_and_together_the_whole_list(client, limit, ranking):
    whole = search(client, q="水 water the", limit=100, **ranking)
    answers = all_pages(client, limit, q="水 water the", **ranking)
    assert [hit for answer in answers for hit in answer["hits"]] == whole["hits"]
    assert len(answers) > 1
    assert {answer["total"]["value"] for answer in answers} == {len(whole["hits"])}
    assert len({answer["fingerprint"] for answer in answers}) == 1


def test_the_last_page_has_no_cursor(client):
    assert search(client, q="rosin", retrievers=["bm25"], limit=100)["cursor"] is None
    assert search(client, q="水", limit=0)["cursor"] is None


def test_a_cursor_is_the_same_for_the_same_request_and_may_be_used_again(client):
    one, other = (search(client, q="水 water", limit=3)["cursor"] for _ in range(2))
    assert one == other
    assert untimed(search(client, cursor=one)) == untimed(search(client, cursor=one))
    assert search(client, q="水 water", limit=3, explain="full")["cursor"] != one


def test_a_limit_may_be_given_with_a_cursor(client):
    first = search(client, q="水 water", limit=3)
    later = search(client, cursor=first["cursor"], limit=5)
    assert [hit["rank"] for hit in later["hits"]] == [4, 5, 6, 7, 8]
    assert client.get(SEARCH, params={"cursor": first["cursor"], "limit": 5}).json()["hits"] == later["hits"]


def test_a_later_page_explains_as_the_first_would(client):
    whole = search(client, q="水 water", limit=10, explain="full")["hits"]
    first = search(client, q="水 water", limit=5, explain="full")
    assert search(client, cursor=first["cursor"])["hits"] == whole[5:]


def test_totals_do_not_depend_on_the_page(client):
    totals = {search(client, q="水 water", offset=each)["total"]["value"] for each in (0, 20, 40, 999)}
    assert len(totals) == 1


def test_a_rebuild_between_pages_changes_none_of_them(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        whole = search(client, q="水 water the", limit=100)["hits"]
        first = search(client, q="水 water the", limit=10)
        with Catalogue.open(data_dir) as catalogue:
            gone = [hit["id"] for hit in whole[10:15]]
            catalogue.documents.delete("news", gone)
            for _ in range(4):  # so that the folder of the first generation is gone as well
                build_generation(catalogue, data_dir, "news")
        settle(client)
        assert search(client, q="水 water the")["generation"] == "gen-000005"
        later = search(client, cursor=first["cursor"])
        assert later["generation"] == first["generation"] == "gen-000001"
        assert [hit["id"] for hit in later["hits"]] == [hit["id"] for hit in whole[10:20]]
        assert [hit["document"] is None for hit in later["hits"]] == [True] * 5 + [False] * 5


def test_a_cursor_is_gone_when_the_service_has_started_anew(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        cursor = search(client, q="水 water", limit=3)["cursor"]
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        check_problem(client.post(SEARCH, json={"cursor": cursor}), 410, "gone", "/cursor")


def test_cursors_are_kept_within_a_bound_the_latest_used_of_them(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir, max_cursor_bytes=20_000))) as client:
        cursors = [search(client, q=f"水 water {n}", limit=3)["cursor"] for n in range(8)]
        statuses = [client.post(SEARCH, json={"cursor": each}).status_code for each in cursors]
        assert statuses[0] == 410
        assert statuses[-1] == 200
        assert all(one >= other for one, other in pairwise(statuses))


def forged(cursor):
    """Cursors that were not given out."""
    raw = base64.urlsafe_b64decode(cursor)
    for place in range(len(raw)):
        yield base64.urlsafe_b64encode(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]).decode()
    yield from (
        cursor[:-1],
        cursor[:10],
        f"{cursor}AAAA",
        f" {cursor}",
        cursor.lower(),
        "",
        "*",
        "猫",
        "A" * 100,
    )


def test_a_forged_or_truncated_cursor_is_refused(client):
    cursor = search(client, q="水 water", limit=3)["cursor"]
    for each in forged(cursor):
        check_problem(client.post(SEARCH, json={"cursor": each}), 422, "invalid_cursor", "/cursor")
    check_problem(client.post(SEARCH, json={"cursor": "A" * 101}), 422, "invalid_request", "/cursor")


def test_a_cursor_of_another_index_is_refused(client):
    cursor = search(client, q="水 water", limit=3)["cursor"]
    client.put("/v1/indexes/elsewhere", json={})
    response = client.post("/v1/indexes/elsewhere/search", json={"cursor": cursor})
    assert "`news`" in check_problem(response, 422, "invalid_cursor", "/cursor")["detail"]


def test_what_a_cursor_stands_for_is_not_said_again(client):
    cursor = search(client, q="水 water", limit=3)["cursor"]
    response = client.post(SEARCH, json={"cursor": cursor, "q": "水"})
    check_problem(response, 422, "cursor_with_more", "/q")


def test_a_list_that_is_too_long_to_be_kept_says_so(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir, max_cursor_bytes=100))) as client:
        answer = search(client, q="水 water", limit=3)
    assert answer["cursor"] is None
    assert any("too long" in warning for warning in answer["warnings"])


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_list_of_what_is_like_a_document_goes_on_whatever_became_of_it(data_dir, change):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client, Catalogue.open(data_dir) as catalogue:
        asked = {"like": "music-001", "explain": "full", "highlight": ["text"], "retrievers": ["bm25"]}
        whole = search(client, limit=4, **asked)["hits"]
        first = search(client, limit=2, **asked)
        if change == "removed":
            catalogue.documents.delete("news", ["music-001"])
        else:
            store(catalogue, "news", [{"id": "music-001", "title": "猫", "text": "猫喜欢吃鱼。"}])
        assert search(client, cursor=first["cursor"])["hits"] == whole[2:]


def test_a_list_that_came_out_otherwise_takes_no_other_ones_place(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client, Catalogue.open(data_dir) as catalogue:
        asked = {"q": "水 water", "rerank": {"by": "proximity", "weight": 1}, "explain": "none", "fields": []}
        whole = search(client, limit=20, **asked)["hits"]
        first = search(client, limit=5, **asked)
        store(catalogue, "news", [{"id": whole[8]["id"], "title": "水 water", "text": "水 water"}])
        changed = search(client, limit=5, **asked)
        assert changed["hits"][0]["id"] == whole[8]["id"]
        assert changed["cursor"] != first["cursor"]
        assert search(client, cursor=first["cursor"])["hits"] == whole[5:10]
