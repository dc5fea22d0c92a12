"""Over HTTP: what is written is found without a reindex, and folded in when it has become much."""

import json

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

DOCUMENTS = "/v1/indexes/pets/documents"
SEARCH = "/v1/indexes/pets/search"
PARROT = {"id": "4", "title": "Parrots", "text": "A parrot repeats what it hears."}


@pytest.fixture
def data_dir(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS, HASHING)
        build_generation(catalogue, tmp_path, "pets")
    return tmp_path


@pytest.fixture
def client(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as opened:
        yield opened


def ids(client, query, *retrievers, **more):
    body = {"q": query, "retrievers": list(retrievers or ["bm25"]), **more}
    answer = client.post(SEARCH, json=body)
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def test_a_batch_is_found_by_every_retriever_when_the_answer_was_waited_for(client):
    task = client.post(f"{DOCUMENTS}?wait=30", json=[PARROT]).json()
    assert (task["status"], task["searched"]) == ("succeeded", True)
    assert client.get(f"/v1/tasks/{task['id']}").json()["searched"] is True
    for retriever in ("bm25", "tfidf", "bow", "lm", "hashing"):
        assert ids(client, "parrot repeats", retriever)[0] == "4"
    assert ids(client, "", filter="lang NOT EXISTS") == ["4"]


def test_one_document_is_found_replaced_and_gone(client):
    assert client.put(f"{DOCUMENTS}/4", params={"wait": 30}, json=PARROT).status_code == 201
    assert ids(client, "parrot") == ["4"]
    patch = {"text": "A budgerigar is a small parakeet."}
    assert client.patch(f"{DOCUMENTS}/4", params={"wait": 30}, json=patch).status_code == 200
    assert (ids(client, "budgerigar"), ids(client, "repeats")) == (["4"], [])
    assert client.delete(f"{DOCUMENTS}/4", params={"wait": 30}).status_code == 204
    assert ids(client, "budgerigar") == []
    deletion = client.post(f"{DOCUMENTS}/delete", params={"wait": 30}, json={"filter": "lang = zh"})
    assert deletion.json()["result"]["deleted"] == 2
    assert ids(client, "") == ["3"]


def test_what_changed_much_is_folded_in_with_the_same_encoders(client, data_dir, monkeypatch):
    monkeypatch.setattr("indexer.live.index.FOLD_LEAST", 5)
    before = client.post(SEARCH, json={"q": "fish"}).json()
    documents = [{"id": f"new-{number}", "text": f"fish number {number}"} for number in range(20)]
    client.post(f"{DOCUMENTS}?wait=30", json=documents)
    live = client.post(SEARCH, json={"q": "fish", "limit": 30}).json()
    [task] = client.get("/v1/tasks", params={"index": "pets"}).json()["tasks"][:1]
    assert task["type"] == "reindex"
    ended = client.get(f"/v1/tasks/{task['id']}", params={"wait": 60}).json()
    assert (ended["status"], ended["result"]["generation"]) == ("succeeded", "gen-000002")
    folded = client.post(SEARCH, json={"q": "fish", "limit": 30}).json()
    assert (before["generation"], live["generation"]) == ("gen-000001", "gen-000001")
    assert folded["generation"] == "gen-000002"
    assert json.dumps(folded["hits"]) == json.dumps(live["hits"])


def test_an_index_that_was_never_built_is_folded_without_encoders(client, monkeypatch):
    monkeypatch.setattr("indexer.live.index.FOLD_LEAST", 5)
    documents = [{"id": f"{number}", "text": f"fish number {number}"} for number in range(20)]
    client.post("/v1/indexes/fish/documents?wait=30", json=documents)
    [task] = client.get("/v1/tasks", params={"index": "fish"}).json()["tasks"][:1]
    ended = client.get(f"/v1/tasks/{task['id']}", params={"wait": 60}).json()
    assert ended["result"]["encoders"] == []
    assert client.get("/v1/indexes/fish").json()["generation"] == "gen-000001"
