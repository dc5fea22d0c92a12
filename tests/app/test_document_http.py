"""One document over HTTP: put, patched, deleted, under conditions, and sent twice."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.app.sample import check_problem
from tests.app.test_documents_http import KEYS

MERGE_PATCH = {"content-type": "application/merge-patch+json"}


@pytest.fixture
def url(request):
    """The documents of an index of the test's own."""
    name = "".join(each if each.isalnum() else "-" for each in request.node.name.lower())
    return f"/v1/indexes/{name[5:60]}/documents"


def test_a_document_is_created_replaced_and_deleted(client, url):
    created = client.put(f"{url}/a", json={"title": "猫", "text": "猫喜欢吃鱼。", "year": 2024})
    assert created.status_code == 201
    etag = created.headers["etag"]
    assert created.json() == {"id": "a", "outcome": "created", "seq": 1, "etag": etag}
    replaced = client.put(f"{url}/a", json={"id": "a", "title": "狗"})
    assert (replaced.status_code, replaced.json()["outcome"], replaced.json()["seq"]) == (200, "updated", 2)
    assert replaced.headers["etag"] not in ("", etag)
    read = client.get(f"{url}/a")
    assert read.json() == {"id": "a", "document": {"title": "狗"}}
    assert read.headers["etag"] == replaced.headers["etag"]
    same = client.put(f"{url}/a", json={"title": "狗"})
    assert (same.status_code, same.json()["outcome"]) == (200, "unchanged")
    assert same.headers["etag"] == replaced.headers["etag"]
    gone = client.delete(f"{url}/a")
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "DELETE", "PATCH"):
        body = {"json": {"year": 1}} if method == "PATCH" else {}
        check_problem(client.request(method, f"{url}/a", **body), 404, "document_not_found")


@pytest.mark.parametrize("headers", [MERGE_PATCH, {"content-type": "application/json"}])
def test_a_patch_changes_what_it_names(client, url, headers):
    client.put(f"{url}/a", json={"title": "猫", "text": "x", "o": {"p": 1, "q": [2]}, "lang": "zh"})
    patch = {"text": "y", "o": {"p": None, "r": 3}, "lang": None, "year": 2024}
    patched = client.patch(f"{url}/a", content=json.dumps(patch), headers=headers)
    assert (patched.status_code, patched.json()["outcome"]) == (200, "updated")
    expected = {"title": "猫", "text": "y", "o": {"q": [2], "r": 3}, "year": 2024}
    read = client.get(f"{url}/a")
    assert read.json()["document"] == expected
    assert read.headers["etag"] == patched.headers["etag"] == patched.json()["etag"]


def test_who_waits_searches_what_was_written(client, url):
    index = url.split("/")[3]
    client.put(f"{url}/a?wait=30", json={"text": "zebra herd"})
    client.put(f"{url}/b?wait=30", json={"text": "zebra stripes"})

    def found():
        answer = client.post(f"/v1/indexes/{index}/search", json={"q": "zebra", "retrievers": ["bm25"]})
        return {hit["id"] for hit in answer.json()["hits"]}

    assert found() == {"a", "b"}
    client.patch(f"{url}/a?wait=30", json={"text": "lion"})
    assert found() == {"b"}
    client.delete(f"{url}/b?wait=30")
    assert found() == set()


def test_every_key_can_be_written_at_its_address(client, url):
    for key in KEYS:
        address = f"{url}/{quote(key, safe='').replace('.', '%2E')}"
        assert client.put(address, json={"text": f"text of {key}"}).json()["id"] == key
        assert client.patch(address, json={"id": key, "n": 1}).status_code == 200
        assert client.get(address).json()["document"] == {"text": f"text of {key}", "n": 1}
        assert client.delete(address).status_code == 204


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"text": "x"', 422, "invalid_request"),
        (b'{"text": NaN}', 422, "invalid_request"),
        (b'{"text": "\\ud800"}', 422, "invalid_request"),
        (b'{"text": "\xff"}', 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (b"null", 422, "invalid_request"),
        (b"", 422, "invalid_request"),
        (b'{"id": "other", "text": "x"}', 422, "other_id"),
        (b'{"id": true, "text": "x"}', 422, "invalid_id"),
        (b'{"text": " "}', 422, "empty_document"),
        (b'{"text": 1}', 422, "wrong_type"),
        (b'{"text": "x", "o": ' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}", 422, "nested_too_deeply"),
        (b'{"text": "%s"}' % (b"x" * (9 << 20)), 413, "too_large"),
    ],
)
def test_what_is_no_document_is_refused_and_changes_nothing(client, url, content, status, code):
    etag = client.put(f"{url}/a", json={"text": "first"}).headers["etag"]
    for method in ("PUT", "PATCH"):
        response = client.request(
            method, f"{url}/a", content=content, headers={"content-type": "application/json"}
        )
        check_problem(response, status, code)
    assert client.get(f"{url}/a").headers["etag"] == etag


def test_a_document_of_5_mb_is_taken(client, url):
    assert client.put(f"{url}/a", json={"text": "x" * (5 << 20)}).status_code == 201
    assert client.patch(f"{url}/a", json={"n": 1}).status_code == 200
    assert len(client.get(f"{url}/a").json()["document"]["text"]) == 5 << 20


