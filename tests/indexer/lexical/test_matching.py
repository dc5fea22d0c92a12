"""Trees over an index: what matches, and what it is scored by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.errors import InputError
from indexer.lexical import (
    LexicalBuilder,
    LexicalIndex,
    LexicalQuery,
    Matcher,
    MemoryLexical,
    Segment,
    SqliteLexical,
    arrays_in_memory,
    bits,
)
from indexer.query import Boost, Fuzzy, Group, InField, Phrase, Prefix, Words
from indexer.ranking import ranked
from indexer.types import AnalysisSettings
from indexer.weighting import WEIGHTINGS, WeightingParameters
from tests.indexer.lexical.evaluator import Evaluator

FIELDS = ["title", "text"]
VIEWS = ["words", "characters", "bigrams"]
ANALYZER = Analyzer(AnalysisSettings(synonyms=[["cat", "猫"], ["机器学习", "machine learning"]]))
BOW = WEIGHTINGS["bow"]["count"]


def memory_index(documents, analyzer=ANALYZER, views=VIEWS, positioned=("words", "characters")):
    """An index in memory of documents {field: text}."""
    store = MemoryLexical(FIELDS, views, positioned)
    for number, document in enumerate(documents):
        columns = {
            (view, field): analyzer.analyse(document.get(field, ""), view)
            for view in views
            for field in FIELDS
        }
        tokens = {key: list(zip(each.terms, each.positions, strict=True)) for key, each in columns.items()}
        store.add(f"{number:03d}", tokens)
    return LexicalIndex([Segment(store, arrays_in_memory(store, window=64))])


def sqlite_index(documents, folder):
    """The same as a build writes it."""
    batch = BatchAnalyzer(ANALYZER, VIEWS)
    columns = batch.analyse([document.get(field, "") for document in documents for field in FIELDS])
    builder = LexicalBuilder(folder / "lexical.sqlite", FIELDS, VIEWS, ["words", "characters"])
    builder.add([f"{number:03d}" for number in range(len(documents))], columns)
    builder.finish({view: batch.vocabulary(view).terms() for view in VIEWS})
    store = SqliteLexical(folder / "lexical.sqlite")
    return LexicalIndex([Segment(store, arrays_in_memory(store, window=64))])


def matches_of(index, tree, fields=None, views=VIEWS, analyzer=ANALYZER, most=1_024):
    return Matcher(index, analyzer, views, most).match(tree, fields or dict.fromkeys(FIELDS, 1.0))


def hits_of(index, tree, fields=None, views=VIEWS, analyzer=ANALYZER, weighting=BOW):
    """(ordinal, score) of the documents that match, best first."""
    matches = matches_of(index, tree, fields, views, analyzer)
    query = LexicalQuery(matches.clauses, weighting, WeightingParameters())
    found = index.rank(query, 1_000, bits(matches.allowed))
    ordinals = np.concatenate([found.ordinals, matches.silent])
    scores = np.concatenate([found.scores, np.zeros(len(matches.silent), np.int64)])
    every = ranked(ordinals, scores, 1_000)
    return list(zip(every.ordinals.tolist(), every.scores.tolist(), strict=True))


def found(documents, tree, **named):
    """Which of these texts match."""
    index = memory_index([{"text": each} for each in documents])
    return sorted(documents[ordinal] for ordinal, _ in hits_of(index, tree, **named))


HAN = ["机", "器", "学", "习", "机器", "学习", "人"]
LATIN = ["cat", "cats", "act", "learning", "learns", "node.js", "C++", "the", "well-known"]
pieces = st.sampled_from([*HAN, *HAN, *LATIN, " ", " ", "，"])
texts = st.lists(pieces, max_size=9).map("".join) | st.lists(st.sampled_from(HAN + LATIN), max_size=7).map(
    " ".join
)
corpora = st.lists(st.fixed_dictionaries({"title": texts, "text": texts}), max_size=7)
words = st.sampled_from([*HAN, *LATIN, "!", "机器学习", "学机器", "cat 机", "the cat", "learning机器"])
leaves = st.one_of(
    words.map(Words),
    st.builds(Phrase, texts, st.integers(0, 3)),
    st.sampled_from(
        ["机", "学", "机器", "器学", "ca", "lear", "learnin", "the", "学习lear", "well-kno", "no"]
    ).map(Prefix),
    st.builds(
        Fuzzy, st.sampled_from(["cta", "acts", "机人", "机器学", "lerning", "C++", "器"]), st.integers(1, 2)
    ),
)


def grown(nodes):
    several = st.lists(nodes, max_size=2).map(tuple)
    return st.one_of(
        st.builds(InField, st.sampled_from(FIELDS), nodes),
        st.builds(Boost, nodes, st.sampled_from([0.5, 2.0, 3.0])),
        st.builds(Group, several, several, several),
    )


trees = st.recursive(leaves, grown, max_leaves=6)
boosts = st.sampled_from([{"title": 1.0, "text": 1.0}, {"text": 1.0}, {"title": 2.0, "text": 1.0}])
some_views = st.sampled_from([VIEWS, ["words"], ["bigrams"]])


@given(corpora, trees, boosts, some_views)
def test_a_tree_finds_and_scores_what_its_definition_says(documents, tree, fields, views):
    index = memory_index(documents)
    evaluator = Evaluator(documents, ANALYZER, VIEWS)
    evaluator.views = views
    assert hits_of(index, tree, fields, views) == evaluator.hits(tree, fields)


@given(
    corpora,
    trees,
    boosts,
    st.sampled_from([each for variants in WEIGHTINGS.values() for each in variants.values()]),
    st.sampled_from(["bm25f", "sum"]),
    st.integers(1, 4),
)
def test_parts_add_up_to_the_score_of_every_document_that_matches(
    documents, tree, fields, weighting, combine, depth
):
    index = memory_index(documents)
    matches = matches_of(index, tree, fields)
    query = LexicalQuery(matches.clauses, weighting, WeightingParameters(), combine)
    every = index.rank(query, 1_000, bits(matches.allowed))
    explained = index.explain(query, every.ordinals.tolist())
    assert [sum(part.score for part in parts) for parts in explained] == every.scores.tolist()
    assert all(explained)
    silent = index.explain(query, matches.silent.tolist())
    assert not any(silent)
    first = index.rank(query, depth, bits(matches.allowed))
    assert first.ordinals.tolist() == every.ordinals[:depth].tolist()


@given(
    st.lists(st.text("的一是了人", max_size=400), max_size=4), st.text("的一是了人", min_size=1, max_size=6)
)
def test_in_chinese_a_phrase_is_a_part_of_the_text(tmp_path_factory, bodies, phrase):
    documents = [{"text": body} for body in bodies]
    index = sqlite_index(documents, tmp_path_factory.mktemp("phrases"))
    for tree in (Phrase(phrase), Group(must=(Words(phrase),))):
        held = sorted(ordinal for ordinal, _ in hits_of(index, tree))
        assert held == [ordinal for ordinal, body in enumerate(bodies) if phrase in body]


MIXED = [
    "机器学习的方法",
    "学习机器翻译",
    "機器學習入門",
    "我用C++写 machine learning 程序",
    "C 语言",
    "learning machines",
    "node.js 教程",
    "node and js",
]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (Phrase("机器学习"), [0, 2]),
        (Phrase("機器學習"), [0, 2]),
        (Phrase("学习机"), [1]),
        (Phrase("machine learning"), [3]),
        (Phrase("Learning Machine"), [5]),  # stems, in their order
        (Phrase("写 machine"), [3]),
        (Phrase("C++"), [3]),
        (Phrase("用C++写"), [3]),
        (Phrase("node.js"), [6]),
        (Phrase("node js", 1), [6, 7]),
        (Phrase("机学", 1), [0, 2]),
        (Group(must=(Words("机器学习"),)), [0, 2]),
        (Words("机器学习"), [0, 1, 2, 3, 5]),  # and by a synonym
        (Group(must=(Words("C++"),)), [3]),
        (Group(must=(Words("c"),)), [3, 4]),
        (Group((Words("机器"),), (), (Words("翻译"),)), [0, 2]),
        (Group(must_not=(Words("机器"), Words("node"))), [3, 4, 5]),
        (Group(must=(Words("机器学习 教程"),)), [0, 2, 6]),  # any of the words of one group
        (Group(must=(Words("!!!"), Words("教程"))), [6]),
        (Group(must=(Words("the"),)), []),
        (Group(must_not=(Words("!!!"),)), []),
        (Prefix("mach"), [3, 5]),
        (Prefix("learnin"), [3, 5]),
        (Prefix("器学"), [0, 2]),
        (Prefix("写 mach"), [3]),
        (Prefix("node.j"), [6]),
        (Fuzzy("mahcine"), [3, 5]),
        (Fuzzy("lerning"), [3, 5]),
        (Fuzzy("教学"), [6]),  # 教程
        (InField("title", Words("机器")), []),
        (InField("title", InField("text", Words("教程"))), [3, 6]),  # 程序
    ],
)
def test_examples_in_both_languages(tree, expected):
    assert found(MIXED, tree) == sorted(MIXED[place] for place in expected)


def test_slop_is_that_of_the_documentation():
    texts = ["a b c", "a x b c", "a b x c", "a x b x c", "b a c"]
    assert found(texts, Phrase("a b c")) == ["a b c"]
    assert found(texts, Phrase("a b c", 1)) == ["a b c", "a b x c", "a x b c"]
    assert found(texts, Phrase("a b c", 2)) == ["a b c", "a b x c", "a x b c", "a x b x c"]


def test_a_phrase_stands_within_one_field():
    index = memory_index([{"title": "深度", "text": "学习"}, {"title": "深度学习"}])
    assert [ordinal for ordinal, _ in hits_of(index, Phrase("深度学习"))] == [1]


def test_a_field_that_the_query_names_wins_over_those_of_the_request():
    index = memory_index([{"title": "猫", "text": "狗"}, {"title": "狗", "text": "猫"}])
    hits = hits_of(index, InField("title", Words("猫")), {"text": 1.0}, ["words"])
    assert hits == [(0, 2**20)]
    boosted = hits_of(index, InField("title", Words("猫")), {"title": 3.0}, ["words"])
    assert boosted == [(0, 3 * 2**20)]


def test_a_part_counts_where_it_matches_alone():
    """`"b a" c`: the words of the phrase add nothing where it does not stand."""
    index = memory_index([{"text": "a b c"}, {"text": "b a c"}, {"text": "a b"}])
    tree = Group((Phrase("b a"), Words("c")))
    assert hits_of(index, tree) == [(1, 3 * 2**20), (0, 2**20)]


def test_without_positions_all_terms_of_a_phrase_have_to_be_there():
    index = memory_index([{"text": "机器学习"}, {"text": "学习机器"}, {"text": "机 器 cat"}], positioned=())
    matches = matches_of(index, Phrase("机器学习"))
    assert matches.allowed.tolist() == [True, False, False]  # the bigram 器学 is in one alone
    [warning] = matches.warnings
    assert "`机器学习`" in warning
    assert matches_of(index, Phrase("cat 机")).allowed.tolist() == [False, False, True]
    assert matches_of(index, Group(must=(Words("cat"),))).warnings == []


def test_without_the_view_of_characters_a_phrase_is_that_of_its_words():
    index = memory_index([{"text": "机器学习"}, {"text": "学习机器"}], views=["words"], positioned=["words"])
    matches = matches_of(index, Phrase("机器学习"), views=["words"])
    assert matches.allowed.tolist() == [True, False]
    assert matches.warnings == []


def test_without_the_view_of_words_a_prefix_is_that_of_characters_and_says_so():
    index = memory_index(
        [{"text": "机器人"}, {"text": "机车"}], views=["characters"], positioned=["characters"]
    )
    matches = matches_of(index, Prefix("机器"), views=["characters"])
    assert matches.allowed.tolist() == [True, False]
    assert any("`words`" in warning for warning in matches.warnings)


def test_a_prefix_of_very_many_words_takes_the_most_frequent_and_says_so():
    texts = [f"ab{number:03d}" for number in range(200)] + ["ab199"]
    index = memory_index([{"text": each} for each in texts])
    matches = matches_of(index, Prefix("ab"))
    assert int(matches.allowed.sum()) == 129
    assert matches.allowed[[199, 200]].all()
    [warning] = matches.warnings
    assert "200 words; 128 of them" in warning


def test_words_spelled_nearly_so_count_less():
    index = memory_index([{"text": "river"}, {"text": "rivet"}, {"text": "liver rivers"}])
    assert hits_of(index, Fuzzy("river")) == [(2, 2**20 + 2**19), (0, 2**20), (1, 2**19)]


def test_one_character_is_near_to_itself_alone():
    assert found(["猫", "狗", "猫狗", "a b"], Fuzzy("猫", 2)) == ["猫", "猫狗"]
    assert found(["猫", "狗", "a b"], Fuzzy("a", 1)) == ["a b"]


def test_synonyms_score_and_match_where_words_are_free():
    texts = ["cat", "猫", "狗"]
    assert found(texts, Words("cat")) == ["cat", "猫"]
    assert found(texts, Group(must=(Words("cat"),))) == ["cat"]
    assert found(texts, Phrase("cat")) == ["cat"]


def test_what_a_retriever_of_meanings_may_find():
    index = memory_index([{"text": "cat 机器"}, {"text": "机器"}, {"text": "dog"}])

    def limited(tree):
        found = matches_of(index, tree).limited
        return None if found is None else found.tolist()

    assert limited(Words("cat")) is None
    assert limited(Group((Words("cat"), Phrase("机器")))) is None
    assert limited(Phrase("机器")) == [True, True, False]
    assert limited(Group((Words("dog"),), (), (Words("cat"),))) == [False, True, True]
    assert limited(Group((Words("dog"),), (Words("机器"),), (Words("cat"),))) == [False, True, False]
    assert limited(InField("text", Words("dog"))) == [False, False, True]
    assert limited(Boost(Prefix("do"), 2.0)) is None
    assert limited(Group(must=(Group((Prefix("do"), Words("机器"))),))) == [True, True, True]


@pytest.mark.parametrize(
    "tree",
    [
        Group(must=tuple(Words(f"w{number}") for number in range(1_025))),
        Phrase("的" * 1_025),
        Group(must_not=(Words("的" * 1_025),)),
        Group(tuple(Prefix("ab") for _ in range(9))),
    ],
)
def test_too_many_terms_are_refused(tree):
    index = memory_index([{"text": f"ab{number}"} for number in range(130)])
    with pytest.raises(InputError, match="1024 terms") as caught:
        matches_of(index, tree)
    assert (caught.value.code, caught.value.pointer) == ("query_too_long", "/q")


def test_as_many_clauses_as_a_query_may_have_are_answered():
    index = memory_index([{"text": " ".join(f"w{number}" for number in range(1_024))}])
    tree = Group(must=tuple(Words(f"w{number}") for number in range(1_024)))
    assert hits_of(index, tree, views=["words"]) == [(0, 1_024 * 2**20)]
