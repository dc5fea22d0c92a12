"""Bad requests: each is answered with a problem document that says what was wrong and where."""

import json
import logging

import pytest
from starlette.testclient import TestClient

from app.http_errors import STATUSES, status_of
from app.main import create_app
from app.settings import Settings
from indexer import errors
from indexer.errors import BadLine, BadLinesError, TextPrismError
from tests.app.sample import check_problem

SEARCH = "/v1/indexes/news/search"
JSON = {"content-type": "application/json"}


def every_error(base=TextPrismError):
    for each in base.__subclasses__():
        yield each
        yield from every_error(each)


@pytest.mark.parametrize("kind", list(every_error()), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status(kind):
    error = kind.__new__(kind)
    assert 400 <= status_of(error) < 600
    assert (status_of(error) == 503) == (
        issubclass(kind, errors.IndexUnavailableError)
        and not issubclass(kind, errors.NotBuiltError | errors.LockedError)
    )


def test_every_status_is_of_an_error_that_there_is():
    assert set(STATUSES) <= set(every_error())


BAD_BODIES = [
    ("no body", b"", 422, "invalid_request", [""]),
    ("no JSON", b'{"q": ', 422, "invalid_request", [""]),
    ("two values", b"{} {}", 422, "invalid_request", [""]),
    ("a comma too many", b'{"q": "x",}', 422, "invalid_request", [""]),
    ("NaN", b'{"q": "x", "limit": NaN}', 422, "invalid_request", [""]),
    ("Infinity", b'{"q": "x", "limit": Infinity}', 422, "invalid_request", [""]),
    ("too large a number", b'{"q": "x", "limit": 1e999}', 422, "invalid_request", [""]),
    ("a lone surrogate", b'{"q": "\\ud800"}', 422, "invalid_request", [""]),
    ("surrogates in UTF-8", b'{"q": "\xed\xa0\x80"}', 422, "invalid_request", [""]),
    ("no UTF-8", b'{"q": "\xff"}', 422, "invalid_request", [""]),
    ("UTF-16", '{"q": "x"}'.encode("utf-16"), 422, "invalid_request", [""]),
    ("a byte order mark", b'\xef\xbb\xbf{"q": "x"}', 422, "invalid_request", [""]),
    ("100,000 arrays in each other", b"[" * 100_000 + b"]" * 100_000, 422, "invalid_request", [""]),
    ("a deep query", b'{"q": ' + b"[" * 900 + b"]" * 900 + b"}", 422, "invalid_request", ["/q"]),
    ("a deep object", b'{"a":' * 900 + b"1" + b"}" * 900, 422, "invalid_request", ["/a"]),
    ("an array", b'[{"q": "x"}]', 422, "invalid_request", [""]),
    ("a string", b'"x"', 422, "invalid_request", [""]),
    ("null", b"null", 422, "invalid_request", [""]),
    ("no Unicode in a key", b'{"\\udfff": 1}', 422, "invalid_request", [""]),
]

BAD_REQUESTS = [
    ({"q": None}, "invalid_request", ["/q"]),
    ({"q": 3}, "invalid_request", ["/q"]),
    ({"q": ["x"]}, "invalid_request", ["/q"]),
    ({"nope": 1}, "invalid_request", ["/nope"]),
    ({"a/b~c": 1}, "invalid_request", ["/a~1b~0c"]),
    ({"limit": -1}, "invalid_request", ["/limit"]),
    ({"limit": 1_001}, "invalid_request", ["/limit"]),
    ({"limit": 1.5}, "invalid_request", ["/limit"]),
    ({"limit": 10**30}, "invalid_request", ["/limit"]),
    ({"limit": "many"}, "invalid_request", ["/limit"]),
    ({"offset": -1}, "invalid_request", ["/offset"]),
    ({"offset": 1_001, "limit": 1_001}, "invalid_request", ["/limit", "/offset"]),
    ({"explain": "all"}, "invalid_request", ["/explain"]),
    ({"fields": "title"}, "invalid_request", ["/fields"]),
    ({"fields": ["title", "titel"]}, "unknown_field", ["/fields/1"]),
    ({"fields": [""]}, "invalid_request", ["/fields/0"]),
    ({"retrievers": "bm25"}, "invalid_request", ["/retrievers"]),
    ({"retrievers": []}, "invalid_request", ["/retrievers"]),
    ({"retrievers": ["bm25"] * 17}, "invalid_request", ["/retrievers"]),
    ({"retrievers": ["bm25", ""]}, "invalid_request", ["/retrievers/1"]),
    ({"retrievers": ["bm25", 5]}, "invalid_request", ["/retrievers/1"]),
    ({"retrievers": ["x" * 101]}, "invalid_request", ["/retrievers/0"]),
    ({"retrievers": ["bm26"]}, "unknown_retriever", ["/retrievers/0"]),
    ({"retrievers": ["word2vec"]}, "unknown_retriever", ["/retrievers/0"]),
    ({"retrievers": [{}]}, "unknown_retriever", ["/retrievers/0"]),
    ({"retrievers": ["bm25", "bm25"]}, "duplicate_retriever", ["/retrievers/1/name"]),
    ({"retrievers": [{"type": "nope"}]}, "invalid_request", ["/retrievers/0/type"]),
    ({"retrievers": [{"type": "bm25", "nope": 1}]}, "invalid_request", ["/retrievers/0/nope"]),
    ({"retrievers": [{"type": "bm25", "k1": -1}]}, "invalid_request", ["/retrievers/0/k1"]),
    ({"retrievers": [{"type": "bm25", "b": 1.1}]}, "invalid_request", ["/retrievers/0/b"]),
    ({"retrievers": [{"type": "bm25", "depth": 0}]}, "invalid_request", ["/retrievers/0/depth"]),
    ({"retrievers": [{"type": "bm25", "depth": 1_001}]}, "invalid_request", ["/retrievers/0/depth"]),
    ({"retrievers": [{"type": "bm25", "variant": "x"}]}, "unknown_bm25_variant", ["/retrievers/0/variant"]),
    ({"retrievers": [{"type": "bm25", "view": "x"}]}, "unknown_view", None),
    ({"retrievers": [{"type": "bm25", "view": "trigrams"}]}, "unknown_view", ["/retrievers/0/view"]),
    ({"retrievers": [{"type": "bm25", "fields": []}]}, "invalid_request", ["/retrievers/0/fields"]),
    ({"retrievers": [{"type": "bm25", "fields": ["lang"]}]}, "unknown_field", ["/retrievers/0/fields/0"]),
    ({"retrievers": [{"type": "bm25", "fields": ["title^0"]}]}, "invalid_input", ["/retrievers/0/fields/0"]),
    (
        {"retrievers": [{"type": "bm25", "fields": ["title^nan"]}]},
        "invalid_input",
        ["/retrievers/0/fields/0"],
    ),
    ({"retrievers": [{"type": "bm25", "encoder": "hashing"}]}, "invalid_input", ["/retrievers/0/encoder"]),
    ({"retrievers": [{"type": "dense", "encoder": "bert"}]}, "unknown_encoder", ["/retrievers/0/encoder"]),
    ({"retrievers": [{"name": "hashing", "k1": 1}]}, "invalid_input", ["/retrievers/0/k1"]),
    ({"fusion": "nope"}, "unknown_fusion_method", ["/fusion/method"]),
    ({"fusion": 5}, "invalid_request", ["/fusion"]),
    ({"fusion": {"method": "rrf", "k": 0}}, "invalid_request", ["/fusion/k"]),
    (
        {"fusion": {"method": "linear", "normalization": "x"}},
        "unknown_normalization",
        ["/fusion/normalization"],
    ),
    ({"fusion": {"weights": {"nope": 1}}}, "unknown_retriever", ["/fusion/weights/nope"]),
    ({"fusion": {"weights": {"bm25": -1}}}, "invalid_request", ["/fusion/weights/bm25"]),
    ({"fusion": {"weights": {"bm25": 0, "hashing": 0}}}, "invalid_input", ["/fusion/weights"]),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointers"),
    [each[1:] for each in BAD_BODIES],
    ids=[each[0] for each in BAD_BODIES],
)
def test_a_body_that_is_no_request_is_refused(client, body, status, code, pointers):
    problem = check_problem(client.post(SEARCH, content=body, headers=JSON), status, code)
    assert [fault["pointer"] for fault in problem["errors"]] == pointers


@pytest.mark.parametrize(
    ("body", "code", "pointers"), BAD_REQUESTS, ids=[json.dumps(each[0])[:80] for each in BAD_REQUESTS]
)
def test_a_request_that_asks_for_nonsense_is_refused_with_the_place(client, body, code, pointers):
    problem = check_problem(client.post(SEARCH, json={"q": "水", **body}), 422, code)
    if pointers is not None:
        assert [fault["pointer"] for fault in problem["errors"]] == pointers
    if code.startswith("unknown"):
        assert "known: `" in problem["detail"]


@pytest.mark.parametrize(
    ("parameters", "code", "pointer"),
    [
        ("limit=x", "invalid_request", "?limit"),
        ("limit=-1", "invalid_request", "?limit"),
        ("limit=99999999999999999999999", "invalid_request", "?limit"),
        ("offset=1001", "invalid_request", "?offset"),
        ("explain=x", "invalid_request", "?explain"),
        ("q=x&retrievers=", "invalid_request", "/retrievers/0"),
        ("q=x&retrievers=bm25,,", "invalid_request", "/retrievers/1"),
        ("q=x&retrievers=nope", "unknown_retriever", "/retrievers/0"),
        ("q=x&fusion=nope", "unknown_fusion_method", "/fusion/method"),
        ("q=" + "x" * 20_000, "query_too_long", "/q"),
    ],
)
def test_a_bad_address_of_a_search_is_refused_with_the_place(client, parameters, code, pointer):
    check_problem(client.get(f"{SEARCH}?{parameters}"), 422, code, pointer)


@pytest.mark.parametrize(
    "parameters", ["q=%00", "q=%ed%a0%80", "q=%ff", "q=%zz&%=", "q=a&q=b", "&&&", "nope=1"]
)
def test_an_odd_address_of_a_search_is_answered(client, parameters):
    assert client.get(f"{SEARCH}?{parameters}").status_code == 200


BAD_ADDRESSES = [
    ("GET", "/nope", 404, "not_found"),
    ("GET", "/v1/indexes/", 404, "not_found"),
    ("GET", "//v1/indexes", 404, "not_found"),
    ("GET", "/v1/indexes/a/b", 404, "not_found"),
    ("GET", "/docs/assets/nope", 404, "not_found"),
    ("GET", "/docs/assets/%2e%2e/%2e%2e/http_errors.py", 404, "not_found"),
    ("GET", "/docs/assets/%00", 404, "not_found"),
    ("GET", "/docs/assets/" + "a" * 5_000, 404, "not_found"),
    ("DELETE", SEARCH, 405, "method_not_allowed"),
    ("PUT", "/healthz", 405, "method_not_allowed"),
    ("POST", "/docs/assets/favicon.png", 405, "method_not_allowed"),
    ("BREW", "/healthz", 405, "method_not_allowed"),
    ("GET", "/v1/indexes/nope", 404, "index_not_found"),
    ("GET", "/v1/indexes/nope/search", 404, "index_not_found"),
    ("GET", "/v1/indexes/nope/documents", 404, "index_not_found"),
    ("GET", "/v1/indexes/nope/documents/1", 404, "index_not_found"),
    ("GET", "/v1/indexes/nope/documents/1/features", 404, "index_not_found"),
    ("GET", "/v1/indexes/%00", 404, "index_not_found"),
    ("GET", "/v1/indexes/NEWS", 404, "index_not_found"),
    ("GET", "/v1/indexes/..%2F..%2Fetc", 404, "index_not_found"),
    ("GET", "/v1/indexes/" + "x" * 201, 422, "invalid_request"),
    ("GET", "/v1/indexes/news/documents?offset=-1", 422, "invalid_request"),
    ("GET", "/v1/indexes/news/documents?limit=1001", 422, "invalid_request"),
    ("GET", "/v1/indexes/news/documents?offset=2147483649", 422, "invalid_request"),
    ("GET", "/v1/indexes/news/documents/" + "x" * 2_001, 422, "invalid_request"),
    ("GET", "/v1/tasks?limit=0", 422, "invalid_request"),
    ("GET", "/v1/tasks?status=nope", 422, "invalid_request"),
    ("GET", "/v1/tasks/task-000001?wait=-1", 422, "invalid_request"),
    ("GET", "/v1/tasks/task-000001?wait=nan", 422, "invalid_request"),
]


@pytest.mark.parametrize(("method", "address", "status", "code"), BAD_ADDRESSES)
def test_an_address_where_nothing_is_is_a_problem_too(client, method, address, status, code):
    problem = check_problem(client.request(method, address), status, code)
    if code == "index_not_found":
        assert "`news`" in problem["detail"]


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e%2fx", "A", "-a", "a b", "猫", "a%00", "a%0a", "x" * 64, "a.b"]
)
def test_a_name_that_is_none_makes_no_index(client, name):
    name = name.replace("..", "%2e%2e")
    check_problem(client.put(f"/v1/indexes/{name}", json={}), 422, "invalid_index_name")
    documents = [{"id": "1", "text": "x"}]
    check_problem(client.post(f"/v1/indexes/{name}/documents", json=documents), 422, "invalid_index_name")


