"""Search and comparison, as a program sees them."""

import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.main import create_app
from app.search.engines import Engines
from app.search.ranking import MOST_HITS
from app.search.request import MOST_QUERY_BYTES, search_request
from app.search.searcher import search as searched
from app.settings import Settings
from indexer.database import Catalogue
from tests.app.sample import check_problem, sample, untimed

SEARCH = "/v1/indexes/news/search"
REQUESTS = {
    "default": {},
    "bow": {"retrievers": ["bow"]},
    "tfidf": {"retrievers": ["tfidf"]},
    "bm25 of one field": {
        "retrievers": [{"type": "bm25", "variant": "bm25+", "fields": ["title^3.7", "text"]}]
    },
    "ngrams": {"retrievers": ["ngrams"]},
    "dense": {"retrievers": ["hashing"]},
    "rrf": {"retrievers": ["bm25", "hashing"], "fusion": "rrf"},
    "rrf of one": {"retrievers": ["bm25"], "fusion": "rrf"},
    "weighted": {
        "retrievers": ["bm25", "tfidf", "hashing"],
        "fusion": {"method": "rrf", "k": 7.3, "weights": {"bm25": 0.1, "hashing": 3.3}},
    },
    "minmax": {"retrievers": ["bm25", "hashing"], "fusion": "linear"},
    "zscore": {
        "retrievers": ["bow", "bm25", "hashing"],
        "fusion": {"method": "linear", "normalization": "zscore", "weights": {"bow": 0}},
    },
}
QUERIES = ["猫 喜欢 吃什么", "river bank 河岸", "機器學習 recall", "古筝 bow hair rosin bow"]


