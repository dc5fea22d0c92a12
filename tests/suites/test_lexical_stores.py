"""One suite for every store of counts, and for ranking and explanation over it."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.lexical import (
    Column,
    LexicalBuilder,
    LexicalIndex,
    LexicalQuery,
    MemoryLexical,
    SqliteLexical,
    TermCount,
)
from indexer.types import SCORE_UNIT, TermKey, to_score
from indexer.weighting import WEIGHTINGS, TermStatistics, WeightingParameters

TITLE, TEXT, GRAMS = Column("title", "words"), Column("text", "words"), Column("text", "bigrams")
COLUMNS = [TITLE, TEXT, GRAMS]


def in_memory(documents, path):
    store = MemoryLexical()
    for doc_id, analysed in documents:
        store.add(doc_id, {column: analysed.get(column, []) for column in COLUMNS})
    return store


def on_disk(documents, path, run_postings=1_000_000):
    file = path / f"{len(list(path.iterdir()))}.sqlite"
    builder = LexicalBuilder(file, COLUMNS, run_postings)
    for doc_id, analysed in documents:
        builder.add(doc_id, analysed)
    builder.finish()
    return SqliteLexical(file)


def on_disk_in_small_runs(documents, path):
    return on_disk(documents, path, run_postings=3)


STORES = {"memory": in_memory, "sqlite": on_disk, "sqlite, spilled": on_disk_in_small_runs}

EXAMPLE = [
    ("a", {TITLE: ["猫"], TEXT: ["猫", "喜欢", "鱼"], GRAMS: ["猫喜"]}),
    ("b", {TITLE: [], TEXT: ["狗", "不", "喜欢", "鱼", "鱼"]}),
    ("c", {}),
    ("d", {TEXT: ["鸟"], GRAMS: ["猫喜", "喜鸟"]}),
]

words = st.lists(st.sampled_from("abcdef"), max_size=6)
corpora = st.lists(st.fixed_dictionaries({TITLE: words, TEXT: words, GRAMS: words}), max_size=12).map(
    lambda bodies: [(f"{number:03d}", body) for number, body in enumerate(bodies)]
)
queries = st.fixed_dictionaries({"words": words, "bigrams": words})
boosts = st.sampled_from([{"title": 1.0, "text": 1.0}, {"text": 1.0}, {"title": 2.5, "text": 1.0}])
combines = st.sampled_from(["bm25f", "sum"])
weightings = st.sampled_from([each for variants in WEIGHTINGS.values() for each in variants.values()])


@pytest.fixture(params=STORES)
def make(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lexical")
    return lambda documents: STORES[request.param](documents, folder)


def test_postings_are_raw_counts(make):
    store = make(EXAMPLE)
    found = store.postings([TermKey("text", "words", "鱼"), TermKey("title", "words", "鱼")])
    assert list(found) == [TermKey("text", "words", "鱼")]
    [postings] = found.values()
    assert postings.ordinals.tolist() == [0, 1]
    assert postings.counts.tolist() == [1, 2]


def test_statistics_count_documents_and_occurrences(make):
    store = make(EXAMPLE)
    assert store.n_docs == 4
    assert set(store.columns) == set(COLUMNS)
    assert store.frequencies([TermKey("text", "words", "鱼")]) == {TermKey("text", "words", "鱼"): (2, 3)}
    assert store.lengths(TEXT).tolist() == [3, 5, 0, 1]
    assert store.lengths(Column("text", "trigrams")).tolist() == [0, 0, 0, 0]


def test_the_forward_index_gives_a_document_back(make):
    store = make(EXAMPLE)
    assert store.terms_of(0) == [
        TermCount(TermKey("title", "words", "猫"), 1),
        TermCount(TermKey("text", "words", "猫"), 1),
        TermCount(TermKey("text", "words", "喜欢"), 1),
        TermCount(TermKey("text", "words", "鱼"), 1),
        TermCount(TermKey("text", "bigrams", "猫喜"), 1),
    ]
    assert store.terms_of(2) == []


def test_documents_are_found_by_key_and_by_place(make):
    store = make(EXAMPLE)
    assert store.doc_ids([3, 0, 3]) == ["d", "a", "d"]
    assert [store.ordinal(each) for each in ("b", "x")] == [1, None]


def test_an_empty_index_answers(make):
    store = make([])
    index = LexicalIndex(store)
    query = LexicalQuery(
        {"words": ["猫"]}, {"text": 1.0}, WEIGHTINGS["bm25"]["lucene"], WeightingParameters()
    )
    assert index.rank(query, 10).ordinals.tolist() == []
    assert store.postings([TermKey("text", "words", "猫")]) == {}


def brute_force(documents, query):
    """Scores by the definition, document by document, in exact arithmetic once weighed."""
    totals: Counter[int] = Counter()
    matched: set[int] = set()
    said_by_length = []
    if query.combine == "bm25f":
        groups = [(query.fields, 1.0)]
    else:
        groups = [({field: 1.0}, boost) for field, boost in query.fields.items()]
    for fields, boost in groups:
        for view, terms in query.terms.items():
            counts = [
                {field: Counter(body.get(Column(field, view), [])) for field in fields}
                for _, body in documents
            ]
            lengths = [sum(fields[f] * c.total() for f, c in text.items()) for text in counts]
            known = 0
            for term, query_tf in Counter(terms).items():
                tf = [sum(fields[f] * c[term] for f, c in text.items()) for text in counts]
                holders = [i for i, each in enumerate(tf) if each]
                if not holders:
                    continue
                known += query_tf
                mean = float(np.mean([length for length in lengths if length]))
                stats = TermStatistics(len(documents), len(holders), mean, sum(tf), sum(lengths))
                repeat = query.weighting.repeat(query_tf, query.given)
                for i in holders:
                    weight = query.weighting.weigh(
                        np.array([tf[i]]), np.array([lengths[i]]), stats, query.given
                    )
                    totals[i] += int(to_score(weight * repeat * boost)[0])
                    matched.add(i)
            if query.weighting.length is not None and known:
                said = query.weighting.length(np.array(lengths), known, query.given) * boost
                said_by_length.append(to_score(said))
    for each in said_by_length:
        for i in matched:
            totals[i] += int(each[i])
    return sorted(((i, totals[i]) for i in matched), key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize("store", STORES)
@given(corpora, queries, boosts, weightings, combines, st.integers(1, 12))
def test_ranking_is_that_of_the_definition_at_every_depth(
    tmp_path_factory, store, documents, terms, fields, weighting, combine, depth
):
    index = LexicalIndex(STORES[store](documents, tmp_path_factory.mktemp("ranking")))
    query = LexicalQuery(terms, fields, weighting, WeightingParameters(), combine)
    expected = brute_force(documents, query)
    ranking = index.rank(query, depth)
    assert ranking.matches == len(expected)
    assert list(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True)) == expected[:depth]


@pytest.mark.parametrize("store", STORES)
@given(corpora, queries, boosts, weightings, combines)
def test_parts_add_up_to_the_score_of_every_document(
    tmp_path_factory, store, documents, terms, fields, weighting, combine
):
    index = LexicalIndex(STORES[store](documents, tmp_path_factory.mktemp("parts")))
    query = LexicalQuery(terms, fields, weighting, WeightingParameters(), combine)
    ranking = index.rank(query, 100)
    scores = dict(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True))
    everyone = list(range(len(documents)))
    for ordinal, parts in zip(everyone, index.explain(query, everyone), strict=True):
        assert sum(part.score for part in parts) == scores.get(ordinal, 0)
        assert bool(parts) == (ordinal in scores)


def test_the_same_documents_give_the_same_file(tmp_path):
    for name in ("one", "two"):
        builder = LexicalBuilder(tmp_path / name, COLUMNS)
        for doc_id, analysed in EXAMPLE:
            builder.add(doc_id, analysed)
        builder.finish()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_textbook_documents_rank_as_a_reader_computes(make):
    """`猫 喜欢 鱼` and `狗 不 喜欢 鱼`: the counts are [1,0,1,0,1] and [0,1,1,1,1]."""
    documents = [
        ("1", {TEXT: ["猫", "喜欢", "鱼"]}),
        ("2", {TEXT: ["狗", "不", "喜欢", "鱼"]}),
    ]
    store = make(documents)
    vocabulary = ["猫", "狗", "喜欢", "不", "鱼"]
    for ordinal, counts in enumerate(([1, 0, 1, 0, 1], [0, 1, 1, 1, 1])):
        tf = {key.term: tf for key, tf in store.terms_of(ordinal)}
        assert [tf.get(term, 0) for term in vocabulary] == counts
    index = LexicalIndex(store)
    query = LexicalQuery(
        {"words": ["猫", "鱼"]}, {"text": 1.0}, WEIGHTINGS["bow"]["count"], WeightingParameters()
    )
    ranking = index.rank(query, 10)
    assert ranking.ordinals.tolist() == [0, 1]
    assert (ranking.scores / SCORE_UNIT).tolist() == [2.0, 1.0]