@pytest.mark.parametrize(
    ("settings", "code", "pointer"),
    [
        ({"views": ["nope"]}, "unknown_view", "/views/0"),
        ({"views": []}, "invalid_input", "/views"),
        ({"views": "words"}, "invalid_request", "/views"),
        ({"fields": {"a": {"type": "nope"}}}, "invalid_request", "/fields/a/type"),
        ({"fields": {"a": {}}}, "invalid_request", "/fields/a/type"),
        ({"encoders": {"a": {"type": "nope"}}}, "unknown_encoder_type", "/encoders/a/type"),
        (
            {"encoders": {"a": {"type": "hashing", "options": {"dims": 0}}}},
            "invalid_option",
            "/encoders/a/options/dims",
        ),
        (
            {"encoders": {"a": {"type": "hashing", "options": {"nope": 0}}}},
            "unknown_encoder_option",
            "/encoders/a/options/nope",
        ),
        (
            {"encoders": {"a": {"type": "hashing", "vectors": "HNSW"}}},
            "unknown_vector_index",
            "/encoders/a/vectors",
        ),
        (
            {"encoders": {"a": {"type": "glove", "options": {"dims": 64}, "vectors": "PQ5"}}},
            "unknown_vector_index",
            "/encoders/a/vectors",
        ),
        ({"encoders": {"a": {"type": "hashing", "model": "wiki"}}}, "no_word_vectors", "/encoders/a/model"),
        (
            {"encoders": {"a": {"type": "bert", "options": {"model": "/no/such folder"}}}},
            "bad_model_folder",
            "/encoders/a/options/model",
        ),
        (
            {"encoders": {"a": {"type": "bert", "options": {"model": ""}}}},
            "invalid_option",
            "/encoders/a/options/model",
        ),
        (
            {"encoders": {"a": {"type": "glove", "model": "wiki", "options": {"dims": 64}}}},
            "unknown_encoder_option",
            "/encoders/a/options/dims",
        ),
        (
            {"encoders": {"a": {"type": "hashing", "fields": {"title": 0}}}},
            "invalid_request",
            "/encoders/a/fields/title",
        ),
        ({"nope": 1}, "invalid_request", "/nope"),
    ],
)
def test_settings_that_cannot_be_built_are_refused(client, settings, code, pointer):
    check_problem(client.put("/v1/indexes/refused", json=settings), 422, code, pointer)
    check_problem(client.get("/v1/indexes/refused"), 404, "index_not_found")


