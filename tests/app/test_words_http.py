"""Words in the spaces of an index, models over HTTP, and queries with neighbours."""

import numpy as np
import pytest
from gensim.models import KeyedVectors
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.encoders import WordSpace
from indexer.generation import IndexFolder
from tests.app.sample import check_problem, sample
from tests.library import new_catalogue, store

INDEX = "/v1/indexes/words"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "words", sample())
        store(catalogue, "plain", sample()[:3])
    return folder


@pytest.fixture(scope="module")
def client(folder):
    """The index `words` with two trained spaces beside hashing, `plain` with hashing alone."""
    with TestClient(create_app(Settings(data_dir=folder))) as opened:
        for encoder in ("fasttext", "word2vec"):
            body = {"encoder": encoder, "options": {"dims": 24, "epochs": 5, "seed": 3}}
            task = opened.post(f"{INDEX}/train?wait=60", json=body).json()
            assert (task["type"], task["status"]) == ("train", "succeeded"), task
            assert task["result"]["model"] == f"words-{encoder}@1"
            assert task["progress"]["loss"] > 0
            assert task["progress"]["per_second"] > 0
        for index in ("words", "plain"):
            assert opened.post(f"/v1/indexes/{index}/reindex?wait=60").json()["status"] == "succeeded"
        yield opened


def keyed(folder, name):
    """The words of an encoder in gensim, an independent implementation of what is asked of them."""
    space = IndexFolder(folder, "words").open()[0].dense[name].encoder
    assert isinstance(space, WordSpace)
    words = space.words
    vectors = KeyedVectors(words.dims)
    vectors.add_vectors(list(words.words), words.vectors)
    return vectors


@pytest.mark.parametrize("name", ["word2vec", "fasttext"])
def test_neighbours_are_those_of_an_independent_implementation(client, folder, name):
    answer = client.get(f"{INDEX}/terms/猫", params={"encoders": name, "limit": 7}).json()
    [space] = answer["spaces"]
    assert (answer["text"], space["encoder"], space["terms"]) == ("猫", name, ["猫"])
    expected = keyed(folder, name).most_similar("猫", topn=7)
    assert [each["term"] for each in space["neighbours"]] == [term for term, _ in expected]
    for found, (_, cosine) in zip(space["neighbours"], expected, strict=True):
        assert found["similarity"] == pytest.approx(cosine, abs=1e-5)


def test_an_analogy_is_that_of_an_independent_implementation(client, folder):
    asked = {"a": "river", "b": "bank", "c": "猫", "encoder": "word2vec", "limit": 5}
    answer = client.get(f"{INDEX}/analogies", params=asked).json()
    expected = keyed(folder, "word2vec").most_similar(positive=["bank", "猫"], negative=["river"], topn=5)
    assert [each["term"] for each in answer["answers"]] == [term for term, _ in expected]
    for found, (_, cosine) in zip(answer["answers"], expected, strict=True):
        assert found["similarity"] == pytest.approx(cosine, abs=1e-5)


def test_a_word_that_was_never_seen_has_a_vector_where_there_are_subwords_alone(client):
    spaces = {each["encoder"]: each for each in client.get(f"{INDEX}/terms/riverr").json()["spaces"]}
    assert set(spaces) == {"word2vec", "fasttext"}
    assert (spaces["word2vec"]["unknown"], spaces["word2vec"]["neighbours"]) == (["riverr"], [])
    assert (spaces["fasttext"]["unknown"], spaces["fasttext"]["made"]) == ([], ["riverr"])
    assert spaces["fasttext"]["neighbours"][0]["term"] == "river"


def test_a_text_of_several_words_and_one_with_a_slash(client):
    space = client.get(f"{INDEX}/terms/river bank", params={"encoders": "word2vec"}).json()["spaces"][0]
    assert space["terms"] == ["river", "bank"]
    assert not {"river", "bank"} & {each["term"] for each in space["neighbours"]}
    assert client.get(f"{INDEX}/terms/river%2Fbank").json()["text"] == "river/bank"


def test_features_tell_what_was_made_of_characters(client):
    found = client.post(f"{INDEX}/features/fasttext", json={"text": "riverr 猫"}).json()
    assert [(each["term"], each["known"], each["made"]) for each in found["tokens"]] == [
        ("riverr", True, True),
        ("猫", True, False),
    ]
    assert found["oov"] == []
    assert client.post(f"{INDEX}/features/word2vec", json={"text": "riverr"}).json()["oov"] == ["riverr"]


def test_bad_words_are_refused(client):
    check_problem(client.get("/v1/indexes/nowhere/terms/x"), 404, "index_not_found")
    check_problem(client.get("/v1/indexes/plain/terms/x"), 409, "feature_not_in_model")
    check_problem(client.get(f"{INDEX}/terms/%20"), 422, "empty_text", "?term")
    check_problem(client.get(f"{INDEX}/terms/x?encoders=glove"), 422, "unknown_encoder", "?encoder")
    check_problem(client.get(f"{INDEX}/terms/x?limit=0"), 422, "invalid_request", "?limit")
    asked = {"a": "猫", "b": "bank", "c": "zzzz", "encoder": "word2vec"}
    check_problem(client.get(f"{INDEX}/analogies", params=asked), 422, "unknown_word", "?c")
    check_problem(
        client.get(f"{INDEX}/analogies", params={"a": "猫", "b": "狗"}), 422, "invalid_request", "?c"
    )


