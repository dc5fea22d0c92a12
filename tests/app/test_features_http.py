"""The features of documents, and that they are what a search adds up."""

import re

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.analysis import analyse
from tests.app.sample import check_problem, sample, settle

DOCUMENTS = "/v1/indexes/news/documents"


def feature(client, doc_id, name, **parameters):
    response = client.get(f"{DOCUMENTS}/{doc_id}/features/{name}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def test_all_features_hold_each_one(client):
    answer = client.get(f"{DOCUMENTS}/comp-033/features").json()
    assert answer["id"] == "comp-033"
    assert {each["name"] for each in answer["features"]} >= {"bow", "tfidf", "bm25", "ngrams", "hashing"}
    for each in answer["features"]:
        assert each == feature(client, "comp-033", each["name"])


@pytest.mark.parametrize("doc_id", ["anim-001", "comp-033", "city-013", "cook-004"])
def test_offsets_are_those_of_the_text_as_it_was_sent(client, doc_id):
    [document] = [each for each in sample() if each["id"] == doc_id]
    terms = [term for name in ("bow", "ngrams") for term in feature(client, doc_id, name)["terms"]]
    assert {term["field"] for term in terms} == {"title", "text"}
    for term in terms:
        assert len(term["offsets"]) == len(term["positions"]) == term["tf"]
        for start, end in term["offsets"]:
            words = analyse(document[term["field"]][start:end]).terms
            assert "".join(words) == term["term"].replace(" ", "")


@pytest.mark.parametrize("name", ["bow", "bm25"])
def test_the_weight_of_a_term_is_what_it_adds_to_a_search(client, name):
    body = {"q": "rosin", "retrievers": [{"type": name, "fields": ["title"]}], "explain": "full"}
    [hit] = client.post("/v1/indexes/news/search", json=body).json()["hits"]
    [added] = hit["parts"][0]["parts"]
    terms = feature(client, hit["id"], name, view="words")["terms"]
    [weight] = [each["weight"] for each in terms if (each["field"], each["term"]) == ("title", "rosin")]
    assert (added["name"], added["value"]) == ("words:rosin", round(weight * 2**20) / 2**20)
    assert hit["score"] == added["value"]


def test_tfidf_weights_have_length_1_in_each_field_and_view(client):
    terms = feature(client, "comp-033", "tfidf")["terms"]
    columns = {(term["field"], term["view"]) for term in terms}
    assert len(columns) == 6
    for column in columns:
        weights = [term["weight"] for term in terms if (term["field"], term["view"]) == column]
        assert np.linalg.norm(weights) == pytest.approx(1)


def test_counts_are_those_of_the_corpus(client):
    [term] = [
        each
        for each in feature(client, "music-022", "bow")["terms"]
        if (each["field"], each["view"], each["term"]) == ("title", "words", "rosin")
    ]
    texts = (f"{each['title']} {each['text']}".lower() for each in sample())
    counts = [re.findall(r"[a-z]+", text).count("rosin") for text in texts]
    df, cf = sum(count > 0 for count in counts), sum(counts)  # over all text fields
    assert (term["tf"], term["df"], term["cf"], term["weight"]) == (1, df, cf, 1)


def test_a_vector_is_the_sum_of_its_words(client):
    answer = feature(client, "music-001", "hashing")
    assert answer["dims"] == len(answer["vector"]) == 256
    assert np.linalg.norm(answer["vector"]) == pytest.approx(1)
    assert answer["oov"] == []
    [document] = [each for each in sample() if each["id"] == "music-001"]
    for token in answer["tokens"]:
        start, end = token["offset"]
        assert document[token["field"]][start:end] == token["text"]
        assert token["known"]


def test_views_and_variants_can_be_chosen(client):
    answer = feature(client, "anim-001", "bm25", variant="bm25+", view="characters, bigrams")
    assert answer["variant"] == "bm25+"
    assert {term["view"] for term in answer["terms"]} == {"characters", "bigrams"}
    plain = feature(client, "anim-001", "bm25", view="characters, bigrams")
    assert plain["variant"] == "lucene"
    assert plain["terms"] != answer["terms"]


def test_a_view_that_the_index_does_not_hold_has_bare_counts(client):
    for term in feature(client, "anim-001", "bow", view="word_bigrams")["terms"]:
        assert (term["df"], term["cf"], term["idf"]) == (None, None, None)
        assert term["weight"] == term["tf"]


@pytest.mark.parametrize(
    ("path", "status", "code", "named"),
    [
        ("anim-001/features/bert", 404, "feature_not_found", "`bm25`, `bow`, `hashing`"),
        ("anim-001/features/word2vec", 409, "feature_not_in_model", "built without `word2vec`"),
        ("anim-001/features/bm25?variant=x", 422, "unknown_bm25_variant", "`atire`"),
        ("anim-001/features/bm25?view=x", 422, "unknown_view", "`words`"),
        ("anim-001/features/bm25?view=", 422, "unknown_view", "`words`"),
        ("anim-001/features/", 404, "not_found", "/docs"),
        ("nope/features", 404, "document_not_found", "nope"),
        ("nope/features/bow", 404, "document_not_found", "nope"),
    ],
)
def test_what_is_unknown_is_told_with_what_is_known(client, path, status, code, named):
    assert named in check_problem(client.get(f"{DOCUMENTS}/{path}"), status, code)["detail"]


def test_a_document_newer_than_the_generation_counts_in_its_features(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        client.post(DOCUMENTS, json=[{"id": "new/1", "text": "rosin rosin zyzzyva"}])
        settle(client)
        terms = client.get(f"{DOCUMENTS}/new%2F1/features/bow").json()["terms"]
        vector = client.get(f"{DOCUMENTS}/new%2F1/features/hashing").json()["vector"]
    told = {each["term"]: (each["tf"], each["df"], each["cf"]) for each in terms}
    holding = [each["text"].lower().split().count("rosin") for each in sample()]
    df = sum(count > 0 for count in holding)
    assert told["zyzzyva"] == (1, 1, 1)
    assert told["rosin"][:2] == (2, df + 1)
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_a_text_has_the_features_of_a_document_that_says_the_same(client):
    document = client.get("/v1/indexes/news/documents/anim-001").json()["document"]
    text = {"text": document["text"], "field": "text"}
    for name in ("bow", "bm25", "ngrams"):
        of_document = client.get(f"/v1/indexes/news/documents/anim-001/features/{name}").json()
        of_text = client.post(f"/v1/indexes/news/features/{name}", json=text).json()
        assert of_text["terms"] == [term for term in of_document["terms"] if term["field"] == "text"]
    every = client.post("/v1/indexes/news/features", json=text).json()
    assert [each["name"] for each in every["features"]] == ["bow", "tfidf", "bm25", "ngrams", "hashing"]


def test_a_text_in_an_unknown_field_or_feature_is_refused_with_the_known_ones(client):
    answer = client.post("/v1/indexes/news/features/bow", json={"text": "x", "field": "body"})
    check_problem(answer, 422, "unknown_field", "/field")
    check_problem(client.post("/v1/indexes/news/features/bert", json={"text": "x"}), 404, "feature_not_found")
    check_problem(client.post("/v1/indexes/no/features/bow", json={"text": "x"}), 404, "index_not_found")


def test_every_stage_of_the_analysis_is_shown_with_offsets_of_the_text_as_sent(client):
    text = "機器學習的 ＧＰＴ-4"
    answer = client.post("/v1/indexes/news/analyze", json={"text": text, "views": ["words"]}).json()
    assert answer["folded"] == "机器学习的 gpt-4"
    assert [(run["kind"], run["text"]) for run in answer["runs"]] == [
        ("han", "机器学习的"),
        ("other", " "),
        ("latin", "gpt"),
        ("other", "-"),
        ("latin", "4"),
    ]
    pieces = [(token["text"], text[slice(*token["offset"])]) for token in answer["tokens"]]
    assert pieces == [
        ("机器", "機器"),
        ("学习", "學習"),
        ("的", "的"),
        ("gpt-4", "ＧＰＴ-4"),
        ("gpt", "ＧＰＴ"),
        ("4", "4"),
    ]
    assert answer["query"] == {"words": ["机器", "学习", "gpt-4", "gpt", "4"]}


def test_an_unknown_view_or_too_long_a_text_is_no_analysis(client):
    wrong = {"text": "x", "views": ["wods"]}
    check_problem(client.post("/v1/indexes/news/analyze", json=wrong), 422, "unknown_view")
    long = {"text": "x" * 1_000_001}
    check_problem(client.post("/v1/indexes/news/analyze", json=long), 422, "invalid_request", "/text")