@pytest.mark.parametrize(
    "name", ["../../evil", "/tmp/evil", "a/b", "..", "", "a,b", "a\0", "x" * 300, "bm25", "ngrams"]
)
def test_a_name_that_is_none_makes_no_encoder(client, name):
    settings = {"encoders": {name: {"type": "hashing"}}}
    assert client.put("/v1/indexes/odd-encoders", json=settings).status_code == 422


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/xml", "a;b;c"]
)
@pytest.mark.parametrize("address", [SEARCH, "/v1/indexes/news/compare", "/v1/indexes/news/documents"])
def test_a_body_of_another_kind_is_415_and_the_answer_names_the_known_ones(client, kind, address):
    headers = {"content-type": kind} if kind else {}
    problem = check_problem(
        client.post(address, content=b'{"q": "x"}', headers=headers), 415, "unsupported_media_type"
    )
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"content-type": "application/json; charset=gbk"}, "UTF-8"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "identity"),
        ({"content-type": "application/x-ndjson", "content-encoding": "br"}, "gzip"),
        ({"content-type": "text/csv; charset=latin-1"}, "UTF-8"),
        ({"content-type": "\xff\xfe".encode("latin-1")}, "application/json"),
    ],
)
def test_a_body_that_is_packed_or_encoded_otherwise_is_415(client, headers, named):
    response = client.post("/v1/indexes/refused/documents", content=b"[]", headers=headers)
    assert named in check_problem(response, 415, "unsupported_media_type")["detail"]