def test_models_are_listed_shown_and_removed(client):
    listed = client.get("/v1/models").json()["models"]
    assert [(each["name"], each["version"], each["type"]) for each in listed] == [
        ("words-fasttext", 1, "fasttext"),
        ("words-word2vec", 1, "word2vec"),
    ]
    one = client.get("/v1/models/words-fasttext@1").json()
    assert one == listed[0]
    assert len(one["report"]["losses"]) == 5
    check_problem(client.delete("/v1/models/words-fasttext"), 422, "model_in_use")
    check_problem(client.get("/v1/models/nothing"), 404, "model_not_found")
    check_problem(client.delete("/v1/models/nothing"), 404, "model_not_found")
    body = {"encoder": "glove", "options": {"dims": 8, "epochs": 1}, "model": "spare"}
    assert client.post(f"{INDEX}/train?wait=60", json=body).json()["status"] == "succeeded"
    settings = client.get(INDEX).json()["settings"]
    del settings["encoders"]["glove"]
    assert client.put(INDEX, json=settings).status_code == 200
    assert client.delete("/v1/models/spare").status_code == 204
    check_problem(client.get("/v1/models/spare"), 404, "model_not_found")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"encoder": "hashing"}, "no_word_vectors", "/type"),
        ({"encoder": "glov"}, "unknown_encoder_type", "/type"),
        ({"encoder": "glove", "options": {"dims": 1}}, "invalid_option", "/options/dims"),
        ({"encoder": "glove", "options": {"x": 1}}, "unknown_encoder_option", "/options/x"),
        ({"encoder": "glove", "model": "../x"}, "invalid_model_name", None),
        ({}, "invalid_request", "/encoder"),
    ],
)
def test_bad_trainings_are_refused_at_once(client, body, code, pointer):
    check_problem(client.post(f"{INDEX}/train", json=body), 422, code, pointer)


def test_a_corpus_that_is_too_small_fails_the_task_with_the_minimum(client):
    task = client.post("/v1/indexes/plain/train?wait=60", json={"encoder": "word2vec"}).json()
    assert (task["status"], task["error"]["code"]) == ("failed", "corpus_too_small")
    assert "at least 1000 words" in task["error"]["message"]


def search(client, **body):
    return client.post(f"{INDEX}/search", json={"retrievers": ["bm25"], "limit": 50, **body}).json()


def test_an_expanded_query_finds_more_and_says_by_what(client):
    plain = search(client, q="猫")
    assert plain["expansion"] is None
    expansion = {"encoder": "word2vec", "terms": 3, "weight": 0.5, "least": 0.2}
    more = search(client, q="猫", expansion=expansion, explain="full")
    neighbours = client.get(f"{INDEX}/terms/猫?encoders=word2vec&limit=3").json()["spaces"][0]["neighbours"]
    assert [each["term"] for each in more["expansion"]] == [each["term"] for each in neighbours]
    for each, neighbour in zip(more["expansion"], neighbours, strict=True):
        assert each["of"] == "猫"
        assert each["similarity"] == pytest.approx(neighbour["similarity"], abs=1e-6)
        assert each["weight"] == pytest.approx(0.5 * each["similarity"], abs=1e-5)
    assert {hit["id"] for hit in plain["hits"]} < {hit["id"] for hit in more["hits"]}
    assert more["hits"][0]["id"] == plain["hits"][0]["id"]
    for hit in more["hits"]:
        names = [part["name"].partition(":")[2] for part in hit["parts"][0]["parts"]]
        assert set(names) <= {"猫", *(each["term"] for each in more["expansion"])} | set("".join(names))
        total = sum(part["value"] for part in hit["parts"][0]["parts"])
        assert total == hit["score"]


def test_a_term_of_an_expansion_counts_its_weight_times_what_it_would_alone(client):
    [each, *_] = search(client, q="river", expansion={"terms": 1, "least": 0, "weight": 0.5})["expansion"]
    alone = {hit["id"]: hit["score"] for hit in search(client, q=each["term"])["hits"]}
    plain = {hit["id"]: hit["score"] for hit in search(client, q="river")["hits"]}
    both = search(client, q="river", expansion={"terms": 1, "least": 0, "weight": 0.5})["hits"]
    for hit in both:
        expected = plain.get(hit["id"], 0) + each["weight"] * alone.get(hit["id"], 0)
        assert hit["score"] == pytest.approx(expected, abs=1e-5)


def test_operators_and_filters_hold_for_expanded_queries_too(client):
    expansion = {"terms": 5, "least": 0.0, "weight": 1.0}
    strict = search(client, q="+river -bank", expansion=expansion)
    assert {hit["id"] for hit in strict["hits"]} == {
        hit["id"] for hit in search(client, q="+river -bank")["hits"]
    }
    filtered = search(client, q="river", expansion=expansion, filter="lang = zh")
    allowed = {hit["id"] for hit in search(client, q="", filter="lang = zh")["hits"]}
    assert {hit["id"] for hit in filtered["hits"]} <= allowed


def test_bad_expansions_are_refused(client):
    body = {"q": "猫", "expansion": {"encoder": "glov"}}
    check_problem(client.post(f"{INDEX}/search", json=body), 422, "unknown_encoder", "/expansion/encoder")
    body = {"q": "猫", "expansion": {"terms": 99}}
    check_problem(client.post(f"{INDEX}/search", json=body), 422, "invalid_request", "/expansion/terms")
    body = {"q": "猫", "expansion": {}}
    check_problem(client.post("/v1/indexes/plain/search", json=body), 409, "feature_not_in_model")


def test_a_cosine_is_told_pair_by_pair(client):
    found = client.post(
        f"{INDEX}/search", json={"q": "river bank", "retrievers": ["fasttext"], "explain": "full", "limit": 3}
    ).json()
    for hit in found["hits"]:
        words = hit["parts"][0]["parts"]
        assert sum(np.float64(each["value"]) for each in words) == hit["score"]
        assert {each["name"] for each in words} <= {"river", "bank", "(rounding)"}
        assert all(each["parts"] for each in words if each["name"] != "(rounding)")
