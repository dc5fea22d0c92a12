"""Documents sent in, listed and read back."""

import asyncio
import gzip
import json
import logging
from urllib.parse import quote

import pytest

from tests.app.sample import check_problem, settle

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
THREE = [
    {"id": "a", "title": "猫", "text": "猫喜欢吃鱼。", "year": 2024},
    {"id": "b", "title": "狗", "text": "狗喜欢\n啃骨头，“汪”。", "year": 2023},
    {"id": "c", "title": "Cats", "text": 'Cats like "fish", dogs do not.', "year": 1999},
]
LINES = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in THREE).encode()
TABLE = """id,title,text,year
a,猫,猫喜欢吃鱼。,2024
b,狗,"狗喜欢
啃骨头，“汪”。",2023
c,Cats,"Cats like ""fish"", dogs do not.",1999
""".encode()


def send(client, index, body, kind=NDJSON, **headers):
    names = {"content-type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/indexes/{index}/documents", content=body, headers=names)


def stored(client, index):
    return client.get(f"/v1/indexes/{index}/documents", params={"limit": 1_000}).json()


@pytest.mark.parametrize(
    ("index", "body", "kind", "headers"),
    [
        ("sent-json", json.dumps(THREE).encode(), JSON, {}),
        ("sent-json-utf8", json.dumps(THREE).encode(), 'application/json; charset="UTF-8"', {}),
        ("sent-ndjson", LINES, NDJSON, {}),
        ("sent-jsonl", LINES, "application/jsonl", {}),
        ("sent-bom", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n"), NDJSON, {}),
        ("sent-gzip", gzip.compress(LINES), NDJSON, {"content_encoding": "gzip"}),
        ("sent-csv", TABLE, CSV, {}),
        ("sent-csv-gzip", gzip.compress(TABLE), CSV, {"content_encoding": "GZIP"}),
    ],
)
def test_every_format_stores_the_same_documents(client, index, body, kind, headers):
    response = send(client, index, body, kind, **headers)
    assert response.status_code == 202, response.text
    task = response.json()
    assert response.headers["location"] == f"/v1/tasks/{task['id']}"
    told = client.get(response.headers["location"]).json()
    soon = {"searched": None, "encoded": None}
    assert told | soon == task | soon
    assert (task["type"], task["index"], task["status"]) == ("import", index, "succeeded")
    counts = {"added": 3, "updated": 0, "unchanged": 0, "bad": 0, "index_created": True}
    assert task["result"] == {**counts, "seq": 3}
    found = stored(client, index)
    assert found["total"] == 3
    assert [{"id": each["id"], **each["document"]} for each in found["documents"]] == THREE


def test_the_same_documents_again_change_nothing_and_new_ones_replace(client):
    send(client, "again", LINES)
    assert send(client, "again", LINES).json()["result"]["unchanged"] == 3
    result = send(client, "again", LINES.replace(b"1999", b"2000")).json()["result"]
    assert (result["updated"], result["unchanged"], result["index_created"]) == (1, 2, False)
    assert client.get("/v1/indexes/again/documents/c").json()["document"]["year"] == 2000


@pytest.mark.parametrize(
    ("body", "kind", "line", "code"),
    [
        (b'{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', NDJSON, 2, "duplicate_id"),
        (b'{"id": "a", "text": "x"}\n\n{"id": "b", "text": " "}\n', NDJSON, 3, "empty_document"),
        (b'{"id": "a", "text": "x"}\n{"id": "b"}\n', NDJSON, 2, "empty_document"),
        (b'{"text": "x"}\n', NDJSON, 1, "missing_id"),
        (b'{"id": "", "text": "x"}\n', NDJSON, 1, "empty_id"),
        (b'{"id": "a\\u0000", "text": "x"}\n', NDJSON, 1, "control_character_in_id"),
        (b'{"id": "a", "text": "\xff"}\n', NDJSON, 1, "invalid_utf8"),
        (b'{"id": "a", "text": "\\ud800"}\n', NDJSON, 1, "lone_surrogate"),
        (b'{"id": "a", "text": NaN}\n', NDJSON, 1, "invalid_json"),
        (b'{"id": "a", "text": "x"', NDJSON, 1, "invalid_json"),
        (b"[1, 2]\n", NDJSON, 1, "not_an_object"),
        (
            b'{"id": "a", "text": 1}\n{"id": "b", "text": "x"}\n{"id": "c", "text": "y"}',
            NDJSON,
            1,
            "wrong_type",
        ),
        (b'{"id": "a", "text": "x", "o": ' + b"[" * 400 + b"]" * 400 + b"}", NDJSON, 1, "nested_too_deeply"),
        (b"\x00\x01\x02", NDJSON, 1, "invalid_json"),
        (b"id,text\na,x\nb\n", CSV, 3, "wrong_cell_count"),
        (b'id,text\na,"x\n', CSV, 2, "invalid_csv"),
        (b"id,text\na,x\nb,\xff\n", CSV, 3, "invalid_utf8"),
    ],
)
def test_a_bad_line_refuses_the_whole_import_and_is_named(client, body, kind, line, code):
    problem = check_problem(send(client, "refused", body, kind), 422, "bad_lines", f"/{line}")
    assert problem["errors"][0]["code"] == code
    assert f"body:{line}: " in problem["detail"]
    check_problem(client.get("/v1/indexes/refused"), 404, "index_not_found")


def test_the_items_of_an_array_are_counted_from_0_as_json_pointers_are(client):
    body = json.dumps([{"id": "a", "text": "x"}, {"id": "a", "text": "y"}, 3]).encode()
    problem = check_problem(send(client, "refused", body, JSON), 422, "bad_lines")
    found = [(fault["pointer"], fault["code"], fault.get("id")) for fault in problem["errors"]]
    assert found == [("/1", "duplicate_id", "a"), ("/2", "not_an_object", None)]


@pytest.mark.parametrize("cut", [0, 5, 30, -1, -9])
def test_a_truncated_gzip_stores_nothing(client, cut):
    packed = gzip.compress(b"".join(b'{"id": "%d", "text": "x%d"}\n' % (i, i * i) for i in range(500)))
    problem = check_problem(send(client, "refused", packed[:cut], content_encoding="gzip"), 422, "bad_lines")
    assert problem["errors"][-1]["code"] == "truncated_gzip"
    check_problem(client.get("/v1/indexes/refused"), 404, "index_not_found")


def test_a_gzip_that_is_none_is_refused(client):
    problem = check_problem(send(client, "refused", LINES, content_encoding="gzip"), 422, "bad_lines", "/1")
    assert problem["errors"][0]["code"] == "corrupt_gzip"


@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_a_document_of_5_mb_is_stored_and_one_of_9_mb_is_refused(client, kind):
    def body(size):
        line = json.dumps({"id": "a", "text": "x" * size})
        return (f"[{line}]" if kind == JSON else line).encode()

    index = f"large-{kind[-4:]}"
    problem = check_problem(send(client, index, body(9 << 20), kind), 422, "bad_lines")
    assert problem["errors"][0]["code"] == "too_large"
    assert "8,388,608 bytes" in problem["detail"]
    assert send(client, index, body(5 << 20), kind).status_code == 202
    assert len(client.get(f"/v1/indexes/{index}/documents/a").json()["document"]["text"]) == 5 << 20


def test_bad_lines_can_be_left_out_and_are_kept_with_the_task(client):
    body = b'{"id": "a", "text": "x"}\nnonsense\n{"id": "b", "text": ""}\n{"id": "a", "text": "y"}\n'
    response = client.post(
        "/v1/indexes/skipped/documents?on_error=skip", content=body, headers={"content-type": NDJSON}
    )
    assert response.status_code == 202
    assert response.json()["result"] == {
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "bad": 3,
        "index_created": True,
        "seq": 1,
    }
    errors = client.get(response.headers["location"] + "/errors").json()["errors"]
    assert [(each["line"], each["code"]) for each in errors] == [
        (2, "invalid_json"),
        (3, "empty_document"),
        (4, "duplicate_id"),
    ]
    assert stored(client, "skipped")["total"] == 1


KEYS = [
    "a/b",
    "/",
    "a%2Fb",
    "100%",
    "%25",
    "a b+c",
    "猫/狗",
    "..",
    ".",
    "?x=1#y",
    "é" * 512,
    "features",
    "😀",
    "a;b",
]


def test_every_key_can_be_read_at_its_address(client):
    body = "".join(json.dumps({"id": key, "text": f"text of {key}"}) + "\n" for key in KEYS).encode()
    assert send(client, "keys", body).status_code == 202
    for key in KEYS:
        written = quote(key, safe="").replace(".", "%2E")  # a segment of dots alone would be resolved
        answer = client.get(f"/v1/indexes/keys/documents/{written}")
        assert answer.json() == {"id": key, "document": {"text": f"text of {key}"}}, key


def test_a_document_that_is_not_there_is_404(client):
    for key in ("nope", "%00", "%ff", "a%2F..%2Fb", "%2525"):
        check_problem(client.get(f"/v1/indexes/news/documents/{key}"), 404, "document_not_found")


def test_documents_are_listed_by_the_bytes_of_their_keys(client):
    keys = ["é", "Z", "a", "猫", "10", "9", "😀"]
    send(client, "sorted", "".join(json.dumps({"id": key, "text": "x"}) + "\n" for key in keys).encode())
    found = [each["id"] for each in stored(client, "sorted")["documents"]]
    assert found == sorted(keys, key=str.encode)
    page = client.get("/v1/indexes/sorted/documents?offset=2&limit=3").json()
    assert [each["id"] for each in page["documents"]] == found[2:5]
    assert page["total"] == 7
    assert client.get("/v1/indexes/sorted/documents?offset=2147483648").json()["documents"] == []


def disconnecting(client, index, kind, chunk):
    """What the service answers, and to whom nobody listens, when a body stops half-way."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v1/indexes/{index}/documents",
        "query_string": b"",
        "headers": [(b"content-type", kind.encode())],
    }
    received = iter([{"type": "http.request", "body": chunk, "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        await asyncio.sleep(0)
        return next(received)

    async def send_(message):
        sent.append(message)

    client.portal.call(client.app, scope, receive, send_)
    return sent


@pytest.mark.parametrize("kind", [JSON, NDJSON, CSV])
def test_a_body_that_stops_half_way_stores_nothing_and_is_no_error_of_the_service(client, caplog, kind):
    caplog.set_level(logging.WARNING)
    chunk = {JSON: json.dumps(THREE).encode(), NDJSON: LINES, CSV: TABLE}[kind]
    [start, _] = disconnecting(client, "half", kind, chunk)
    assert start["status"] == 400
    check_problem(client.get("/v1/indexes/half"), 404, "index_not_found")
    assert caplog.records == []


def test_an_import_makes_the_index_with_inferred_fields(client):
    send(client, "inferred", LINES)
    info = client.get("/v1/indexes/inferred").json()
    kinds = {name: each["type"] for name, each in info["settings"]["fields"].items()}
    assert kinds == {"title": "text", "text": "text", "year": "number"}
    assert (info["documents"], info["generation"], info["seq"]) == (3, None, 3)
    settle(client, "inferred")
    answer = client.post("/v1/indexes/inferred/search", json={"q": "猫"}).json()
    assert [hit["id"] for hit in answer["hits"]] == ["a"]
    assert "`textprism reindex inferred` builds `word2vec`" in answer["warnings"][0]


def test_a_removed_document_is_gone_from_the_catalogue_at_once_and_from_rankings_soon_after(client):
    documents = [{"id": "stays", "text": "zebra stripes"}, {"id": "goes", "text": "zebra herd"}]
    assert client.post("/v1/indexes/removal/documents", json=documents).status_code == 202
    client.put("/v1/indexes/removal", json={"encoders": {}})
    assert client.post("/v1/indexes/removal/reindex?wait=60").json()["status"] == "succeeded"
    assert client.delete("/v1/indexes/removal/documents/goes").status_code == 204
    check_problem(client.get("/v1/indexes/removal/documents/goes"), 404, "document_not_found")
    check_problem(client.delete("/v1/indexes/removal/documents/goes"), 404, "document_not_found")
    search = {"q": "zebra", "retrievers": ["bm25"]}
    settle(client, "removal")
    hits = client.post("/v1/indexes/removal/search", json=search).json()["hits"]
    assert [hit["id"] for hit in hits] == ["stays"]