@pytest.mark.parametrize("body", [b"", b"[{", b"\x1f\x8b\x08", b'[{"id": NaN}]'])
def test_an_array_of_documents_that_is_no_json_is_refused(client, body):
    check_problem(
        client.post("/v1/indexes/refused/documents", content=body, headers=JSON), 422, "invalid_request", ""
    )


def test_documents_that_are_no_array_or_too_deep_are_refused(client):
    address = "/v1/indexes/refused/documents"
    check_problem(client.post(address, json={"id": "1"}), 422, "not_an_array")
    deep = b'[{"id": "0", "text": "x"}, {"id": "1", "text": "x", "o": ' + b"[" * 600 + b"]" * 600 + b"}]"
    check_problem(client.post(address, content=deep, headers=JSON), 422, "nested_too_deeply", "/1")
    check_problem(client.get("/v1/indexes/refused"), 404, "index_not_found")


def test_a_json_body_over_the_bound_is_413(built):
    settings = Settings(data_dir=built, max_json_bytes=1_000)
    with TestClient(create_app(settings)) as client:
        for address in (SEARCH, "/v1/indexes/news/documents"):
            response = client.post(address, content=b'{"q": "' + b"x" * 1_000 + b'"}', headers=JSON)
            assert "1,000 bytes" in check_problem(response, 413, "too_large")["detail"]
        assert client.post(SEARCH, json={"q": "x" * 900}).status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1.2_3", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("a b", False),
        ('a"', False),
        ("é", False),
        ("", False),
    ],
)
def test_a_request_id_is_kept_where_it_is_a_plain_word(client, given, kept):
    response = client.get("/nope", headers={"x-request-id": given.encode()})
    assert (check_problem(response, 404, "not_found")["request_id"] == given) is kept
    assert client.get("/healthz", headers={"x-request-id": given.encode()}).headers["x-request-id"]


