"""Pairs and triples as they are counted while documents stream by."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.completion import counting
from indexer.completion.counting import BITS
from indexer.completion.tables import Table, added, tally
from tests.indexer.completion.indexes import counted

TEXTS = st.lists(st.sampled_from(["a", "b", "猫", "鱼", "x"]), max_size=5)
BATCHES = st.lists(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), max_size=4)
KEYS = st.lists(st.integers(0, 5), max_size=20)


def spelled(table, forms, n):
    """The n-grams of a table with their counts and documents."""
    names = ["", *forms]
    return {
        tuple(names[key >> (n - 1 - place) * BITS & (1 << BITS) - 1] for place in range(n)): (
            count,
            documents,
        )
        for key, count, documents in zip(*(each.tolist() for each in table), strict=True)
    }


def expected(batches, n):
    """The same by a counter of tuples."""
    counts: Counter[tuple[str, ...]] = Counter()
    documents: Counter[tuple[str, ...]] = Counter()
    for document in (fields for batch in batches for fields in batch):
        words = [["", *text] for text in document]
        found = [tuple(each[at : at + n]) for each in words for at in range(len(each) - n + 1)]
        counts.update(found)
        documents.update(set(found))
    return {each: (counts[each], documents[each]) for each in counts}


@given(BATCHES)
def test_an_ngram_counts_at_each_place_and_once_a_document(batches):
    texts = [[" ".join(text) for fields in batch for text in fields] for batch in batches]
    counter, _, forms = counted(texts, n_fields=2)
    pairs, triples = counter.finish()
    assert spelled(pairs, forms, 2) == expected(batches, 2)
    assert spelled(triples, forms, 3) == expected(batches, 3)


def test_a_name_counts_as_a_whole_without_its_parts():
    counter, _, forms = counted([["use node.js 3.11.7 or C++ now", "utf-8.txt"]])
    pairs, _ = counter.finish()
    assert list(spelled(pairs, forms, 2)) == [
        ("", "use"),
        ("", "utf-8.txt"),
        ("use", "node.js"),
        ("node.js", "3.11.7"),
        ("3.11.7", "or"),
        ("or", "c++"),
        ("c++", "now"),
    ]


def test_of_too_many_the_rarest_are_dropped_and_chunks_change_nothing_else(monkeypatch):
    texts = [["a b a b a b", "c d"], ["a b e", "a b"]]
    whole, _, forms = counted(texts)
    everything = spelled(whole.finish()[0], forms, 2)
    monkeypatch.setattr(counting, "CHUNK", 1)
    chunked, _, _ = counted(texts)
    assert spelled(chunked.finish()[0], forms, 2) == everything
    monkeypatch.setattr(counting, "MOST_KEPT", 3)
    bounded, _, _ = counted(texts)
    # `a` at the beginning of a text was dropped with the first batch, where it stood once.
    assert spelled(bounded.finish()[0], forms, 2) == {
        ("", "a"): (2, 2),
        ("a", "b"): everything["a", "b"],
        ("b", "a"): (2, 1),
    }


@given(KEYS, KEYS)
def test_tables_add_up(one, other):
    def table(keys):
        return tally(np.array(keys, np.int64), np.arange(len(keys), dtype=np.int32))

    both = added(table(one), table(other))
    wanted = sorted(Counter([*one, *other]).items())
    assert list(zip(both.keys.tolist(), both.counts.tolist(), strict=True)) == wanted
    assert both.documents.tolist() == both.counts.tolist()
    assert [each.dtype for each in both] == [np.int64, np.int32, np.int32]
    assert isinstance(both.at(both.counts > 1), Table)
