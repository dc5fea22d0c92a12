"""Writes of many documents: awaited, sent twice, deleted by filter and by keys; a full disk, a busy file."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.storage.sqlite import sqlite_module
from tests.app.sample import check_problem, settle

NDJSON = {"content-type": "application/x-ndjson"}
PETS = [
    {"id": "1", "text": "猫 喜欢 鱼", "lang": "zh", "year": 2024},
    {"id": "2", "text": "dogs like bones", "lang": "en", "year": 2020},
    {"id": "3", "text": "cats like fish", "lang": "en", "year": 2024},
]


def lines(documents):
    return "".join(json.dumps(each) + "\n" for each in documents).encode()


SOON = {"searched": None, "encoded": None}
"""What a task says later than it ends."""


def send(client, index, documents, query="", **headers):
    names = NDJSON | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/indexes/{index}/documents{query}", content=lines(documents), headers=names)


def ids(client, index):
    listed = client.get(f"/v1/indexes/{index}/documents").json()["documents"]
    return [each["id"] for each in listed]


def delete(client, index, wanted, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/indexes/{index}/documents/delete", json=wanted, headers=names)


def test_who_waits_finds_what_was_sent(client):
    assert send(client, "awaited", PETS, "?wait=30").status_code == 202
    answer = client.post("/v1/indexes/awaited/search", json={"q": "fish", "retrievers": ["bm25"]})
    assert [hit["id"] for hit in answer.json()["hits"]] == ["3"]
    check_problem(send(client, "awaited", PETS, "?wait=-1"), 422, "invalid_request")


def test_the_same_import_with_the_same_key_has_one_effect(client):
    first = send(client, "twice", PETS, idempotency_key="import-1")
    send(client, "twice", [{"id": "1", "text": "between"}])
    again = send(client, "twice", PETS, idempotency_key="import-1")
    assert again.status_code == 202
    assert again.json() | SOON == first.json() | SOON
    assert again.headers["location"] == first.headers["location"]
    assert client.get("/v1/indexes/twice/documents/1").json()["document"] == {"text": "between"}
    for other in (
        send(client, "twice", PETS[:1], idempotency_key="import-1"),
        send(client, "twice", PETS, "?on_error=skip", idempotency_key="import-1"),
        delete(client, "twice", {"ids": ["1"]}, idempotency_key="import-1"),
    ):
        check_problem(other, 422, "idempotency_key_reused")
    assert client.get("/v1/indexes/twice").json()["seq"] == 4


def test_many_who_send_one_import_at_once_have_one_effect(client):
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: send(client, "at-once", PETS, idempotency_key="import-2"), range(4))
        )
    assert {each.status_code for each in answers} == {202}
    assert len({each.json()["id"] for each in answers}) == 1
    assert answers[0].json()["result"]["added"] == 3


def test_documents_are_deleted_by_filter(client):
    send(client, "filtered", PETS)
    response = delete(client, "filtered", {"filter": "lang = en AND year < 2024"})
    assert response.status_code == 202
    task = response.json()
    assert (task["type"], task["index"], task["status"]) == ("delete", "filtered", "succeeded")
    assert task["result"]["deleted"] == 1
    assert client.get(response.headers["location"]).json() | SOON == task | SOON
    assert ids(client, "filtered") == ["1", "3"]
    # What was written just now is selected too, and what was changed is as it is now.
    client.put("/v1/indexes/filtered/documents/4", json={"text": "new", "lang": "en"})
    client.patch("/v1/indexes/filtered/documents/3", json={"lang": "fr"})
    assert delete(client, "filtered", {"filter": "lang = en"}).json()["result"]["deleted"] == 1
    assert ids(client, "filtered") == ["1", "3"]
    settle(client, "filtered")
    answer = client.post("/v1/indexes/filtered/search", json={"q": "", "facets": ["lang"]}).json()
    assert [hit["id"] for hit in answer["hits"]] == ["1", "3"]


def test_documents_are_deleted_by_keys(client):
    send(client, "keyed", PETS)
    response = delete(client, "keyed", {"ids": ["3", "1", "3", "nobody"]}, idempotency_key="delete-many")
    assert response.json()["result"]["deleted"] == 2
    assert ids(client, "keyed") == ["2"]
    send(client, "keyed", PETS)
    again = delete(client, "keyed", {"ids": ["3", "1", "3", "nobody"]}, idempotency_key="delete-many")
    assert again.json()["id"] == response.json()["id"]
    assert ids(client, "keyed") == ["1", "2", "3"]
    assert delete(client, "keyed", {"ids": []}).json()["result"]["deleted"] == 0


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({}, 422, "invalid_request"),
        ({"filter": "lang = en", "ids": ["1"]}, 422, "invalid_request"),
        ({"ids": [1]}, 422, "invalid_request"),
        ({"ids": ["1"], "all": True}, 422, "invalid_request"),
        ({"filter": "lang ="}, 422, "filter_syntax"),
        ({"filter": "nothing = 1"}, 422, "unknown_field"),
        ({"filter": "year = soon"}, 422, "filter_type"),
        ({"ids": ["1"] * 10_001}, 413, "too_large"),
    ],
)
def test_what_selects_nothing_for_certain_is_refused(client, wanted, status, code):
    send(client, "careful", PETS)
    check_problem(delete(client, "careful", wanted), status, code)
    assert ids(client, "careful") == ["1", "2", "3"]


def test_nothing_is_deleted_of_an_index_that_is_not_there(client):
    for wanted in ({"ids": ["1"]}, {"filter": "lang = en"}):
        check_problem(delete(client, "nowhere", wanted), 404, "index_not_found")


@pytest.fixture
def small(tmp_path):
    """A service of small bounds, in a folder of its own."""
    settings = Settings(
        data_dir=tmp_path, max_document_bytes=1_000, max_task_errors=2, max_delete_ids=2, max_json_bytes=2_000
    )
    with TestClient(create_app(settings)) as opened:
        yield opened


def test_the_bounds_are_those_of_the_settings(small):
    bad = b"no\n" * 5 + lines(PETS)
    refused = small.post("/v1/indexes/pets/documents", content=bad, headers=NDJSON)
    problem = check_problem(refused, 422, "bad_lines")
    assert [each["pointer"] for each in problem["errors"]] == ["/1", "/2"]
    assert problem["detail"].startswith("5 bad line(s)")
    skipped = small.post("/v1/indexes/pets/documents?on_error=skip", content=bad, headers=NDJSON)
    assert skipped.json()["result"]["bad"] == 5
    assert len(small.get(skipped.headers["location"] + "/errors").json()["errors"]) == 2
    check_problem(delete(small, "pets", {"ids": ["1", "2", "3"]}), 413, "too_large")
    url = "/v1/indexes/pets/documents/4"
    check_problem(small.put(url, json={"text": "x" * 1_000}), 413, "too_large")
    check_problem(small.put(url, json={"text": "x" * 2_000}), 413, "too_large")
    assert small.put(url, json={"text": "x" * 900}).status_code == 201


def test_a_full_disk_refuses_writes_until_there_is_room(small):
    send(small, "pets", PETS)
    database = small.app.state.service.catalogue._database
    with database.read() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar()
    room = {"pages": used + 2}

    @event.listens_for(database._engine, "checkout")
    def bound(connection, *_):
        connection.execute(f"PRAGMA max_page_count={room['pages']}")

    many = [{"id": f"n{i}", "text": f"{i} " * 50} for i in range(1_000)]
    for _ in range(2):
        check_problem(send(small, "pets", many), 507, "insufficient_storage")
        check_problem(send(small, "new", many), 507, "insufficient_storage")
    for number in range(100):
        response = small.put(f"/v1/indexes/pets/documents/p{number}", json={"text": "x" * 900})
        if response.status_code != 201:
            break
    check_problem(response, 507, "insufficient_storage")
    stored = ["1", "2", "3", *sorted(f"p{i}" for i in range(number))]
    assert ids(small, "pets") == stored[:20]
    check_problem(small.get("/v1/indexes/new"), 404, "index_not_found")
    room["pages"] = 1_000_000
    assert small.put("/v1/indexes/pets/documents/9", json={"text": "room"}).status_code == 201
    assert send(small, "pets", many).json()["result"]["added"] == 1_000


def test_who_meets_a_busy_catalogue_is_told_to_come_again(small, tmp_path):
    send(small, "pets", PETS)

    @event.listens_for(small.app.state.service.catalogue._database._engine, "checkout")
    def impatient(connection, *_):
        connection.execute("PRAGMA busy_timeout=10")

    other = sqlite_module().connect(tmp_path / "textprism.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for response in (
        small.put("/v1/indexes/pets/documents/4", json={"text": "x"}),
        small.delete("/v1/indexes/pets/documents/1"),
        send(small, "pets", [{"id": "4", "text": "x"}]),
        delete(small, "pets", {"ids": ["1"]}),
    ):
        check_problem(response, 503, "busy")
        assert int(response.headers["retry-after"]) > 0
    assert ids(small, "pets") == ["1", "2", "3"]
    other.execute("ROLLBACK")
    other.close()
    assert small.put("/v1/indexes/pets/documents/4", json={"text": "x"}).status_code == 201