def test_odd_headers_break_nothing(client):
    headers = [(f"x-{i}", "v" * 50) for i in range(2_000)] + [
        ("accept", "nonsense/*;q=x"),
        ("range", "bytes=9-1"),
    ]
    assert client.get("/healthz", headers=headers).json()["status"] == "ok"
    check_problem(
        client.get("/nope", headers={"accept": "image/png", "host": "evil/../\\"}), 404, "not_found"
    )


def test_a_request_is_one_line_of_the_log_whatever_its_address(client, caplog):
    caplog.set_level(logging.INFO, logger="app.main")
    client.get("/v1/indexes/a%0aERROR%20forged%00%2F%25", headers={"x-request-id": "it"})
    [record] = [each for each in caplog.records if each.name == "app.main"]
    path = "/v1/indexes/a%0AERROR%20forged%00%2F%25"
    assert record.getMessage().startswith(f"request_id=it method=GET path={path} status=404 ms=")


def test_an_error_that_nobody_foresaw_is_500_with_nothing_of_its_inside(built, caplog):
    app = create_app(Settings(data_dir=built))

    @app.get("/broken")
    def broken():
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/broken", headers={"x-request-id": "it"})
    assert check_problem(response, 500, "internal_error")["request_id"] == "it"
    assert "secret" not in response.text
    [logged] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "request_id=it" in logged.getMessage()
    assert logged.exc_info is not None


def test_a_message_that_is_no_unicode_text_can_be_told(built):
    app = create_app(Settings(data_dir=built))

    @app.get("/odd")
    def odd():
        raise BadLinesError([BadLine("\udcff.jsonl", 7, "bad", "\ud800")], 1)

    with TestClient(app) as client:
        assert "\\udcff.jsonl:7" in check_problem(client.get("/odd"), 422, "bad_lines")["detail"]


def test_health_is_told(client):
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["status"] == "ready"