def search(client, **body):
    response = client.post(SEARCH, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def total(parts, key="contribution"):
    return sum(Fraction(part[key]) for part in parts)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
@pytest.mark.parametrize("query", QUERIES)
def test_the_parts_of_a_score_sum_exactly_to_it(client, request_, query):
    answer = search(client, q=query, explain="full", **request_)
    assert answer["hits"]
    for hit in answer["hits"]:
        assert total(hit["parts"]) == Fraction(hit["score"])
        for part in hit["parts"]:
            assert total(part["parts"], "value") == Fraction(part["value"])
            added = [inner["contribution"] for inner in part["parts"] if "contribution" in inner]
            assert sum(map(Fraction, added)) == Fraction(part["contribution"])


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
def test_hits_fall_in_score_and_ties_go_to_the_smaller_id(client, request_):
    hits = search(client, q="the 的 water 水", limit=100, **request_)["hits"]
    assert len(hits) > 5
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    order = [(-hit["score"], hit["id"].encode()) for hit in hits]
    assert order == sorted(order)


def test_the_same_request_gives_the_same_bytes_but_for_the_timings(client):
    answers = [json.dumps(untimed(search(client, q="茶 coffee", explain="full"))) for _ in range(5)]
    assert len(set(answers)) == 1


def test_requests_side_by_side_get_the_answers_they_get_alone(client):
    alone = [untimed(search(client, q=query)) for query in QUERIES]
    with ThreadPoolExecutor(8) as pool:
        beside = list(pool.map(lambda query: untimed(search(client, q=query)), QUERIES * 8))
    assert beside == alone * 8


def test_get_and_post_answer_alike(client):
    parameters = {"q": "猫 喜欢 吃什么", "limit": 3, "retrievers": "bm25, hashing", "fusion": "linear"}
    got = client.get(SEARCH, params=parameters)
    assert got.status_code == 200
    posted = search(client, q="猫 喜欢 吃什么", limit=3, retrievers=["bm25", "hashing"], fusion="linear")
    assert untimed(got.json()) == untimed(posted)
    assert len(posted["hits"]) == 3


def test_pages_are_slices_of_one_list(client):
    whole = search(client, q="水 water food", limit=20)["hits"]
    pages = [search(client, q="水 water food", limit=4, offset=offset)["hits"] for offset in range(0, 20, 4)]
    assert [hit for page in pages for hit in page] == whole
    assert search(client, q="水 water food", offset=1_000)["hits"] == []


def test_an_empty_query_lists_all_documents_by_id(client):
    answer = search(client, q=" \n　", limit=100)
    assert [hit["id"] for hit in answer["hits"]] == sorted(document["id"] for document in sample())
    assert answer["total"] == {"value": 42, "of": "matches", "relation": "eq"}
    assert {hit["score"] for hit in answer["hits"]} == {0.0}


def test_hits_carry_the_documents_as_they_were_sent(client):
    sent = {document.pop("id"): document for document in sample()}
    hits = search(client, q="古筝 调音", limit=10)["hits"]
    assert hits[0]["id"] == "music-001"
    assert {hit["id"]: hit["document"] for hit in hits} == {hit["id"]: sent[hit["id"]] for hit in hits}


def test_only_the_wanted_fields_are_in_the_documents(client):
    hits = search(client, q="古筝", fields=["year", "title"])["hits"]
    assert hits[0]["document"] == {"title": "古筝调弦从琴码开始", "year": hits[0]["document"]["year"]}
    assert search(client, q="古筝", fields=[])["hits"][0]["document"] == {}


def test_traditional_and_simplified_characters_find_the_same(client):
    simplified = search(client, q="长时间 机器学习", retrievers=["bm25"])["hits"]
    traditional = search(client, q="長時間 機器學習", retrievers=["bm25"])["hits"]
    assert [hit["id"] for hit in simplified] == [hit["id"] for hit in traditional]
    assert {"health-030", "comp-033"} <= {hit["id"] for hit in simplified}


def test_explain_says_as_much_as_was_asked_for(client):
    none, parts, full = (
        search(client, q="rosin", explain=each)["hits"] for each in ("none", "parts", "full")
    )
    assert {hit["parts"] for hit in none} == {None}
    assert {part["name"] for hit in parts for part in hit["parts"]} == {"bm25", "hashing"}
    assert not any("parts" in part for hit in parts for part in hit["parts"])
    terms = [part["name"] for part in full[0]["parts"][0]["parts"]]
    assert "words:rosin" in terms
    assert [hit["score"] for hit in none] == [hit["score"] for hit in full]


@pytest.mark.parametrize(
    "query",
    [
        "!!! ，。（）…",
        "\0",
        "😀👨‍👩‍👧‍👦🏳️‍🌈",
        "\u202e\ufeff\u200d",
        "\x1b[31m",
        "'; DROP TABLE documents; --" * 3,
        "%",
        "ﷺ" * 100,
    ],
)
def test_a_query_of_no_words_is_answered(client, query):
    answer = search(client, q=query)
    assert isinstance(answer["hits"], list)
    assert answer["total"]["value"] >= len(answer["hits"])


def test_a_query_without_terms_says_so(client):
    answer = search(client, q="!!!", retrievers=["bm25", "hashing"])
    assert answer["hits"] == []
    assert answer["total"]["value"] == 0
    assert any("`bm25` finds no term" in warning for warning in answer["warnings"])


def test_a_query_of_stop_words_alone_is_a_query(client):
    assert search(client, q="what is the")["hits"]


def test_repeated_terms_count_as_often_as_they_stand_there(client):
    once = search(client, q="rosin", retrievers=["bow"])["hits"]
    often = search(client, q="rosin " * 1_000, retrievers=["bow"])["hits"]
    assert [hit["score"] for hit in often] == [1_000 * hit["score"] for hit in once]


@pytest.mark.parametrize("query", ["猫 " * 10_000, "x" * 2_000_000, "cat " * 1_025, "猫" * 1_024])
def test_a_query_that_is_too_long_is_refused_with_the_bound(client, query):
    problem = check_problem(client.post(SEARCH, json={"q": query}), 422, "query_too_long", "/q")
    assert "16,384 bytes" in problem["detail"] or "1024 terms" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"q": "x" * 101}, "query_too_long", "/q"),
        ({"q": "猫" * 34}, "query_too_long", "/q"),
        ({"q": "x", "limit": 21}, "too_many_hits", "/limit"),
        ({"q": "x", "offset": 21}, "too_many_hits", "/offset"),
        ({"q": "x", "depth": 21}, "too_many_hits", "/depth"),
        (
            {"q": "x", "retrievers": ["bow", {"name": "bm25", "depth": 21}]},
            "too_many_hits",
            "/retrievers/1/depth",
        ),
    ],
)
def test_a_service_may_allow_less(data_dir, body, code, pointer):
    settings = Settings(data_dir=data_dir, max_hits=20, max_query_bytes=100)
    with TestClient(create_app(settings)) as client:
        check_problem(client.post(SEARCH, json=body), 422, code, pointer)
        many = {"searches": [{"index": "news", **body}]}
        check_problem(client.post("/v1/multi-search", json=many), 422, code, f"/searches/0{pointer}")
        if not body.keys() & {"offset", "depth"}:
            check_problem(client.post("/v1/indexes/news/compare", json=body), 422, code, pointer)
        small = {"q": "x" * 100, "limit": 20, "offset": 20, "depth": 20}
        assert client.post(SEARCH, json=small).status_code == 200


