"""Classifiers as a program meets them: trained, asked, and their labels counted by a facet."""

import pytest

from tests.app.sample import check_problem
from tests.app.test_query_http import build
from tests.indexer.build.labelled import DOCUMENTS


@pytest.fixture(scope="module")
def url(client):
    """An index with a classifier of its topics."""
    build(client, "topics", DOCUMENTS)
    body = {"encoder": "classifier", "options": {"field": "topic", "on": "tfidf"}}
    task = client.post("/v1/indexes/topics/train", json=body, params={"wait": 120}).json()
    assert task["status"] == "succeeded", task
    assert task["result"]["model"] == "topics-classifier@1"
    assert task["result"]["report"]["table"][0]["representation"] == "tfidf"
    return "/v1/indexes/topics"


def test_a_text_is_classified_with_its_reasons(client, url):
    body = {"model": "topics-classifier", "text": "Cargo in the harbour!", "limit": 1}
    answer = client.post(f"{url}/classify", json=body).json()
    assert (answer["model"], answer["on"], answer["field"]) == ("topics-classifier@1", "tfidf", "topic")
    [label] = answer["labels"]
    assert label["label"] == "ship"
    assert 0.5 < label["probability"] < 1
    assert {each["term"] for each in answer["because"]} >= {"cargo", "harbour"}
    assert client.post(f"{url}/classify", json={**body, "text": "犇"}).json()["labels"] == []


def test_labels_fill_a_facet(client, url):
    body = {"model": "topics-classifier", "field": "guess"}
    task = client.post(f"{url}/labels", json=body, params={"wait": 60}).json()
    assert task["status"] == "succeeded", task
    assert (task["result"]["labelled"], task["result"]["unknown"]) == (60, 1)
    seq = client.get(url).json()["seq"]
    assert seq >= 121
    answer = client.post(f"{url}/search", json={"q": "", "facets": ["guess"], "limit": 1})
    counts = answer.json()["facets"]["fields"]["guess"]["values"]
    assert sum(each["count"] for each in counts) == 60
    found = client.post(f"{url}/search", json={"q": "sail", "filter": "guess = ship"}).json()["hits"]
    assert {hit["document"]["guess"] for hit in found} == {"ship"}


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "pointer"),
    [
        ("classify", {"text": "x"}, 422, "invalid_request", "/model"),
        ("classify", {"model": "none", "text": "x"}, 404, "model_not_found", None),
        (
            "classify",
            {"model": "topics-classifier", "text": "x", "limit": 0},
            422,
            "invalid_request",
            "/limit",
        ),
        (
            "classify",
            {"model": "topics-classifier", "text": "x", "field": "y"},
            422,
            "unknown_field",
            "/field",
        ),
        ("labels", {"model": "topics-classifier", "field": "text"}, 422, "wrong_field_type", "/field"),
        ("labels", {"model": "none", "field": "guess"}, 404, "model_not_found", None),
        ("train", {"encoder": "classifier"}, 422, "invalid_option", "/options/field"),
        (
            "train",
            {"encoder": "classifier", "options": {"field": "x"}},
            422,
            "unknown_field",
            "/options/field",
        ),
        (
            "train",
            {"encoder": "autoencoder", "options": {"code": 1}},
            422,
            "invalid_option",
            "/options/code",
        ),
    ],
)
def test_bad_input_is_told_with_its_place(client, url, path, body, status, code, pointer):
    response = client.post(f"{url}/{path}", json=body)
    assert response.status_code == status, response.text
    assert response.json()["code"] == code
    check_problem(response, status, code, *([pointer] if pointer else []))


def test_labels_of_a_field_that_was_learned_from_are_refused(client, url):
    body = {"model": "topics-classifier", "field": "topic"}
    task = client.post(f"{url}/labels", json=body, params={"wait": 60}).json()
    assert (task["status"], task["error"]["code"]) == ("failed", "field_of_labels")