def test_a_key_of_1_000_characters_is_refused(client, url):
    for letter in ("k", "猫"):
        key = letter * 1_000
        check_problem(client.put(f"{url}/{key}", json={"text": "x"}), 422, "id_too_long")
        check_problem(client.get(f"{url}/{key}"), 404, "index_not_found")
    problem = check_problem(client.put(f"{url}/{'k' * 5_000}", json={"text": "x"}), 422, "invalid_request")
    assert problem["errors"][0]["pointer"] == "?doc_id"


def test_another_kind_of_body_is_415(client, url):
    for method, kind in [
        ("PUT", "text/plain"),
        ("PUT", "application/merge-patch+json"),
        ("PATCH", "text/csv"),
        ("PATCH", "application/json-patch+json"),
    ]:
        response = client.request(
            method, f"{url}/a", content=b'{"text": "x"}', headers={"content-type": kind}
        )
        check_problem(response, 415, "unsupported_media_type")


def test_only_who_has_seen_the_document_as_it_is_changes_it(client, url):
    first = client.put(f"{url}/a", json={"text": "one"}).headers["etag"]
    second = client.put(f"{url}/a", json={"text": "two"}, headers={"if-match": f'"other", {first}'})
    assert second.status_code == 200
    for method, body in [("PUT", {"text": "x"}), ("PATCH", {"text": "x"}), ("DELETE", None)]:
        given = {"headers": {"if-match": first}} | ({} if body is None else {"json": body})
        problem = check_problem(client.request(method, f"{url}/a", **given), 412, "precondition_failed")
        assert second.headers["etag"] in problem["detail"]
        missing = client.request(method, f"{url}/missing", **given | {"headers": {"if-match": "*"}})
        check_problem(missing, 412, "precondition_failed")
    assert client.delete(f"{url}/a", headers={"if-match": second.headers["etag"]}).status_code == 204


def test_a_document_is_created_only_where_there_is_none(client, url):
    new = {"if-none-match": "*"}
    assert client.put(f"{url}/a", json={"text": "one"}, headers=new).status_code == 201
    check_problem(client.put(f"{url}/a", json={"text": "two"}, headers=new), 412, "precondition_failed")
    assert client.get(f"{url}/a").json()["document"] == {"text": "one"}


def test_who_has_the_document_already_is_told_so(client, url):
    etag = client.put(f"{url}/a", json={"text": "one"}).headers["etag"]
    for tags in (etag, f'"x",{etag}', "*"):
        unchanged = client.get(f"{url}/a", headers={"if-none-match": tags})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["etag"] == etag
    assert client.get(f"{url}/a", headers={"if-none-match": '"x"'}).json()["document"] == {"text": "one"}


@pytest.mark.parametrize("header", ["if-match", "if-none-match"])
@pytest.mark.parametrize("tags", ["7-abc", '"7', '"a" "b"', ",", "", '"a", *'])
def test_what_is_no_etag_is_refused(client, url, header, tags):
    response = client.put(f"{url}/a", json={"text": "x"}, headers={header: tags})
    check_problem(response, 422, "invalid_etag")


def test_of_two_who_write_with_the_same_if_match_one_wins(client, url):
    etag = client.put(f"{url}/a", json={"text": "x"}).headers["etag"]
    start = Barrier(2)

    def write(text):
        start.wait()
        return client.put(f"{url}/a", json={"text": text}, headers={"if-match": etag}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, ["by one", "by another"])) == [200, 412]


def test_the_same_request_with_the_same_key_has_one_effect(client, url):
    def put(text, key="put-1", **headers):
        names = {"idempotency-key": key} | headers
        return client.put(f"{url}/a", json={"text": text}, headers=names)

    first = put("one")
    between = client.put(f"{url}/a", json={"text": "between"})
    again = put("one")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(f"{url}/a").headers["etag"] == between.headers["etag"]
    for other in (
        put("two"),
        put("one", **{"if-match": "*"}),
        client.delete(f"{url}/a", headers=key("put-1")),
    ):
        check_problem(other, 422, "idempotency_key_reused")
    for _ in range(2):
        assert client.delete(f"{url}/a", headers=key("delete-1")).status_code == 204
    check_problem(client.delete(f"{url}/a", headers=key("delete-2")), 404, "document_not_found")


def key(word):
    return {"idempotency-key": word}


@pytest.mark.parametrize("word", ["", "a b", "é", "k" * 256])
def test_what_is_no_key_is_refused(client, url, word):
    response = client.put(f"{url}/a", json={"text": "x"}, headers=key(word.encode("latin-1")))
    problem = check_problem(response, 422, "invalid_request")
    assert problem["errors"][0]["pointer"].lower() == "?idempotency-key"


def test_what_was_answered_is_there_after_a_restart(tmp_path):
    url = "/v1/indexes/kept/documents"
    with TestClient(create_app(Settings(data_dir=tmp_path))) as client:
        etag = client.put(f"{url}/a", json={"text": "x"}, headers=key("k")).headers["etag"]
    with TestClient(create_app(Settings(data_dir=tmp_path))) as client:
        assert client.get(f"{url}/a").headers["etag"] == etag
        assert client.put(f"{url}/a", json={"text": "x"}, headers=key("k")).status_code == 201


def test_a_body_that_stops_half_way_changes_nothing(client, url):
    received = iter(
        [
            {"type": "http.request", "body": b'{"text": "x"}', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent = []

    async def receive():
        await asyncio.sleep(0)
        return next(received)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"{url}/a",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    client.portal.call(client.app, scope, receive, send)
    assert sent[0]["status"] == 400
    check_problem(client.get(f"{url}/a"), 404, "index_not_found")