def test_by_default_a_service_allows_all_that_a_request_can_say():
    assert (Settings().max_hits, Settings().max_query_bytes) == (MOST_HITS, MOST_QUERY_BYTES)


def test_a_comparison_holds_each_retrievers_own_answer(client):
    response = client.post("/v1/indexes/news/compare", json={"q": "河岸 bank", "limit": 3})
    assert response.status_code == 200
    compared = response.json()["retrievers"]
    assert {"bow", "tfidf", "bm25", "ngrams", "hashing"} <= set(compared)
    for name, answer in compared.items():
        alone = untimed(search(client, q="河岸 bank", limit=3, retrievers=[name]))
        assert untimed(answer) == {**alone, "cursor": None}


def test_a_comparison_refuses_two_retrievers_of_one_name(client):
    body = {"q": "x", "retrievers": ["hashing", "bm25", {"type": "bm25", "k1": 2}]}
    check_problem(
        client.post("/v1/indexes/news/compare", json=body), 422, "duplicate_retriever", "/retrievers/2/name"
    )
    body["retrievers"][2] = {"name": "steep", "type": "bm25", "k1": 2}  # type: ignore[index]
    assert list(client.post("/v1/indexes/news/compare", json=body).json()["retrievers"]) == [
        "hashing",
        "bm25",
        "steep",
    ]


def test_a_hit_whose_document_was_removed_since_has_none(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        engine = Engines(catalogue, data_dir).get("news")
        catalogue.documents.delete("news", ["music-022"])
        result = searched(catalogue, engine, search_request(q="rosin"))
    assert (result.hits[0].id, result.hits[0].document) == ("music-022", None)


ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
WORDS = st.lists(
    st.sampled_from(["猫", "bank", "的", "the", "\0", "😀", "ＡＢ", "ﬁ", "한국어", "İ", " ", "c++"]),
    max_size=12,
)
SPECS = st.fixed_dictionaries(
    {"type": st.sampled_from(["bow", "tfidf", "bm25"])},
    optional={
        "k1": st.floats(0, 100),
        "b": st.floats(0, 1),
        "k3": st.floats(0, 10_000),
        "delta": st.floats(0, 10),
        "view": st.sampled_from(["words", "bigrams", ["characters", "words"]]),
        "depth": st.integers(1, 1_000),
    },
)


@given(
    q=ANY_TEXT | WORDS.map("".join),
    retrievers=st.none()
    | st.lists(st.sampled_from(["bow", "bm25", "ngrams", "hashing"]) | SPECS, min_size=1, max_size=4),
    fusion=st.sampled_from([None, "rrf", "linear", {"method": "linear", "normalization": "zscore"}]),
    explain=st.sampled_from(["none", "parts", "full"]),
)
def test_no_text_and_no_parameters_break_a_search(client, q, retrievers, fusion, explain):
    body = {"q": q, "retrievers": retrievers, "fusion": fusion, "explain": explain}
    # Not by httpx, which refuses lone surrogates: as the escapes that a careless client sends.
    response = client.post(SEARCH, content=json.dumps(body), headers={"content-type": "application/json"})
    assert response.status_code in (200, 422)
    received = json.loads(json.dumps(q))  # two that stand together make one character
    if any("\ud800" <= character <= "\udfff" for character in received):
        check_problem(response, 422, "invalid_request", "")
    elif response.status_code == 422:
        assert check_problem(response, 422, "duplicate_retriever")
    else:
        for hit in response.json()["hits"]:
            assert explain == "none" or not q.strip() or total(hit["parts"]) == Fraction(hit["score"])
