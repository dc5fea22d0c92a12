"""Spelling correction as a program meets it: of a query alone, and suggested with the answer to a search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query import parse
from tests.app.sample import check_problem
from tests.app.search.test_query_laws import FRAGMENTS
from tests.app.test_query_http import build

DOCUMENTS = [
    {"id": "1", "title": "Machine learning", "text": "precision and recall of machine learning"},
    {"id": "2", "title": "Retrieval", "text": "retrieval of documents, precision first", "lang": "en"},
    {"id": "3", "title": "River bank", "text": "the river bank in spring; recall the river"},
    {"id": "4", "title": "机器学习", "text": "机器学习的视频，深度学习", "lang": "zh"},
    {"id": "5", "title": "图书馆", "text": "学校的图书馆里有视频", "lang": "zh"},
]
FIELDS = ["title", "text"]
PLAIN = [
    "precison",
    "machinelearning",
    "recall",
    "式频",
    "的视频",
    "bank",
    "titel:recal",
    "ＲＥＣＡＬＬＳ",
    "“",
    "𠀀",
]


@pytest.fixture(scope="module")
def spell(client):
    """The correction of a query."""
    build(
        client,
        "typos",
        DOCUMENTS,
        fields={"lang": {"type": "keyword"}} | {f: {"type": "text"} for f in FIELDS},
    )

    def ask(q, **parameters):
        response = client.get("/v1/indexes/typos/spelling", params={"q": q, **parameters})
        assert response.status_code == 200, response.text
        return response.json()

    return ask


@pytest.fixture(scope="module")
def suggestion(client, spell):
    """What a search suggests."""

    def ask(q, **body):
        response = client.post("/v1/indexes/typos/search", json={"q": q, **body})
        assert response.status_code == 200, response.text
        return response.json()["suggestion"]

    return ask


def test_a_correction_says_what_it_is_made_of(spell):
    answer = spell("machine precison 式频", limit=2)
    assert (answer["q"], answer["corrected"]) == ("machine precison 式频", "machine precision 视频")
    assert (answer["encoder"], answer["generation"], answer["warnings"]) == (None, "gen-000001", [])
    machine, precision, video = answer["words"]
    assert machine == {
        "text": "machine",
        "offset": [0, 7],
        "known": True,
        "correction": None,
        "candidates": [],
    }
    assert (precision["text"], precision["offset"], precision["known"]) == ("precison", [8, 16], False)
    assert precision["correction"] == precision["candidates"][0]["text"] == "precision"
    assert precision["candidates"][0] | {"frequency": 0, "score": 0} == {
        "text": "precision",
        "distance": 1,
        "df": 2,
        "frequency": 0,
        "cost": 6.0,
        "similarity": None,
        "score": 0,
    }
    assert (video["text"], video["offset"], video["correction"]) == ("式频", [17, 19], "视频")
    for word in answer["words"]:
        for each in word["candidates"]:
            assert each["score"] == pytest.approx(each["frequency"] - each["cost"])


@pytest.mark.parametrize(
    ("q", "corrected"),
    [
        ("title:precison^2 +retreival", "title:precision^2 +retrieval"),
        ('"machine learnin"~3 OR precison', '"machine learning"~3 OR precision'),
        ("(precison AND bnk)", "(precision AND bnk)"),
        ("machinelearning", "machine learning"),
        ("title:machinelearning", None),  # `title:machine learning` would say something else
        ("recall -precison", None),  # what must not match is left alone
        ("recall NOT (precison retreival)", None),
        ("precis* precison~2", None),
        ("precison:recall", None),  # it would name a field, were there one of that name
        ("titel: retreival", "titel: retrieval"),
        ("precison (", "precision"),  # broken: as the plain words that it is read as
        ("precision and recall", None),
        ("机器学习的视频", None),
        ("… !", None),
    ],
)
def test_words_are_corrected_where_they_are_looked_for_as_they_are_written(spell, q, corrected):
    assert spell(q)["corrected"] == corrected


@given(st.lists(st.sampled_from([*FRAGMENTS, *PLAIN]), min_size=1, max_size=8))
def test_a_corrected_query_parses_and_is_not_corrected_again(spell, fragments):
    q = "".join(fragments)
    if not q.strip():
        return
    answer = spell(q)
    for word in answer["words"]:
        assert q[slice(*word["offset"])] == word["text"]
        assert word["correction"] is None or not word["known"]
    if answer["corrected"] is not None:
        assert not parse(answer["corrected"], FIELDS).broken
        assert spell(answer["corrected"])["corrected"] is None


def test_of_very_many_words_the_first_are_looked_at(spell):
    answer = spell("recall " * 64 + "precison")
    assert answer["corrected"] is None
    assert answer["warnings"] == ["Only the first 64 words of the query were looked at."]
    assert len(answer["words"]) == 64
    assert spell("recall " * 63 + "precison")["corrected"].endswith("precision")


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "?q"),
        ({"q": ""}, "?q"),
        ({"q": "  "}, "?q"),
        ({"q": "猫" * 6_000}, "?q"),
        ({"q": "x" * 16_385}, "?q"),
        ({"q": "x", "limit": 0}, "?limit"),
        ({"q": "x", "limit": 101}, "?limit"),
        ({"q": "x", "limit": "many"}, "?limit"),
    ],
)
def test_bad_input_is_told_with_its_place(client, spell, parameters, pointer):
    response = client.get("/v1/indexes/typos/spelling", params=parameters)
    code = response.json()["code"]
    assert code in ("invalid_request", "empty_text", "query_too_long")
    check_problem(response, 422, code, pointer)


def test_an_index_that_is_not_there_or_not_built(client):
    """Before the first build no word is known."""
    check_problem(client.get("/v1/indexes/nowhere/spelling", params={"q": "x"}), 404, "index_not_found")
    client.put("/v1/indexes/unbuilt-typos", json={})
    [word] = client.get("/v1/indexes/unbuilt-typos/spelling", params={"q": "wrod"}).json()["words"]
    assert (word["known"], word["candidates"]) == (False, [])


def test_an_index_without_words_corrects_nothing(client):
    build(client, "numbers", [{"id": "1", "text": "42 1/2 …"}])
    answer = client.get("/v1/indexes/numbers/spelling", params={"q": "precison 式频 42"}).json()
    assert answer["corrected"] is None
    assert [word["known"] for word in answer["words"]][-1] is True
    response = client.post("/v1/indexes/numbers/search", json={"q": "precison 式频"})
    assert response.json()["suggestion"] is None


@pytest.mark.parametrize(
    ("q", "suggested"),
    [
        ("precison", "precision"),
        ("river precison", "river precision"),
        ("式频", "视频"),
        ("machinelearning", "machine learning"),
        ("precision recall", None),
        ("视频", None),
        ("zyzzyva", None),
        ("", None),
    ],
)
def test_a_search_suggests_what_finds_more(suggestion, q, suggested):
    assert suggestion(q) == suggested


@given(st.lists(st.sampled_from([*FRAGMENTS, *PLAIN]), min_size=1, max_size=6))
def test_for_a_suggestion_none_is_suggested(suggestion, fragments):
    if (suggested := suggestion("".join(fragments))) is not None:
        assert suggestion(suggested) is None


def test_nothing_is_suggested_that_finds_no_more(suggestion):
    """Every document with `precision` has `retrieval` or `recall` as well, or is filtered out."""
    assert suggestion("precison", filter="lang = en") == "precision"
    assert suggestion("precison", filter="lang = zh") is None
    assert suggestion("recall retrieval precison") is None


def test_a_suggestion_can_be_declined(client, suggestion):
    assert suggestion("precison", suggest=False) is None
    url = "/v1/indexes/typos/search"
    assert client.get(url, params={"q": "precison"}).json()["suggestion"] == "precision"
    assert client.get(url, params={"q": "precison", "suggest": "false"}).json()["suggestion"] is None


def test_of_what_is_like_a_document_nothing_is_suggested(suggestion):
    assert suggestion("", like="1") is None


def test_an_index_without_words_among_its_views_suggests_too(client):
    build(client, "bare", DOCUMENTS, views=["forms"])
    response = client.post(
        "/v1/indexes/bare/search", json={"q": "precison", "retrievers": [{"name": "bm25", "view": "forms"}]}
    )
    assert response.json()["suggestion"] == "precision"


def test_the_forms_of_words_can_be_searched(client):
    build(client, "exact", DOCUMENTS, views=["words", "forms"])

    def ids(q):
        body = {"q": q, "retrievers": [{"name": "bm25", "view": "forms"}], "highlight": ["text"]}
        return [each["id"] for each in client.post("/v1/indexes/exact/search", json=body).json()["hits"]]

    assert ids("documents") == ["2"]
    assert ids("document") == []
    assert set(ids("视频")) == {"4", "5"}
