"""`POST /explain` and `POST /counterfactuals`: answers, and what is wrong with a request."""

from fractions import Fraction

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.search.explanation import FORMULAS, MOST_IN_FULL
from app.settings import Settings
from tests.app.sample import check_problem, settle

EXPLAIN = "/v1/indexes/news/explain"
COUNTERFACTUALS = "/v1/indexes/news/counterfactuals"
SEARCH = "/v1/indexes/news/search"


def answered(client, path, **body):
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_document_is_explained_in_flat_rows(client):
    search = {"q": "river bank 河岸", "limit": 3}
    [*_, last] = answered(client, SEARCH, **{**search, "limit": 20})["hits"]
    found = answered(client, EXPLAIN, id=last["id"], **search)
    assert (found["stage"], found["rank"], found["limit"]) == ("fusion", last["rank"], 3)
    assert sum(Fraction(row["contribution"]) for row in found["parts"] if row["level"] == 1) == Fraction(
        found["score"]
    )
    for row in found["parts"]:
        assert set(row) == {
            "path", "level", "name", "value", "contribution", "rank", "formula", "docs", "details",
        }  # fmt: skip
        assert FORMULAS[row["formula"]] == row["docs"]
        assert row["path"].count("/") == row["level"]
    assert found["changes"]
    for change in found["changes"]:
        hits = answered(client, SEARCH, **{**search, **change["request"]})["hits"]
        assert [hit["id"] for hit in hits].index(last["id"]) + 1 == change["rank"]


def test_what_the_hits_depend_on(client):
    found = answered(client, COUNTERFACTUALS, q="river bank", limit=5)
    assert [each["term"] for each in found["terms"]] == ["river", "bank"]
    assert [each["name"] for each in found["retrievers"]] == ["bm25", "hashing"]
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"q": "x"}, 422, "invalid_request", "/id"),
        ({"id": "", "q": "x"}, 422, "invalid_request", "/id"),
        ({"id": "none", "q": "x"}, 404, "document_not_found", None),
        ({"id": "music-022", "q": "x", "cursor": "abc"}, 422, "cursor_with_more", "/cursor"),
        ({"id": "music-022", "q": "x", "profile": "news@3"}, 422, "unknown_profile", "/profile"),
        ({"id": "music-022", "q": "x", "retrievers": ["gone"]}, 422, "unknown_retriever", "/retrievers/0"),
        ({"id": "music-022", "q": '"x', "strict": True}, 422, "query_syntax", "/q"),
        ({"id": "music-022", "q": "x", "filter": "year >"}, 422, "filter_syntax", "/filter"),
        ({"id": "music-022", "q": "x", "nonsense": 1}, 422, "invalid_request", "/nonsense"),
        ({"id": "music-022", "q": "x", "limit": 1_001}, 422, "invalid_request", "/limit"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(client, body, status, code, pointer):
    check_problem(client.post(EXPLAIN, json=body), status, code, pointer)


def test_an_encoder_that_the_index_has_not_is_said(client):
    body = {"id": "music-022", "q": "x", "retrievers": [{"type": "dense", "encoder": "gone"}]}
    check_problem(client.post(EXPLAIN, json=body), 422, "unknown_encoder", "/retrievers/0/encoder")


def test_an_unknown_index_is_missing(client):
    for path in ("explain", "counterfactuals"):
        body = {"q": "x", **({"id": "a"} if path == "explain" else {})}
        check_problem(client.post(f"/v1/indexes/none/{path}", json=body), 404, "index_not_found")


def test_a_cursor_is_of_no_whole_search(client):
    body = {"q": "", "cursor": "abc"}
    check_problem(client.post(COUNTERFACTUALS, json=body), 422, "cursor_with_more", "/cursor")


def test_bounds_are_those_of_a_search(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir, max_hits=20))) as small:
        body = {"id": "music-022", "q": "bank", "limit": 21}
        check_problem(small.post(EXPLAIN, json=body), 422, "too_many_hits", "/limit")
        found = small.post(EXPLAIN, json={**body, "limit": 1, "depth": 1}).json()
        for change in found["changes"]:  # what is proposed is within them too
            response = small.post(SEARCH, json={"q": "bank", "limit": 1, "depth": 1, **change["request"]})
            assert response.status_code == 200


def test_a_deleted_document_is_missing_and_an_encoder_that_is_gone_is_said(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as own:
        own.delete("/v1/indexes/news/documents/music-022")
        settle(own)
        check_problem(own.post(EXPLAIN, json={"id": "music-022", "q": "bank"}), 404, "document_not_found")
        own.patch(
            "/v1/indexes/news", json={"encoders": {"later": {"type": "hashing"}}},
            headers={"content-type": "application/merge-patch+json"},
        )  # fmt: skip
        body = {"id": "city-034", "q": "bank", "retrievers": ["later"]}
        problem = own.post(EXPLAIN, json=body).json()
        assert problem["status"] in (409, 422)
        assert "later" in problem["detail"]


def test_of_a_thousand_hits_the_first_are_told_in_full_and_that_is_said(tmp_path):
    with TestClient(create_app(Settings(data_dir=tmp_path / "data"))) as own:
        documents = [{"id": f"{number:04}", "text": f"fish {number}"} for number in range(1_000)]
        own.post("/v1/indexes/many/documents", json=documents)
        settle(own, "many")
        body = {"q": "fish", "limit": 1_000, "explain": "full", "retrievers": ["bm25"], "fields": []}
        found = answered(own, "/v1/indexes/many/search", **body)
        assert len(found["hits"]) == 1_000
        told = [bool(hit["parts"][0].get("parts")) for hit in found["hits"]]
        assert told == [True] * MOST_IN_FULL + [False] * (1_000 - MOST_IN_FULL)
        assert any(f"first {MOST_IN_FULL} hits" in warning for warning in found["warnings"])
        assert not answered(own, "/v1/indexes/many/search", **{**body, "limit": 100})["warnings"][1:]
