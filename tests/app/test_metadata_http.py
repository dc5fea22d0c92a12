"""Filters, sorting, facets and groups, as a program sees them."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.app.sample import check_problem, sample

SEARCH = "/v1/indexes/news/search"
DOCUMENTS = {each["id"]: each for each in sample()}
QUERY = "水 water the 的"
FILTERS = {
    "lang = zh": lambda each: each["lang"] == "zh",
    "year >= 2020 AND category IN [animals, cooking]": lambda each: (
        each["year"] >= 2020 and each["category"] in ("animals", "cooking")
    ),
    "NOT lang = en": lambda each: each["lang"] != "en",
    'category CONTAINS "i"': lambda each: "i" in each["category"],
    "year 2018 TO 2021": lambda each: 2018 <= each["year"] <= 2021,
}
RANKINGS: dict[str, dict[str, object]] = {
    "bm25": {"retrievers": ["bm25"]},
    "operators": {"retrievers": ["bm25", "hashing"]},
    "dense": {"retrievers": ["hashing"]},
    "fused": {},
    "diverse": {"diversity": {}},
    "reranked": {"rerank": {"by": "proximity"}},
}


def search(client, **body):
    response = client.post(SEARCH, json={"q": QUERY, "limit": 100, **body})
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer):
    return [hit["id"] for hit in answer["hits"]]


def chosen(wanted):
    return {doc_id for doc_id, each in DOCUMENTS.items() if wanted(each)}


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("ranking", RANKINGS)
def test_only_what_the_filter_selects_is_found_and_all_of_it(client, filter_, ranking):
    without = search(client, **RANKINGS[ranking])
    found = search(client, filter=filter_, **RANKINGS[ranking])
    assert set(ids(found)) == set(ids(without)) & chosen(FILTERS[filter_])
    assert found["total"]["value"] == len(found["hits"])


@pytest.mark.parametrize("filter_", FILTERS)
def test_a_filter_leaves_scores_of_a_single_list_as_they_are(client, filter_):
    for retriever in ("bm25", "hashing"):
        scores = {hit["id"]: hit["score"] for hit in search(client, retrievers=[retriever])["hits"]}
        for hit in search(client, retrievers=[retriever], filter=filter_)["hits"]:
            assert hit["score"] == scores[hit["id"]]


def test_an_empty_query_lists_what_the_filter_selects(client):
    answer = search(client, q="", filter="lang = zh")
    assert ids(answer) == sorted(chosen(FILTERS["lang = zh"]))
    assert answer["total"] == {"value": len(answer["hits"]), "of": "matches", "relation": "eq"}


def test_a_filter_goes_with_operators(client):
    answer = search(client, q="+water -river", filter="lang = en", retrievers=["bm25"])
    unfiltered = search(client, q="+water -river", retrievers=["bm25"])
    assert set(ids(answer)) == set(ids(unfiltered)) & chosen(lambda each: each["lang"] == "en")
    assert ids(search(client, q="-water", filter="lang = en")) == [
        doc_id for doc_id in ids(search(client, q="-water")) if DOCUMENTS[doc_id]["lang"] == "en"
    ]


def test_text_json_and_lists_say_the_same(client):
    written = search(client, filter="lang = zh AND (year = 2020 OR year = 2021)")
    clauses = {
        "must": [{"key": "lang", "match": {"value": "zh"}}],
        "should": [{"key": "year", "match": {"value": 2020}}, {"key": "year", "match": {"value": 2021}}],
    }
    for other in (clauses, ["lang = zh", ["year = 2020", "year = 2021"]]):
        assert search(client, filter=other)["hits"] == written["hits"]
    got = client.get(
        SEARCH, params={"q": QUERY, "limit": 100, "filter": "lang = zh AND (year = 2020 OR year = 2021)"}
    )
    assert got.json()["hits"] == written["hits"]


def test_each_retriever_may_have_a_filter_of_its_own(client):
    specs = [{"name": "bm25", "filter": "lang = zh"}, {"name": "hashing", "filter": "lang = en"}]
    for hit in search(client, retrievers=specs, filter="year >= 2019", fusion="rrf")["hits"]:
        document = DOCUMENTS[hit["id"]]
        assert [part["name"] for part in hit["parts"]] == [{"zh": "bm25", "en": "hashing"}[document["lang"]]]
        assert document["year"] >= 2019


@pytest.mark.parametrize(
    "sort", [["year"], ["year:desc"], ["category", "year:desc"], ["lang:desc", "category"]]
)
@pytest.mark.parametrize("over", ["candidates", "matches"])
def test_hits_stand_in_the_order_of_the_fields_then_by_score(client, sort, over):
    answer = search(client, sort=sort, over=over, retrievers=[{"name": "bm25", "depth": 10}])

    def before(one, other):
        for each in sort:
            name, _, direction = each.partition(":")
            a, b = DOCUMENTS[one["id"]][name], DOCUMENTS[other["id"]][name]
            if a != b:
                return (a > b) if direction == "desc" else (a < b)
        return (-one["score"], one["id"].encode()) <= (-other["score"], other["id"].encode())

    assert len(answer["hits"]) == (10 if over == "candidates" else answer["total"]["value"])
    assert all(before(one, other) for one, other in pairwise(answer["hits"]))


def test_all_matches_are_counted_where_that_is_asked_for(client):
    few = {"retrievers": [{"name": "bm25", "depth": 5}], "facets": ["lang"]}
    candidates, matches = search(client, **few), search(client, over="matches", **few)
    every = search(client, retrievers=["bm25"])
    assert candidates["total"] == {"value": 5, "of": "fused_candidates", "relation": "eq"}
    assert matches["total"] == {"value": len(every["hits"]), "of": "matches", "relation": "eq"}
    counted = {each["value"]: each["count"] for each in matches["facets"]["fields"]["lang"]["values"]}
    assert counted == Counter(DOCUMENTS[each]["lang"] for each in ids(every))


@pytest.mark.parametrize(
    "body", [{}, {"over": "matches"}, {"q": ""}, {"group": {"field": "category"}}, {"filter": "lang = zh"}]
)
def test_facets_count_the_set_that_the_total_names(client, body):
    answer = search(client, facets=["lang", "category", "year"], **body)
    assert answer["facets"]["over"] == answer["total"]["of"]
    for name, facet in answer["facets"]["fields"].items():
        counts = {each["value"]: each["count"] for each in facet["values"]}
        assert sum(counts.values()) + facet["missing"] == answer["total"]["value"]
        if body.get("over") != "matches":
            assert counts == Counter(DOCUMENTS[each][name] for each in ids(answer))
    years = [DOCUMENTS[each]["year"] for each in ids(answer)]
    statistics = answer["facets"]["fields"]["year"]["statistics"]
    if body.get("over") != "matches":
        assert statistics == {
            "min": min(years),
            "max": max(years),
            "mean": sum(years) / len(years),
            "sum": sum(years),
        }


def test_facets_are_the_same_on_every_page(client):
    first = search(client, limit=3, facets=["category"], facet_limit=2)
    assert first["facets"]["fields"]["category"]["further"] > 0
    assert len(first["facets"]["fields"]["category"]["values"]) == 2
    later = client.post(SEARCH, json={"cursor": first["cursor"]}).json()
    assert later["facets"] == first["facets"]
    assert later["total"] == first["total"]


@pytest.mark.parametrize("size", [1, 3])
def test_so_many_hits_of_each_value_stand_in_their_order(client, size):
    plain = search(client)
    grouped = search(client, group={"field": "category", "size": size})
    expected, seen = [], Counter[object]()
    for each in ids(plain):
        seen[DOCUMENTS[each]["category"]] += 1
        if seen[DOCUMENTS[each]["category"]] <= size:
            expected.append(each)
    assert ids(grouped) == expected
    assert grouped["total"] == {"value": len(expected), "of": "grouped_candidates", "relation": "eq"}
    for hit in grouped["hits"]:
        value = DOCUMENTS[hit["id"]]["category"]
        assert hit["group"] == {"value": value, "more": max(seen[value] - size, 0)}


def test_documents_like_one_are_found_without_it(client):
    found = search(client, q="", like="music-001", retrievers=["bm25", "hashing"])
    assert found["hits"]
    assert "music-001" not in ids(found)
    got = client.get(
        "/v1/indexes/news/documents/music-001/similar", params={"limit": 100, "retrievers": "bm25,hashing"}
    )
    assert got.json()["hits"] == found["hits"]
    narrowed = search(client, q="", like="music-001", filter="lang = zh", highlight=["text"])
    assert set(ids(narrowed)) <= chosen(FILTERS["lang = zh"])


FAULTS = [
    ({"filter": "lang ="}, "filter_syntax", "/filter"),
    ({"filter": "lang = zh AND"}, "filter_syntax", "/filter"),
    ({"filter": "(" * 10_000}, "filter_syntax", "/filter"),
    ({"filter": "NOT " * 10_000 + "lang = zh"}, "filter_syntax", "/filter"),
    ({"filter": "lnag = zh"}, "unknown_field", "/filter"),
    ({"filter": "year = twenty"}, "filter_type", "/filter"),
    ({"filter": "title = x"}, "filter_type", "/filter"),
    ({"filter": {"must": [{"key": "year", "range": {"gte": "x"}}]}}, "filter_type", None),
    ({"filter": {"mist": []}}, "filter_syntax", None),
    ({"filter": ["lang = zh", ["year ="]]}, "filter_syntax", "/filter/1/0"),
    ({"filter": 5}, "invalid_request", "/filter"),
    ({"retrievers": [{"name": "bm25", "filter": "year = x"}]}, "filter_type", "/retrievers/0/filter"),
    ({"sort": ["yaer"]}, "unknown_field", "/sort/0"),
    ({"sort": ["year", "title:desc"]}, "filter_type", "/sort/1"),
    ({"sort": ["year:down"]}, "unknown_field", "/sort/0"),
    ({"sort": ["year"] * 9}, "invalid_request", "/sort"),
    ({"facets": ["lang", "lnag"]}, "unknown_field", "/facets/1"),
    ({"facets": ["lang"] * 21}, "invalid_request", "/facets"),
    ({"facet_limit": 0}, "invalid_request", "/facet_limit"),
    ({"group": {"field": "lnag"}}, "unknown_field", "/group/field"),
    ({"group": {"field": "lang", "size": 0}}, "invalid_request", "/group/size"),
    ({"highlight": ["lang"]}, "unknown_field", "/highlight/0"),
    ({"like": "nobody", "q": ""}, "unknown_document", "/like"),
    ({"like": "music-001"}, "invalid_request", ""),
    ({"over": "all"}, "invalid_request", "/over"),
    ({"depth": 1_001}, "invalid_request", "/depth"),
    ({"limit": 1_001}, "invalid_request", "/limit"),
    ({"retrievers": ["bm25"] * 64}, "invalid_request", "/retrievers"),
    ({"fusion": {"weights": {"bm25": -1}}}, "invalid_request", "/fusion/weights/bm25"),
    ({"fusion": {"weights": {"bm25": 0, "hashing": 0}}}, "invalid_input", "/fusion/weights"),
    ({"fusion": {"weights": {"bm52": 1}}}, "unknown_retriever", "/fusion/weights/bm52"),
    (
        {"fusion": {"method": "linear", "normalization": "minmx"}},
        "unknown_normalization",
        "/fusion/normalization",
    ),
    ({"rerank": {"by": "proximity", "window": 201}}, "invalid_request", "/rerank/window"),
    ({"rerank": {"by": "proximity", "encoder": "hashing"}}, "invalid_input", "/rerank/encoder"),
    ({"rerank": {"by": "passage", "encoder": "hashin"}}, "unknown_encoder", "/rerank/encoder"),
    ({"diversity": {"relevance": 0}}, "invalid_request", "/diversity/relevance"),
]


@pytest.mark.parametrize(("body", "code", "pointer"), FAULTS, ids=lambda each: str(each)[:40])
def test_what_is_wrong_is_told_with_its_place(client, body, code, pointer):
    problem = check_problem(client.post(SEARCH, json={"q": QUERY, **body}), 422, code, pointer)
    if code == "unknown_field":
        assert "`" in problem["detail"]


def test_a_filter_of_great_depth_as_json_is_refused(client):
    body = '{"filter": ' + '{"must": [' * 10_000 + "]}" * 10_000 + "}"
    check_problem(
        client.post(SEARCH, content=body, headers={"content-type": "application/json"}),
        422,
        "invalid_request",
    )


def test_similar_of_an_unknown_document_is_not_found(client):
    check_problem(client.get("/v1/indexes/news/documents/nobody/similar"), 404, "document_not_found")


def test_a_name_that_is_nearly_right_is_suggested(client):
    problem = check_problem(client.post(SEARCH, json={"filter": "yeer > 3"}), 422, "unknown_field")
    assert "Did you mean `year`?" in problem["detail"]
