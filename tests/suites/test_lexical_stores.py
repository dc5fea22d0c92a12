"""One suite for every store of counts, and for ranking and explanation over it, however it is laid out."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.lexical import (
    Clause,
    LexicalIndex,
    LexicalQuery,
    Segment,
    arrays_in_memory,
    bits,
    open_arrays,
    write_arrays,
)
from indexer.lexical.layout import SHARES, Shares
from indexer.types import SCORE_UNIT, to_score
from indexer.weighting import WEIGHTINGS, TermStatistics, WeightingParameters
from tests.indexer.lexical.stores import FIELDS, STORES, VIEWS

EXAMPLE = [
    ("a", {("words", "title"): "猫", ("words", "text"): "猫 喜欢 鱼", ("bigrams", "text"): "猫喜"}),
    ("b", {("words", "text"): "狗 不 喜欢 鱼 鱼"}),
    ("c", {}),
    ("d", {("words", "text"): "鸟", ("bigrams", "text"): "猫喜 喜鸟"}),
]

words = st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join)
columns = [("words", "title"), ("words", "text"), ("bigrams", "text")]
corpora = st.lists(st.fixed_dictionaries(dict.fromkeys(columns, words)), max_size=12).map(
    lambda bodies: [(f"{number:03d}", body) for number, body in enumerate(bodies)]
)
queries = st.fixed_dictionaries({"words": words.map(str.split), "bigrams": words.map(str.split)})
boosts = st.sampled_from([{"title": 1.0, "text": 1.0}, {"text": 1.0}, {"title": 2.5, "text": 1.0}])
combines = st.sampled_from(["bm25f", "sum"])
weightings = st.sampled_from([each for variants in WEIGHTINGS.values() for each in variants.values()])
ALL = 10**9
# All terms listed with bits and without, packed; and each form for some.
shares = st.sampled_from([Shares(ALL, ALL), Shares(ALL, 0), Shares(0, 0), Shares(4, 2)])


@pytest.fixture(params=STORES)
def make(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lexical")
    return lambda documents: STORES[request.param](documents, folder)


def index_of(store, share=SHARES, window=64):
    return LexicalIndex([Segment(store, arrays_in_memory(store, share, window))])


def test_postings_are_raw_counts_by_field(make):
    store = make(EXAMPLE)
    found = store.postings("words", ["猫", "鱼", "牛"])
    assert sorted(found) == ["猫", "鱼"]
    assert found["鱼"].ordinals.tolist() == [0, 1]
    assert found["鱼"].counts[0].tolist() == [1, 2]
    assert found["猫"].counts[0].tolist() == [2]
    assert found["猫"].by_field().tolist() == [[1], [1]]


def test_positions_are_kept_by_posting_and_field(make):
    store = make(EXAMPLE)
    assert store.positions("words", "鱼").tolist() == [2, 3, 4]
    assert store.positions("words", "猫").tolist() == [0, 0]
    assert store.positions("words", "牛").tolist() == []
    assert store.positions("bigrams", "猫喜").tolist() == []  # a view without positions


def test_statistics_count_documents_and_occurrences(make):
    store = make(EXAMPLE)
    assert (store.n_docs, list(store.fields), list(store.views)) == (4, FIELDS, VIEWS)
    assert store.frequencies("words", ["鱼", "牛"]) == {"鱼": (2, 3)}
    assert store.frequencies("trigrams", ["鱼"]) == {}
    assert store.lengths("words", "text").tolist() == [3, 5, 0, 1]
    assert store.lengths("trigrams", "text").tolist() == [0, 0, 0, 0]


def test_terms_come_in_their_order(make):
    store = make(EXAMPLE)
    every = sorted(["猫", "喜欢", "鱼", "狗", "不", "鸟"])
    assert list(store.terms_from("words", "", 10)) == every
    assert list(store.terms_from("words", "喜", 2)) == every[1:3]
    assert [(batch.view, list(batch.terms)) for batch in store.every_term()] == [
        ("words", every),
        ("bigrams", ["喜鸟", "猫喜"]),
    ]


def test_documents_are_found_by_key_and_by_place(make):
    store = make(EXAMPLE)
    assert store.doc_ids([3, 0, 3]) == ["d", "a", "d"]
    assert [store.place(each) for each in ("a", "b", "bb", "x", "")] == [
        (0, True),
        (1, True),
        (2, False),
        (4, False),
        (0, False),
    ]


def test_an_empty_index_answers(make):
    store = make([])
    query = LexicalQuery(
        [Clause({"words": ["猫"]}, {"text": 1.0})], WEIGHTINGS["bm25"]["lucene"], WeightingParameters()
    )
    assert index_of(store).rank(query, 10).ordinals.tolist() == []
    assert store.postings("words", ["猫"]) == {}


def brute_force(documents, query, allowed=None):
    """Scores by the definition, document by document, in exact arithmetic once weighed."""
    totals: Counter[int] = Counter()
    matched: set[int] = set()
    said_by_length = []
    [clause] = query.clauses
    if query.combine == "bm25f":
        groups = [(clause.fields, 1.0)]
    else:
        groups = [({field: 1.0}, boost) for field, boost in clause.fields.items()]
    for fields, boost in groups:
        for view, terms in clause.terms.items():
            counts = [
                {field: Counter(body.get((view, field), "").split()) for field in fields}
                for _, body in documents
            ]
            lengths = [sum(fields[f] * c.total() for f, c in text.items()) for text in counts]
            known = 0.0
            for term, query_tf in Counter(terms).items():
                tf = [sum(fields[f] * c[term] for f, c in text.items()) for text in counts]
                holders = [i for i, each in enumerate(tf) if each]
                if not holders:
                    continue
                mean = float(np.mean([length for length in lengths if length]))
                stats = TermStatistics(len(documents), len(holders), mean, sum(tf), sum(lengths))
                factor = query.weighting.repeat(query_tf, query.given) * boost
                known += factor
                for i in holders:
                    gain = query.weighting.gain(np.array([tf[i]]), np.array([lengths[i]]), mean, query.given)
                    totals[i] += int(to_score(query.weighting.bend(gain, factor, stats, query.given))[0])
                    matched.add(i)
            if query.weighting.length is not None and known:
                said = query.weighting.length(np.array(lengths), known, query.given)
                said_by_length.append(to_score(said))
    for each in said_by_length:
        for i in matched:
            totals[i] += int(each[i])
    found = [(i, totals[i]) for i in matched if allowed is None or allowed[i]]
    return sorted(found, key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize("store", STORES)
@given(corpora, queries, boosts, weightings, combines, st.integers(1, 12), shares, st.randoms())
def test_ranking_is_that_of_the_definition_at_every_depth(
    tmp_path_factory, store, documents, terms, fields, weighting, combine, depth, share, chance
):
    index = index_of(STORES[store](documents, tmp_path_factory.mktemp("ranking")), share)
    query = LexicalQuery([Clause(terms, fields)], weighting, WeightingParameters(), combine)
    for allowed in (None, np.array([chance.random() < 0.5 for _ in documents], np.bool_)):
        ranking = index.rank(query, depth, None if allowed is None else bits(allowed))
        found = list(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True))
        assert found == brute_force(documents, query, allowed)[:depth]


@pytest.mark.parametrize("store", STORES)
@given(corpora, queries, boosts, weightings, combines, shares)
def test_parts_add_up_to_the_score_of_every_document_that_matches(
    tmp_path_factory, store, documents, terms, fields, weighting, combine, share
):
    index = index_of(STORES[store](documents, tmp_path_factory.mktemp("parts")), share)
    query = LexicalQuery([Clause(terms, fields)], weighting, WeightingParameters(), combine)
    ranking = index.rank(query, 100)
    scores = dict(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True))
    everyone = list(range(len(documents)))
    for ordinal, parts in zip(everyone, index.explain(query, everyone), strict=True):
        assert sum(part.score for part in parts) == scores.get(ordinal, 0)
        assert bool(parts) == (ordinal in scores)
    assert np.flatnonzero(index.matching(query)).tolist() == sorted(scores)


def test_arrays_on_disk_are_those_in_memory(make, tmp_path):
    store = make(EXAMPLE)
    write_arrays(store, tmp_path / "arrays", "this index")
    opened, made = open_arrays(store, tmp_path / "arrays", "this index"), arrays_in_memory(store)
    for name, values in made.postings._asdict().items():
        np.testing.assert_array_equal(getattr(opened.postings, name), values)
    assert (
        opened.numbers("words", ["猫", "牛", "鱼"]).tolist()
        == made.numbers("words", ["猫", "牛", "鱼"]).tolist()
    )


def test_the_textbook_documents_rank_as_a_reader_computes(make):
    """`猫 喜欢 鱼` and `狗 不 喜欢 鱼`: the counts are [1,0,1,0,1] and [0,1,1,1,1]."""
    store = make([("1", {("words", "text"): "猫 喜欢 鱼"}), ("2", {("words", "text"): "狗 不 喜欢 鱼"})])
    vocabulary = ["猫", "狗", "喜欢", "不", "鱼"]
    counts = np.zeros((2, 5), int)
    for term, postings in store.postings("words", vocabulary).items():
        counts[postings.ordinals, vocabulary.index(term)] = postings.counts[0]
    assert counts.tolist() == [[1, 0, 1, 0, 1], [0, 1, 1, 1, 1]]
    query = LexicalQuery(
        [Clause({"words": ["猫", "鱼"]}, {"text": 1.0})], WEIGHTINGS["bow"]["count"], WeightingParameters()
    )
    ranking = index_of(store).rank(query, 10)
    assert ranking.ordinals.tolist() == [0, 1]
    assert (ranking.scores / SCORE_UNIT).tolist() == [2.0, 1.0]


def test_how_much_of_a_query_is_known(make):
    index = index_of(make(EXAMPLE))

    def share(*terms):
        clause = Clause({"words": list(terms)}, {"text": 1.0})
        return index.known_share(LexicalQuery([clause], WEIGHTINGS["bm25"]["lucene"], WeightingParameters()))

    assert (share("鱼"), share("牛"), share()) == (1.0, 0.0, 0.0)
    # 4 documents: 鱼 in 2, log(1 + 2.5 / 2.5) = 0.6931; 牛 in none, log(1 + 4.5 / 0.5) = 2.3026
    assert share("鱼", "牛", "牛") == pytest.approx(0.6931 / (0.6931 + 2.3026), abs=1e-4)
