"""The serving form holds exactly the store's postings, and ranks as an exhaustive computation does."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.lexical import (
    Clause,
    LexicalIndex,
    LexicalQuery,
    Segment,
    arrays_in_memory,
    open_arrays,
    write_arrays,
)
from indexer.lexical.base import Postings, TermBatch
from indexer.lexical.kernel import MOST_TERMS
from indexer.lexical.layout import LISTED, ODD, PACKED, SHARES, Shares
from indexer.lexical.lookup import counts_at, holders, ordinals_of, postings_of
from indexer.lexical.query import Group
from indexer.lexical.selection import as_allowed, bits
from indexer.types import to_score
from indexer.weighting import WEIGHTINGS, TermStatistics, WeightingParameters

FIELDS = ["title", "text"]
N_DOCS = 140_000
CHUNK = 65_536
ALL = 10**9  # of documents: so rare, or rarer, is every term
GIVEN = WeightingParameters()


class ArrayStore:
    """Counts given as arrays: by view and term the ordinals, (n,), and counts by field, (n_fields, n)."""

    def __init__(self, n_docs, views, filler=None, batch=7):
        self.n_docs = n_docs
        self.fields = FIELDS
        self.views = list(views)
        self.positioned: frozenset[str] = frozenset()
        self._batch = batch
        self._terms: dict[str, dict[str, Postings]] = {}
        self._lengths: dict[str, NDArray[np.int32]] = {}
        for view, terms in views.items():
            lengths = np.zeros((len(FIELDS), n_docs), np.int32) if filler is None else filler[view].copy()
            self._terms[view] = {}
            for term in sorted(terms):
                ordinals, by_field = terms[term]
                totals = np.concatenate([by_field.sum(axis=0, keepdims=True), by_field[1:]])
                self._terms[view][term] = Postings(ordinals.astype(np.int32), totals.astype(np.int32))
                lengths[:, ordinals] += by_field.astype(np.int32)
            self._lengths[view] = lengths

    def without(self, beginning):
        """The same documents, their lengths too, without the terms that begin so."""
        other = ArrayStore(self.n_docs, {view: {} for view in self.views})
        other._lengths = self._lengths
        for view, known in self._terms.items():
            kept = {term: found for term, found in known.items() if not term.startswith(beginning)}
            other._terms[view] = kept
        return other

    def frequencies(self, view, terms):
        found = self.postings(view, terms)
        return {term: (len(each.ordinals), int(each.counts[0].sum())) for term, each in found.items()}

    def postings(self, view, terms):
        return {term: self._terms[view][term] for term in terms if term in self._terms[view]}

    def positions(self, view, term):
        return np.empty(0, np.uint32)

    def occurrences(self, view, term):
        return None

    def terms_from(self, view, first, limit):
        return [term for term in self._terms[view] if term >= first][:limit]

    def every_term(self, *, positions=False):
        for view, known in self._terms.items():
            names = list(known)
            for first in range(0, len(names), self._batch):
                some = names[first : first + self._batch]
                each = [known[term] for term in some]
                begins = np.cumsum([0, *(len(one.ordinals) for one in each)], dtype=np.int64)
                ordinals = np.concatenate([one.ordinals for one in each]).astype(np.uint32)
                counts = np.concatenate([one.counts for one in each], axis=1).astype(np.uint32)
                yield TermBatch(view, some, begins, ordinals, counts)

    def lengths(self, view, field):
        return self._lengths[view][FIELDS.index(field)]

    def doc_ids(self, ordinals):
        return [f"{ordinal:06d}" for ordinal in ordinals]

    def place(self, doc_id):
        return int(doc_id), True

    def close(self):
        pass


def some_documents(rng, n, among=N_DOCS, first=0):
    return np.sort(rng.permutation(among)[:n]) + first


def few_counts(rng, n):
    """Counts as texts have them: most are 1, and in the text."""
    counts = np.stack([rng.random(n) < 0.1, np.minimum(rng.geometric(0.6, n), 9)]).astype(np.int64)
    counts[1, (counts[0] > 0) & (rng.random(n) < 0.5)] = 0
    return counts


def many_counts(rng, n):
    """Hundreds of different pairs of counts."""
    counts = np.stack([rng.integers(0, 20, n), rng.integers(0, 60, n)])
    counts[1, counts.sum(axis=0) == 0] = 1
    return counts


def make_store():
    rng = np.random.default_rng(20)
    places = {
        "every": np.arange(N_DOCS),
        "most": some_documents(rng, 84_000),
        "third": some_documents(rng, 47_000),
        "tenth": some_documents(rng, 14_000),
        "bits, just": some_documents(rng, -(-N_DOCS // SHARES.bits)),
        "no bits, just": some_documents(rng, -(-N_DOCS // SHARES.bits) - 1),
        "twentieth": some_documents(rng, 7_000),
        "hundredth": some_documents(rng, 1_400),
        "listed, just": some_documents(rng, -(-N_DOCS // SHARES.listed)),
        "packed, just": some_documents(rng, N_DOCS // SHARES.listed),
        **{f"with {n}": some_documents(rng, n) for n in (1, 2, 127, 128, 129, 255, 256, 257)},
        "across a chunk": np.arange(CHUNK - 700, CHUNK + 900),
        "in one window": some_documents(rng, 5_000, 8_192, 9 * 8_192),
        "first": np.array([0]),
        "last": np.array([N_DOCS - 1]),
        "edges": np.array([0, 8_191, 8_192, CHUNK - 1, CHUNK, 2 * CHUNK - 1, 2 * CHUNK, N_DOCS - 1]),
    }
    words = {term: (ordinals, few_counts(rng, len(ordinals))) for term, ordinals in places.items()}
    for form, n in (("bits", 20_000), ("listed", 2_000), ("packed", 200)):
        words[f"many counts, {form}"] = (some_documents(rng, n), many_counts(rng, n))
    for number in range(MOST_TERMS + 1):  # all of them in one document
        ordinals = np.unique([77_777, *rng.integers(0, N_DOCS, number % 3)])
        words[f"tiny {number:04d}"] = (ordinals, few_counts(rng, len(ordinals)))
    bigrams = {
        f"pair {n}": (some_documents(rng, n), few_counts(rng, n)) for n in (5, 130, 900, 9_000, 60_000)
    }
    filler = {
        "words": np.stack([rng.integers(0, 12, N_DOCS), rng.geometric(0.01, N_DOCS)]).astype(np.int32),
        "bigrams": np.zeros((2, N_DOCS), np.int32),  # many documents are empty in this view
    }
    return ArrayStore(N_DOCS, {"words": words, "bigrams": bigrams}, filler)


@pytest.fixture(scope="module")
def store():
    return make_store()


@pytest.fixture(scope="module")
def arrays(store):
    return arrays_in_memory(store)


@pytest.fixture(scope="module")
def index(store, arrays):
    return LexicalIndex([Segment(store, arrays)])


def expect_same_postings(store, arrays):
    """Every term's postings, in full and in part; how many terms of each form there were."""
    forms: Counter[int] = Counter()
    asked = np.array([0, 5, CHUNK - 1, CHUNK, 77_777, store.n_docs - 1], np.int32) % store.n_docs
    allowed = np.arange(store.n_docs) % 3 == 0
    expected_number = 0
    for view in store.views:
        terms = store.terms_from(view, "", 10_000)
        numbers = arrays.numbers(view, terms).tolist()
        assert numbers == list(range(expected_number, expected_number + len(terms)))
        expected_number += len(terms)
        for number, term in zip(numbers, terms, strict=True):
            expected = store.postings(view, [term])[term]
            by_field = expected.by_field().T
            ordinals, counts = postings_of(arrays, number)
            np.testing.assert_array_equal(ordinals, expected.ordinals)
            np.testing.assert_array_equal(counts, by_field)
            forms[int(arrays.postings.kinds[number])] += 1
            if term.startswith("tiny"):
                continue
            np.testing.assert_array_equal(ordinals_of(arrays, number), expected.ordinals)
            ordinals, counts = postings_of(arrays, number, bits(allowed))
            here = allowed[expected.ordinals]
            np.testing.assert_array_equal(ordinals, expected.ordinals[here])
            np.testing.assert_array_equal(counts, by_field[here])
            dense = np.zeros((store.n_docs, len(FIELDS)), np.int32)
            dense[expected.ordinals] = by_field
            np.testing.assert_array_equal(counts_at(arrays, number, asked), dense[asked])
            for fields in (["title"], ["text"], FIELDS):
                wanted = dense[:, [field in fields for field in FIELDS]].any(axis=1)
                np.testing.assert_array_equal(holders(arrays, number, fields), np.flatnonzero(wanted))
    return forms


