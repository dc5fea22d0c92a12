"""Completion as a program meets it."""

import pytest

from tests.app.sample import check_problem
from tests.app.test_query_http import build

DOCUMENTS = [
    {"id": "1", "title": "Machine learning", "text": "precision and recall of machine learning"},
    {"id": "2", "title": "Machine translation", "text": "machine translation of the documents"},
    {"id": "3", "title": "机器学习", "text": "机器学习的视频，深度学习"},
    {"id": "4", "title": "Node.js", "text": "Node.js serves the river bank"},
]


@pytest.fixture(scope="module")
def url(client):
    build(client, "typing", DOCUMENTS)
    return "/v1/indexes/typing/suggest"


@pytest.fixture(scope="module")
def suggest(client, url):
    """The answer to a text that is being typed."""

    def ask(q, **parameters):
        response = client.get(url, params={"q": q, **parameters})
        assert response.status_code == 200, response.text
        return response.json()

    return ask


def texts(answer):
    return [each["text"] for each in answer["suggestions"]]


def test_a_suggestion_says_what_it_adds_and_where_that_comes_from(suggest):
    answer = suggest("Machine le")
    assert (answer["q"], answer["models"], answer["generation"]) == ("Machine le", ["ngrams"], "gen-000001")
    assert answer["warnings"] == []
    [learning] = answer["suggestions"]
    assert (learning["text"], learning["rest"]) == ("Machine learning", "arning")
    assert learning["source"] == "ngrams"
    assert 0 < learning["probability"] <= 1
    [word] = learning["words"]
    assert (word["word"], word["order"], word["documents"]) == ("learning", 2, 1)
    assert 0 < word["models"]["ngrams"] < 1


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("machine", ["machine learning", "machine translation"]),
        ("深度学", ["深度学习"]),
        ("机器", ["机器学习"]),
        ("node", ["node.js"]),
        ("recall of ma", ["recall of machine"]),
        ("mechine learn", ["machine learning"]),  # a slip in a word that is typed whole
        ("precison", ["precision"]),  # and in the last one, which no word begins with
    ],
)
def test_what_is_typed_goes_on_or_is_mended(suggest, q, wanted):
    assert set(wanted) <= set(texts(suggest(q)))


def test_a_mended_query_says_so(suggest):
    first, second, *_ = suggest("precison")["suggestions"]
    assert first == {
        "text": "precision",
        "rest": None,
        "source": "spelling",
        "probability": None,
        "words": [],
    }
    assert (second["text"], second["source"]) == ("precision and recall", "spelling")
    assert suggest("mechine learn")["suggestions"][0]["source"] == "spelling"


def test_nothing_typed_nothing_known_and_bounds(suggest):
    assert texts(suggest(""))[0] == "machine"
    assert len(texts(suggest("", limit=2))) == 2
    assert texts(suggest("zyzzyvaz")) == []
    assert texts(suggest("\u0000 \ufeff")) != ["\u0000"]


def test_what_is_suggested_finds_something(client, suggest):
    for q in ("", "m", "machine ", "机", "the", "precison", "Ｎode"):
        for text in texts(suggest(q)):
            found = client.get("/v1/indexes/typing/search", params={"q": text}).json()
            assert found["hits"], text


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "?q"),
        ({"q": "猫" * 6_000}, "?q"),
        ({"q": "x" * 16_385}, "?q"),
        ({"q": "x", "limit": 0}, "?limit"),
        ({"q": "x", "limit": 21}, "?limit"),
        ({"q": "x", "limit": "many"}, "?limit"),
    ],
)
def test_bad_input_is_told_with_its_place(client, url, parameters, pointer):
    response = client.get(url, params=parameters)
    assert response.json()["code"] in ("invalid_request", "query_too_long")
    check_problem(response, 422, response.json()["code"], pointer)


def test_an_index_that_is_not_there_or_not_built(client):
    check_problem(client.get("/v1/indexes/nowhere/suggest", params={"q": "x"}), 404, "index_not_found")
    client.put("/v1/indexes/untyped", json={})
    answer = client.get("/v1/indexes/untyped/suggest", params={"q": "x"}).json()
    assert answer["suggestions"] == []
    assert "never built" in answer["warnings"][0]


def test_a_word_of_which_the_last_document_is_gone_is_not_suggested(client):
    build(client, "shrinking", DOCUMENTS)
    url = "/v1/indexes/shrinking"
    assert texts(client.get(f"{url}/suggest", params={"q": "transl"}).json()) == ["translation"]
    gone = client.delete(f"{url}/documents/2", params={"wait": 10})
    assert gone.status_code in (200, 202, 204)
    assert texts(client.get(f"{url}/suggest", params={"q": "transl"}).json()) == []
