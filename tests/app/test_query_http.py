"""The query language as a program meets it: operators in both languages, strictness, bounds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.sample import check_problem, untimed
from tests.app.search.test_query_laws import FRAGMENTS
from tests.app.test_search_http import REQUESTS, total

DOCUMENTS = [
    {"id": "1", "title": "家猫", "text": "猫 喜欢 鱼"},
    {"id": "2", "title": "狗", "text": "狗 不 喜欢 鱼，也 不 喜欢 猫"},
    {"id": "3", "title": "Cats", "text": "Cats like fish, dogs do not."},
    {"id": "4", "title": "機器學習", "text": "機器學習的 Recall 與 precision"},
    {"id": "5", "title": "机器翻译", "text": "学习机器翻译要用 C++ 和 node.js"},
    {"id": "6", "title": "River bank", "text": "A walk along the river bank in spring"},
    {"id": "7", "title": "Money", "text": "The bank by the old river; computing interest in C"},
]
HYBRID = {"retrievers": ["bm25", "hashing"]}


def build(client, index, documents, **settings):
    """An index of these documents under these settings."""
    url = f"/v1/indexes/{index}"
    settings = {"encoders": {"hashing": {"type": "hashing"}}, **settings}
    for response in (
        client.put(url, json=settings),
        client.post(f"{url}/documents", json=documents),
        client.post(f"{url}/reindex", params={"wait": 60}),
    ):
        assert response.status_code in (200, 201, 202), response.text
        assert response.json().get("status", "succeeded") == "succeeded", response.text


@pytest.fixture(scope="module")
def zoo(client):
    build(client, "zoo", DOCUMENTS)
    return "/v1/indexes/zoo/search"


@pytest.fixture(scope="module")
def ask(client, zoo):
    """The answer to a query; by `bm25` alone, where nothing else is said."""

    def answer(q, **body):
        response = client.post(zoo, json={"q": q, "retrievers": ["bm25"], "explain": "full", **body})
        assert response.status_code == 200, response.text
        return response.json()

    return answer


def ids(answer):
    return [hit["id"] for hit in answer["hits"]]


def scores(answer):
    return {hit["id"]: hit["score"] for hit in answer["hits"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cats 鱼", "123"),
        ('"喜欢 鱼"', "12"),
        ("“喜欢鱼”", "12"),
        ("「机器学习」", "4"),
        ('"river bank"', "6"),
        ('"bank river"~3', "7"),
        ('"bank river"~2', ""),
        ("机器学习", "45"),
        ("+机器学习", "4"),
        ("＋機器學習", "4"),
        ("+C++", "5"),
        ("+c", "57"),
        ("+node.js", "5"),
        ("猫 -狗", "1"),
        ("猫 －狗", "1"),
        ("fish NOT dogs", ""),
        ("bank -“river bank”", "7"),
        ("river AND bank", "67"),
        ("river AND NOT spring", "7"),
        ("spring OR cats OR 翻译", "356"),
        ("(cats OR 家猫) AND 鱼", "1"),
        ("title:猫", "1"),
        ("title：猫", "1"),
        ("title:(river OR 狗)", "26"),
        ('text:"river bank"', "6"),
        ("-title:bank +bank", "7"),
        ("comput*", "7"),
        ("computin*", "7"),
        ("机器*", "45"),
        ("机*", "45"),
        ("rivr~", "67"),
        ("bnak~", "67"),
        ("机哭~", "4"),
        ("+(the bank)", "67"),
        ("+the +bank", "67"),
        (r"\+cats", "3"),
        ("+!!! cats", "3"),
    ],
)
def test_operators_find_what_the_documentation_says(ask, query, expected):
    answer = ask(query, strict=True)
    assert sorted(ids(answer)) == list(expected)
    assert answer["warnings"] == []


@pytest.mark.parametrize(
    ("query", "never"),
    [
        ("喜欢 鱼 -狗", "2"),
        ("river bank -spring", "6"),
        ("+river cats", "12345"),
        ('"river bank"', "123457"),
        ("title:猫", "234567"),
        ("+机器学习 翻译", "123567"),
        ("(cats OR 狗) AND 鱼 AND NOT 家猫", "1567"),
    ],
)
@pytest.mark.parametrize("request_", [HYBRID, {"retrievers": ["hashing"]}, {**HYBRID, "fusion": "rrf"}, {}])
def test_no_list_of_vectors_brings_back_what_is_ruled_out(ask, query, never, request_):
    request_ = request_ or {"retrievers": None}
    answer = ask(query, **request_)
    assert answer["hits"]
    assert set(ids(answer)).isdisjoint(never)


def test_plain_words_leave_a_list_of_vectors_as_it_is(ask):
    assert len(ids(ask("river bank", **HYBRID))) == 7
    assert len(ids(ask("river* bank~ cats^2", **HYBRID))) == 7
    assert len(ids(ask('"river bank" cats', **HYBRID))) == 7


@pytest.mark.parametrize("request_", [{}, HYBRID, {"retrievers": ["hashing"]}])
def test_what_must_not_match_alone_leaves_all_others_by_id(ask, request_):
    answer = ask("-猫 -机器", **request_)
    assert ids(answer) == ["3", "6", "7"]
    assert set(scores(answer).values()) == {0.0}
    assert answer["total"] == {"value": 3, "of": "matches", "relation": "eq"}
    assert answer["warnings"] == []
    assert ids(ask("NOT 猫", offset=2, limit=2, **request_)) == ["5", "6"]


def test_a_match_without_a_scored_term_stands_behind_the_others(ask):
    answer = ask("cats OR NOT bank")
    assert ids(answer) == ["3", "1", "2", "4", "5"]
    assert list(scores(answer).values())[1:] == [0.0] * 4


def test_the_operators_are_those_of_the_documentation_in_either_width(ask):
    for narrow, wide in [
        ("title:猫^2 -狗", "title：猫＾２ －狗"),
        ('"猫 鱼"~2', "＂猫 鱼＂～2"),
        ("鱼*", "鱼＊"),
    ]:
        assert untimed(ask(narrow)) == untimed(ask(wide))


def test_scores_are_boosted(ask):
    once, twice = scores(ask("鱼")), scores(ask("鱼^2"))
    assert all(Fraction(twice[each]) - 2 * Fraction(once[each]) < Fraction(1, 2**17) for each in once)
    assert ids(ask("猫 翻译^9"))[0] == "5"
    assert ids(ask("猫^9 翻译"))[0] == "1"
    in_title = ask("title:猫^3 猫")["hits"][0]["parts"][0]["parts"]
    assert {part["name"] for part in in_title} == {"title.characters:猫", "words:猫", "characters:猫"}


LANGUAGE = [
    '"river bank" cats',
    "+(cats OR 机器学习) -spring 鱼^2.5",
    "title:(river bank)^3 comput* bnak~",
    "(cats AND fish) OR (“喜欢鱼” -狗)",
    "机* OR river~2",
    "cats OR NOT bank",
    "-title:猫 鱼",
    "node.j* C++",
]


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
@pytest.mark.parametrize("query", LANGUAGE)
def test_the_parts_of_a_score_sum_exactly_to_it(ask, request_, query):
    for hit in ask(query, **request_)["hits"]:
        assert total(hit["parts"]) == Fraction(hit["score"])
        for part in hit["parts"]:
            assert total(part.get("parts", ()), "value") == Fraction(part["value"])


def test_a_comparison_understands_the_language(client, ask):
    compared = client.post("/v1/indexes/zoo/compare", json={"q": "+机器学习 -翻译"}).json()["retrievers"]
    assert {"bm25", "hashing"} <= set(compared)
    assert all(ids(answer) == ["4"] for answer in compared.values())


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ('猫 "鱼', "Position 2"),
        ("(猫", "no `)` closes"),
        ("猫 AND", "found the end"),
        ("猫^x", "a boost above 0"),
    ],
)
def test_a_broken_query_is_answered_or_refused(client, zoo, ask, query, told):
    answer = ask(query)
    assert "1" in ids(answer)
    [warning] = answer["warnings"]
    assert told in warning
    problem = check_problem(client.post(zoo, json={"q": query, "strict": True}), 422, "query_syntax", "/q")
    assert f"{problem['detail']} It was read as plain words." == warning
    check_problem(client.get(zoo, params={"q": query, "strict": True}), 422, "query_syntax", "/q")


def test_an_unknown_field_is_plain_text_or_refused(client, zoo, ask):
    answer = ask("titel:猫 bank")
    assert sorted(ids(answer)) == ["1", "2", "6", "7"]
    assert "Did you mean `title`?" in answer["warnings"][0]
    check_problem(client.post(zoo, json={"q": "titel:猫", "strict": True}), 422, "unknown_field", "/q")


def test_a_query_without_terms_says_so(ask):
    for query in ("-!!!", '"…"', "+!!! -。", "title:!!!"):
        answer = ask(query)
        assert answer["hits"] == []
        assert answer["warnings"] == ["`bm25` finds no term in the query."]


def test_boosts_that_no_score_has_room_for_are_refused(client, zoo):
    nested = "((((cats^1000)^1000)^1000)^1000)^1000"
    for query in (nested, f"{nested} 鱼", f"title:{nested}"):
        for retriever in ("bm25", "lm", "bow"):
            body = {"q": query, "retrievers": [retriever]}
            problem = check_problem(client.post(zoo, json=body), 422, "score_too_large", "/q")
            assert "4,194,304" in problem["detail"]


HOSTILE = [
    "+的 " * 2_000,
    '"的一是" ' * 1_200,
    "a* " * 3_000,
    "机* " * 300,
    "ab~2 " * 1_000,
    "(" * 8_000,
    "-(" * 30 + "猫" + ")" * 30,
    "title:" * 2_000,
    '"' + "的" * 5_000 + '"',
    "-" + "学" * 5_000,
    "a^9 OR " * 1_000 + "b",
    "NOT " * 4_000,
    "x" * 16_000 + "~2",
    "x" * 16_000 + "*",
    "1.1.1." * 2_000 + "*",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_answered_or_refused(client, zoo, query):
    query = query.encode()[:16_384].decode(errors="ignore")
    response = client.post(zoo, json={"q": query, "explain": "full"})
    if response.status_code != 200:
        check_problem(response, 422, "query_too_long", "/q")


@given(st.lists(st.sampled_from([*FRAGMENTS, "猫", "river", "bank~", "机* "]), max_size=14).map("".join))
def test_no_query_breaks_a_search(client, zoo, query):
    for request_ in ({}, {"retrievers": ["lm"]}):
        response = client.post(zoo, json={"q": query, "explain": "full", **request_})
        assert response.status_code == 200, response.text
        for hit in response.json()["hits"]:
            assert total(hit["parts"]) == Fraction(hit["score"]) or not query.strip()


def test_synonyms_and_stop_words_act_on_queries_of_the_generation(client):
    documents = [
        {"id": "1", "text": "計算機 入門"},
        {"id": "2", "text": "电脑 教程"},
        {"id": "3", "text": "about a computer"},
        {"id": "4", "text": "a cat"},
    ]
    build(client, "lists", documents)
    url = "/v1/indexes/lists"

    def found(q):
        answer = client.post(f"{url}/search", json={"q": q, "retrievers": ["bm25"], "explain": "full"}).json()
        return sorted(ids(answer)), answer["fingerprint"], answer["hits"]

    plain, fingerprint, _ = found("計算機")
    assert plain == ["1"]
    assert found("about cat")[0] == ["4"]
    settings = client.get(url).json()["settings"]
    settings["analysis"] = {"synonyms": [["计算机", "電腦", "computer"]], "stop_words": []}
    assert client.put(url, json=settings).status_code == 200
    assert found("計算機")[1] == fingerprint  # as of the next reindex
    analysed = client.post(f"{url}/analyze", json={"text": "計算機", "views": ["words"]}).json()
    assert analysed["query"] == {"words": ["计算机", "电脑", "comput"]}
    assert client.post(f"{url}/reindex", params={"wait": 60}).json()["status"] == "succeeded"
    for query in ("计算机", "計算機", "電腦", "电脑", "Computers"):
        held, changed, hits = found(query)
        assert held == ["1", "2", "3"]
        assert changed != fingerprint
        names = {part["name"] for hit in hits for part in hit["parts"][0]["parts"]}
        assert {"words:计算机", "words:电脑", "words:comput"} <= names
    assert found("about cat")[0] == ["3", "4"]
    assert found("+计算机")[0] == ["1"]


def test_words_of_the_dictionary_are_kept_whole(client):
    documents = [
        {"id": "1", "text": "我买了T恤"},
        {"id": "2", "text": "区块链技术"},
        {"id": "3", "text": "天气真好"},
    ]
    build(client, "kept", documents, analysis={"dictionary": ["T恤", "区块链"]})
    analysed = client.post(
        "/v1/indexes/kept/analyze", json={"text": "區塊鏈 Ｔ恤", "views": ["words"]}
    ).json()
    assert analysed["query"] == {"words": ["区块链", "t恤", "恤"]}
    body = {"q": "+T恤", "retrievers": ["bm25"]}
    assert ids(client.post("/v1/indexes/kept/search", json=body).json()) == ["1"]


def test_without_positions_a_phrase_is_its_terms_and_says_so(client):
    documents = [
        {"id": "1", "text": "river bank"},
        {"id": "2", "text": "bank river"},
        {"id": "3", "text": "bank"},
    ]
    build(client, "scattered", documents, positions=False)
    body = {"q": '"river bank"', "retrievers": ["bm25"]}
    answer = client.post("/v1/indexes/scattered/search", json=body).json()
    assert sorted(ids(answer)) == ["1", "2"]
    [warning] = answer["warnings"]
    assert "keeps no positions" in warning