def test_the_arrays_hold_the_postings_of_the_store_in_every_form(store, arrays):
    forms = expect_same_postings(store, arrays)
    assert forms[LISTED] >= 8
    assert forms[PACKED] >= 12
    kinds = dict(zip(store.terms_from("words", "", 10_000), arrays.postings.kinds, strict=False))
    assert (kinds["listed, just"], kinds["packed, just"]) == (LISTED, PACKED)
    assert arrays.numbers("words", ["nowhere", "every ", ""]).tolist() == [-1, -1, -1]
    assert arrays.numbers("trigrams", ["every"]).tolist() == [-1]


def test_frequent_terms_have_a_bit_for_every_document(store, arrays):
    postings = arrays.postings
    numbers = arrays.numbers("words", ["every", "tenth", "bits, just", "no bits, just"])
    rows = postings.list_bits[postings.places[numbers]].tolist()
    assert (min(rows[:3]), rows[3]) == (0, -1)
    for number, row in zip(numbers[:3].tolist(), rows, strict=False):
        held = np.unpackbits(postings.bits[row].view(np.uint8), bitorder="little")
        assert np.flatnonzero(held).tolist() == ordinals_of(arrays, number).tolist()
        by_word = held.reshape(-1, 64).sum(axis=1, dtype=np.int64)
        words = arrays.window // 64
        before = [by_word[word // words * words : word].sum() for word in range(len(by_word))]
        assert postings.ranks[row].tolist() == before


def test_counts_without_a_code_occur_in_every_form(store, arrays):
    odd = {int(arrays.postings.kinds[number]) for number in arrays.postings.odd_keys >> 32}
    assert odd == {LISTED, PACKED}
    n_tuples = len({tuple(row) for row in arrays.postings.odd_counts.tolist()})
    assert n_tuples > ODD
    assert (np.diff(arrays.postings.odd_keys) > 0).all()


@pytest.mark.parametrize("shares", [Shares(ALL, ALL), Shares(ALL, 0), Shares(0, 0)])
def test_each_form_holds_every_term(shares):
    """Around the size of a block, a chunk apart, and with counts that have no code."""
    rng = np.random.default_rng(21)
    n_docs = 3 * CHUNK + 5
    words = {
        f"with {n}": (some_documents(rng, n, n_docs), few_counts(rng, n))
        for n in (1, 127, 128, 129, 256, 257, 3_000)
    }
    words["chunks"] = (np.arange(4) * CHUNK, few_counts(rng, 4))
    words["edges"] = (np.arange(1, 4) * CHUNK - 1, few_counts(rng, 3))
    words["dense"] = (np.arange(CHUNK - 200, CHUNK + 200), few_counts(rng, 400))
    words["many counts"] = (some_documents(rng, 2_000, n_docs), many_counts(rng, 2_000))
    words["great counts"] = (np.array([3, CHUNK, n_docs - 1]), np.array([[1, 0, 70_000], [0, 9_999_999, 2]]))
    pairs = {"a": (np.array([1, CHUNK]), np.array([[1, 2], [0, 0]]))}
    store = ArrayStore(n_docs, {"words": words, "bigrams": pairs, "characters": {}}, batch=3)
    arrays = arrays_in_memory(store, shares)
    assert len(expect_same_postings(store, arrays)) == 1
    odd = arrays.postings.odd_keys >> 32
    assert arrays.numbers("words", ["many counts"])[0] in odd


def exhaustive(store, query, depth, allowed=None):
    """Ordinals and scores of the best documents: every one scored, term by term, by the definition."""
    scores = np.zeros(store.n_docs, np.int64)
    matched = np.zeros(store.n_docs, np.bool_)
    known: dict[tuple[Group, str], tuple[NDArray[np.float64], float]] = {}
    for clause in query.clauses:
        for group, boost in query.groups_of(clause):
            weights = np.array([dict(group.fields).get(field, 0.0) for field in store.fields])
            for view, terms in clause.terms.items():
                doc_len = sum(
                    weight * store.lengths(view, field)
                    for weight, field in zip(weights, store.fields, strict=True)
                )
                mean = float(doc_len[doc_len > 0].mean())
                for term, query_tf in Counter(terms).items():
                    for found in store.postings(view, [term]).values():
                        tf = weights @ found.by_field()
                        held = tf > 0
                        if not held.any():
                            continue
                        stats = TermStatistics(
                            store.n_docs, int(held.sum()), mean, float(tf.sum()), float(doc_len.sum())
                        )
                        factor = query.weighting.repeat(query_tf, query.given) * boost
                        key = group, view
                        known[key] = doc_len, (known[key][1] if key in known else 0.0) + factor
                        ordinals, tf = found.ordinals[held], tf[held]
                        if clause.where is not None:
                            counted = as_allowed(clause.where, store.n_docs)[ordinals]
                            ordinals, tf = ordinals[counted], tf[counted]
                        gain = query.weighting.gain(tf, doc_len[ordinals], mean, query.given)
                        added = to_score(query.weighting.bend(gain, factor, stats, query.given))
                        scores[ordinals] += added
                        matched[ordinals] = True
    if query.weighting.length is not None:
        for doc_len, n_terms in known.values():
            scores += to_score(query.weighting.length(doc_len, n_terms, query.given))
    found = np.flatnonzero(matched if allowed is None else matched & allowed)
    return ranked_by_the_book(found, scores[found], depth)


def ranked_by_the_book(ordinals, scores, depth):
    order = np.argsort(-scores, kind="stable")[:depth]  # the ordinals ascend: ties by the smaller
    return ordinals[order], scores[order]


def chosen(share, seed):
    return np.random.default_rng(seed).random(N_DOCS) < share


ALLOWED = {"all": None, "dense": chosen(0.5, 1), "sparse": chosen(0.001, 2)}
DEPTHS = (1, 10, 64, 65, 1_000)
TEXT, BOTH = {"text": 1.0}, {"title": 2.5, "text": 1.0}
RANKED = [
    ("bm25", "lucene"),
    ("bm25", "robertson"),
    ("bm25", "bm25+"),
    ("lm", "dirichlet"),
    ("tfidf", "classic"),
    ("bow", "count"),
]
WORDS = [
    ["every"],
    ["twentieth"],
    ["with 129"],
    ["every", "most", "third"],
    ["every", "twentieth", "with 128", "last"],
    ["third", "hundredth", "with 127", "edges", "first"],
    ["tenth", "bits, just", "no bits, just", "listed, just", "packed, just", "across a chunk"],
    ["in one window", "in one window", "third", "nowhere", "with 257"],
    ["many counts, bits", "many counts, listed", "many counts, packed", "hundredth"],
    ["with 1", "with 2", "first", "last"],
]


def expect_as_exhaustive(index, query, depths=DEPTHS, allowed=ALLOWED):
    """The ranking at these depths is that of scoring every document; how many documents were found."""
    n_found = 0
    for each in allowed.values():
        ordinals, scores = exhaustive(index.segments[0].store, query, index.segments[0].store.n_docs, each)
        n_found += len(ordinals)
        for depth in depths:
            ranking = index.rank(query, depth, None if each is None else bits(each))
            np.testing.assert_array_equal(ranking.ordinals, ordinals[:depth])
            np.testing.assert_array_equal(ranking.scores, scores[:depth])
    return n_found


@pytest.mark.parametrize(("kind", "variant"), RANKED)
def test_the_best_documents_are_those_of_scoring_every_one(index, kind, variant):
    for terms in WORDS:
        query = LexicalQuery([Clause({"words": terms}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
        assert expect_as_exhaustive(index, query)


@pytest.mark.parametrize("seed", range(20))
def test_queries_of_any_terms_rank_as_scoring_every_document(index, seed):
    rng = np.random.default_rng(seed)
    kind, variant = RANKED[seed % len(RANKED)]
    names = [
        term
        for term in index.segments[0].store.terms_from("words", "", 10_000)
        if not term.startswith("tiny")
    ]
    for _ in range(3):
        terms = rng.choice(names, rng.integers(1, 9)).tolist()
        fields = {"title": float(rng.choice([0.5, 1.0, 4.0])), "text": float(rng.choice([0.25, 1.0]))}
        query = LexicalQuery([Clause({"words": terms}, fields)], WEIGHTINGS[kind][variant], GIVEN)
        depths = [int(each) for each in rng.integers(1, 200, 3)]
        assert expect_as_exhaustive(index, query, depths)


@pytest.mark.parametrize(("kind", "variant"), RANKED)
def test_documents_that_are_rare_among_the_best_are_found(index, kind, variant):
    """Where the best documents may not be found, the score that the kernel begins with is too high."""
    for terms in WORDS[3:6]:
        query = LexicalQuery([Clause({"words": terms}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
        allowed = np.ones(N_DOCS, np.bool_)
        allowed[exhaustive(index.segments[0].store, query, 2_000)[0]] = False
        assert expect_as_exhaustive(index, query, allowed={"worst": allowed})


@pytest.mark.parametrize("window", [64, 1_024, 65_536])
def test_every_window_ranks_the_same(store, window):
    few = store.without("tiny")
    index = LexicalIndex([Segment(few, arrays_in_memory(few, window=window))])
    for kind, variant in RANKED:
        for terms in WORDS[4:7]:
            query = LexicalQuery([Clause({"words": terms}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
            assert expect_as_exhaustive(index, query, (10, 65))


@pytest.mark.parametrize("combine", ["bm25f", "sum"])
@pytest.mark.parametrize(("kind", "variant"), RANKED)
def test_fields_and_views_together_rank_as_scoring_every_document(index, kind, variant, combine):
    terms = {
        "words": ["most", "twentieth", "many counts, listed", "with 255"],
        "bigrams": ["pair 60000", "pair 900", "pair 5"],
    }
    query = LexicalQuery([Clause(terms, BOTH)], WEIGHTINGS[kind][variant], GIVEN, combine)
    assert expect_as_exhaustive(index, query, (10, 1_000))


@pytest.mark.parametrize(("kind", "variant"), RANKED)
def test_clauses_that_count_in_some_documents_rank_as_scoring_every_document(index, kind, variant):
    clauses = [
        Clause({"words": ["third", "hundredth"]}, TEXT),
        Clause({"words": ["twentieth", "with 256"]}, TEXT, boost=2.0, where=bits(chosen(0.2, 3))),
        Clause({"words": ["every"]}, TEXT, boost=0.5, where=bits(chosen(0.01, 4))),
    ]
    query = LexicalQuery(clauses, WEIGHTINGS[kind][variant], GIVEN)
    assert expect_as_exhaustive(index, query, (10, 1_000))


@pytest.mark.parametrize("n_terms", [MOST_TERMS, MOST_TERMS + 1])
def test_as_many_terms_as_the_kernel_takes_and_one_more(index, n_terms):
    terms = [f"tiny {number:04d}" for number in range(n_terms)]
    for kind, variant in RANKED:
        query = LexicalQuery([Clause({"words": terms}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
        assert expect_as_exhaustive(index, query, (10,), {"all": None})
        assert index.rank(query, 1).ordinals.tolist() == [77_777] or kind == "lm"


@pytest.mark.parametrize("shares", [Shares(ALL, ALL), Shares(ALL, 0), Shares(20, 2), Shares(0, 0)])
def test_other_shares_of_the_forms_rank_the_same(store, index, shares):
    few = store.without("tiny")
    other = LexicalIndex([Segment(few, arrays_in_memory(few, shares))])
    for kind, variant in RANKED:
        for terms in WORDS:
            query = LexicalQuery([Clause({"words": terms}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
            for depth, allowed in ((10, None), (65, None), (10, ALLOWED["sparse"])):
                among = None if allowed is None else bits(allowed)
                expected, ranking = index.rank(query, depth, among), other.rank(query, depth, among)
                np.testing.assert_array_equal(ranking.ordinals, expected.ordinals)
                np.testing.assert_array_equal(ranking.scores, expected.scores)


def test_more_different_lengths_than_have_room_rank_as_scoring_every_document():
    rng = np.random.default_rng(22)
    words = {f"with {n}": (some_documents(rng, n), few_counts(rng, n)) for n in (100, 5_000, 60_000)}
    filler = {"words": np.stack([np.zeros(N_DOCS), rng.permutation(N_DOCS)]).astype(np.int32)}
    store = ArrayStore(N_DOCS, {"words": words}, filler)
    index = LexicalIndex([Segment(store, arrays_in_memory(store))])
    for kind, variant in RANKED:
        query = LexicalQuery([Clause({"words": list(words)}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
        assert expect_as_exhaustive(index, query, (10, 1_000))


def test_arrays_on_disk_rank_as_those_in_memory(store, arrays, index, tmp_path):
    write_arrays(store, tmp_path / "arrays", "this one")
    opened = open_arrays(store, tmp_path / "arrays", "this one")
    for name, values in arrays.postings._asdict().items():
        np.testing.assert_array_equal(getattr(opened.postings, name), values)
    on_disk = LexicalIndex([Segment(store, opened)])
    for kind, variant in RANKED:
        query = LexicalQuery([Clause({"words": WORDS[5]}, TEXT)], WEIGHTINGS[kind][variant], GIVEN)
        assert expect_as_exhaustive(on_disk, query, (10, 1_000))
