"""Comparisons, and several searches in one call."""

from tests.app.sample import check_problem, untimed

COMPARE = "/v1/indexes/news/compare"
MULTI = "/v1/multi-search"


def compare(client, **body):
    response = client.post(COMPARE, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer):
    return [hit["id"] for hit in answer["hits"]]


def test_every_pair_of_lists_is_told_with_what_it_shares(client):
    compared = compare(client, q="河岸 bank", limit=5, retrievers=["bow", "bm25", "hashing"])
    pairs = {(each["one"], each["other"]): each for each in compared["agreement"]}
    assert list(pairs) == [("bow", "bm25"), ("bow", "hashing"), ("bm25", "hashing")]
    for (one, other), told in pairs.items():
        a, b = set(ids(compared["retrievers"][one])), set(ids(compared["retrievers"][other]))
        assert told["shared"] == len(a & b)
        assert told["overlap"] == len(a & b) / len(a | b)
    for name, only in compared["only"].items():
        others = {
            each for other, answer in compared["retrievers"].items() if other != name for each in ids(answer)
        }
        assert only == [each for each in ids(compared["retrievers"][name]) if each not in others]


def test_profiles_stand_beside_retrievers(client):
    client.put("/v1/indexes/news/profiles/fused", json={"retrievers": ["bm25", "hashing"], "fusion": "rrf"})
    compared = compare(client, q="水 water", limit=4, retrievers=["bm25"], profiles=["fused", "default@0"])
    assert list(compared["profiles"]) == ["fused", "default@0"]
    assert list(compared["only"]) == ["bm25", "profile:fused", "profile:default@0"]
    assert compared["profiles"]["fused"]["profile"] == "fused@1"
    assert "fused" in compare(client, q="水 water")["profiles"]  # where nothing is named, all there is
    alone = compare(client, q="水 water", profiles=["fused"])
    assert (alone["retrievers"], alone["agreement"], list(alone["profiles"])) == ({}, [], ["fused"])


def test_a_comparison_of_an_unknown_profile_is_refused(client):
    check_problem(
        client.post(COMPARE, json={"q": "x", "profiles": ["fusedd"]}), 422, "unknown_profile", "/profiles/0"
    )


def test_several_searches_answer_as_each_would_alone(client):
    searches: list[dict[str, object]] = [
        {"index": "news", "q": "猫", "limit": 3},
        {"index": "news", "q": "rosin", "retrievers": ["bm25"], "explain": "full"},
    ]
    results = client.post(MULTI, json={"searches": searches}).json()["results"]
    for asked, answer in zip(searches, results, strict=True):
        alone = client.post("/v1/indexes/news/search", json={k: v for k, v in asked.items() if k != "index"})
        assert untimed(answer) == untimed(alone.json())


def test_a_page_may_be_one_of_several_searches(client):
    first = client.post("/v1/indexes/news/search", json={"q": "水 water", "limit": 3}).json()
    body = {"searches": [{"index": "news", "cursor": first["cursor"]}]}
    [later] = client.post(MULTI, json=body).json()["results"]
    assert [hit["rank"] for hit in later["hits"]] == [4, 5, 6]


def test_what_is_wrong_with_one_of_several_searches_is_told_with_its_place(client):
    good = {"index": "news", "q": "x"}
    for wrong, status, code, pointer in (
        ({"index": "news", "retrievers": ["bm52"]}, 422, "unknown_retriever", "/searches/1/retrievers/0"),
        ({"index": "nowhere"}, 404, "index_not_found", "/searches/1"),
        ({"index": "news", "limit": -1}, 422, "invalid_request", "/searches/1/limit"),
        ({"q": "x"}, 422, "invalid_request", "/searches/1/index"),
        ({"index": "news", "cursor": "x"}, 422, "invalid_cursor", "/searches/1/cursor"),
    ):
        check_problem(client.post(MULTI, json={"searches": [good, wrong]}), status, code, pointer)
    check_problem(client.post(MULTI, json={"searches": []}), 422, "invalid_request", "/searches")
    check_problem(client.post(MULTI, json={"searches": [good] * 33}), 422, "invalid_request", "/searches")
