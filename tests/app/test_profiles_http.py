"""Profiles: ranking settings under names and versions."""

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from tests.app.sample import check_problem, settle, untimed

PROFILES = "/v1/indexes/news/profiles"
SEARCH = "/v1/indexes/news/search"
STEEP = {"retrievers": [{"name": "bm25", "k1": 3.0, "fields": ["title^4", "text"]}], "depth": 30}
FUSED = {"retrievers": ["bm25", "hashing"], "fusion": {"method": "rrf", "weights": {"bm25": 2, "hashing": 1}}}


@pytest.fixture
def own(data_dir):
    """A service with nobody else's profiles."""
    with TestClient(create_app(Settings(data_dir=data_dir))) as opened:
        yield opened


def put(client, name, settings):
    response = client.put(f"{PROFILES}/{name}", json=settings)
    assert response.status_code == 200, response.text
    return response.json()


def search(client, **body):
    response = client.post(SEARCH, json=body)
    assert response.status_code == 200, response.text
    return untimed(response.json())


def ranked(answer):
    return [(hit["id"], hit["score"]) for hit in answer["hits"]]


def test_without_profiles_the_built_in_defaults_rank(own):
    assert own.get(PROFILES).json() == {"profiles": []}
    assert search(own, q="水 water")["profile"] == "default@0"


def test_a_named_profile_ranks_as_its_settings_in_the_request_would(own):
    inline = search(own, q="水 water", **STEEP)
    assert put(own, "steep", STEEP)["version"] == 1
    named = search(own, q="水 water", profile="steep")
    assert ranked(named) == ranked(inline) != ranked(search(own, q="水 water"))
    assert (named["profile"], inline["profile"]) == ("steep@1", "default@0")
    assert named["fingerprint"] != inline["fingerprint"]


def test_the_profile_default_ranks_where_none_is_named(own):
    put(own, "default", STEEP)
    assert search(own, q="水 water")["profile"] == "default@1"
    assert ranked(search(own, q="水 water")) == ranked(search(own, q="水 water", **STEEP))
    assert search(own, q="水 water", profile="default@0")["profile"] == "default@0"


def test_versions_are_kept_and_one_call_goes_back(own):
    put(own, "default", STEEP)
    second = put(own, "default", FUSED)
    assert (second["version"], second["versions"], second["active"]) == (2, [1, 2], True)
    before = search(own, q="水 water", profile="default@1")
    response = own.post(f"{PROFILES}/default/activate", json={"version": 1})
    assert response.json()["version"] == 1
    assert search(own, q="水 water") == before
    assert own.get(f"{PROFILES}/default").json()["settings"]["depth"] == 30
    assert [each["version"] for each in own.get(PROFILES).json()["profiles"]] == [1]


def test_a_request_overrides_parts_of_a_profile(own):
    put(own, "fused", FUSED)
    overridden = search(own, q="水 water", profile="fused", fusion="linear")
    assert ranked(overridden) == ranked(
        search(own, q="水 water", retrievers=FUSED["retrievers"], fusion="linear")
    )
    assert overridden["profile"] == "fused@1"


def test_other_retrievers_keep_the_weights_of_those_that_the_profile_knows(own):
    put(own, "fused", FUSED)
    one = search(own, q="水 water", profile="fused", retrievers=["bm25", "tfidf"])
    same = {"method": "rrf", "weights": {"bm25": 2}}
    assert ranked(one) == ranked(search(own, q="水 water", retrievers=["bm25", "tfidf"], fusion=same))


def test_a_removed_profile_is_gone(own):
    put(own, "default", STEEP)
    assert own.delete(f"{PROFILES}/default").status_code == 204
    assert search(own, q="水")["profile"] == "default@0"
    check_problem(own.delete(f"{PROFILES}/default"), 404, "profile_not_found")
    check_problem(own.get(f"{PROFILES}/default"), 404, "profile_not_found")


def test_what_could_not_rank_is_no_profile(own):
    for settings, code, pointer in (
        ({"retrievers": ["bm52"]}, "unknown_retriever", "/retrievers/0"),
        (
            {"retrievers": ["bm25", {"type": "dense", "encoder": "bert"}]},
            "unknown_encoder",
            "/retrievers/1/encoder",
        ),
        ({"fusion": "rff"}, "unknown_fusion_method", "/fusion/method"),
        ({"fusion": {"weights": {"bm52": 1}}}, "unknown_retriever", "/fusion/weights/bm52"),
        ({"fusion": {"weights": {"bm25": 0, "hashing": 0}}}, "invalid_input", "/fusion/weights"),
        ({"rerank": {"by": "magic"}}, "unknown_reranker", "/rerank/by"),
        ({"diversity": {"encoder": "bert"}}, "unknown_encoder", "/diversity/encoder"),
        ({"q": "water"}, "invalid_request", "/q"),
        ({"depth": 1_001}, "invalid_request", "/depth"),
    ):
        check_problem(own.put(f"{PROFILES}/bad", json=settings), 422, code, pointer)
    assert own.get(PROFILES).json() == {"profiles": []}


@pytest.mark.parametrize("name", ["Bad", "a b", "a@1", "x" * 64, "-a"])
def test_a_name_that_is_none_is_refused(own, name):
    check_problem(own.put(f"{PROFILES}/{name}", json={}), 422, "invalid_request", "?name")


def test_an_unknown_profile_is_told_with_the_known_ones(own):
    put(own, "steep", STEEP)
    for wrong, known in (("steeq", "`steep`"), ("steep@2", "`steep@1`")):
        problem = check_problem(
            own.post(SEARCH, json={"q": "x", "profile": wrong}), 422, "unknown_profile", "/profile"
        )
        assert known in problem["detail"]
    check_problem(own.post(SEARCH, json={"profile": "no name"}), 422, "invalid_request", "/profile")
    response = own.post(f"{PROFILES}/steep/activate", json={"version": 9})
    assert "`steep@1`" in check_problem(response, 404, "profile_not_found")["detail"]


def test_an_index_without_a_generation_takes_a_profile(own):
    own.put("/v1/indexes/unbuilt", json={})
    response = own.put("/v1/indexes/unbuilt/profiles/default", json={"retrievers": ["word2vec"]})
    assert response.json()["version"] == 1
    check_problem(own.put("/v1/indexes/nowhere/profiles/default", json={}), 404, "index_not_found")


def test_a_profile_that_fits_no_more_is_told_by_its_name(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as own, Catalogue.open(data_dir) as catalogue:
        put(own, "default", FUSED)
        build_generation(catalogue, data_dir, "news", encoders=[])
        settle(own)
        problem = check_problem(own.post(SEARCH, json={"q": "x"}), 422, "profile_unfit", "/profile")
        assert "`default@1`" in problem["detail"]
        assert "`hashing`" in problem["detail"]
        assert own.post(SEARCH, json={"q": "x", "retrievers": ["bm25"]}).status_code == 200
        wrong = own.post(SEARCH, json={"q": "x", "retrievers": ["hashing"]})
        check_problem(wrong, 422, "unknown_retriever", "/retrievers/0")
