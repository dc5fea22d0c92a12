"""Several segments, of which some documents are gone, answer as one index of the documents that are left."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.lexical import Clause, LexicalIndex, LexicalQuery, Segment, arrays_in_memory, bits
from indexer.lexical.expansion import begun, nearly
from indexer.lexical.layout import SHARES
from indexer.placement import GONE, Placement
from indexer.vectors import SegmentedVectors, new_index
from indexer.weighting import WeightingParameters
from tests.indexer.lexical.stores import FIELDS, VIEWS, in_memory
from tests.suites.test_lexical_stores import boosts, combines, index_of, queries, shares, weightings, words
from tests.suites.test_vectors import sample

COLUMNS = [("words", "title"), ("words", "text"), ("bigrams", "text")]
bodies = st.fixed_dictionaries(dict.fromkeys(COLUMNS, words))


@st.composite
def parted(draw):
    """Documents by key, and segments: of each its documents by key, and which of them are gone."""
    live = draw(st.dictionaries(st.sampled_from([f"{n:02d}" for n in range(14)]), bodies, max_size=12))
    n_segments = draw(st.integers(1, 4))
    segments = [dict[str, object]() for _ in range(n_segments)]
    for key, body in live.items():
        segments[draw(st.integers(0, n_segments - 1))][key] = body
    gone = draw(
        st.lists(
            st.tuples(st.integers(0, n_segments - 1), st.sampled_from(["03", "05", "99"]), bodies), max_size=6
        )
    )
    lost = set()
    for segment, key, body in gone:
        if key not in segments[segment]:
            segments[segment][key] = body
            lost.add((segment, key))
    return live, [
        (sorted(held.items()), [key for key in sorted(held) if (number, key) in lost])
        for number, held in enumerate(segments)
    ]


def in_segments(parts, live, share):
    """The index over these segments."""
    places = {key: place for place, key in enumerate(sorted(live))}
    return LexicalIndex(
        [
            Segment(
                store := in_memory(held, None),
                arrays_in_memory(store, share, 64),
                Placement(
                    np.array([GONE if key in gone else places[key] for key, _ in held], np.int32), len(live)
                ),
            )
            for held, gone in parts
        ]
    )


@given(parted(), queries, boosts, weightings, combines, st.integers(1, 14), shares, st.randoms())
def test_rankings_and_parts_are_those_of_one_index(
    drawn, terms, fields, weighting, combine, depth, share, chance
):
    live, parts = drawn
    index, one = in_segments(parts, live, share), index_of(in_memory(sorted(live.items()), None))
    query = LexicalQuery([Clause(terms, fields)], weighting, WeightingParameters(), combine)
    some = np.array([chance.random() < 0.5 for _ in live], np.bool_)
    for allowed in (None, bits(some)):
        found, expected = index.rank(query, depth, allowed), one.rank(query, depth, allowed)
        assert found.ordinals.tolist() == expected.ordinals.tolist()
        assert found.scores.tolist() == expected.scores.tolist()
    narrowed = LexicalQuery(
        [Clause(terms, fields, where=bits(some))], weighting, WeightingParameters(), combine
    )
    for each in (query, narrowed):
        everyone = list(range(len(live)))
        assert index.explain(each, everyone) == one.explain(each, everyone)
        assert index.matching(each).tolist() == one.matching(each).tolist()
        assert index.rank(each, depth).scores.tolist() == one.rank(each, depth).scores.tolist()
        assert index.known_share(each) == one.known_share(each)


@given(parted())
def test_documents_and_counts_are_those_of_one_index(drawn):
    live, parts = drawn
    index, one = in_segments(parts, live, SHARES), index_of(in_memory(sorted(live.items()), None))
    assert index.n_docs == one.n_docs == len(live)
    assert (index.fields, index.views) == (FIELDS, VIEWS)
    assert index.doc_ids(reversed(range(len(live)))) == sorted(live, reverse=True)
    for key in ("03", "05", "99", *live):
        assert index.ordinal(key) == one.ordinal(key)
    for view in VIEWS:
        assert index.frequencies(view, "abcdefg") == one.frequencies(view, "abcdefg")


@given(parted(), st.sampled_from(["a", "b", "f", "ab"]), st.integers(1, 2))
def test_words_that_begin_so_or_are_nearly_so_are_those_of_one_index(drawn, text, edits):
    live, parts = drawn
    index, one = in_segments(parts, live, SHARES), index_of(in_memory(sorted(live.items()), None))
    assert begun(index.segments, text) == begun(one.segments, text)
    assert nearly(index.segments, text, edits) == nearly(one.segments, text, edits)


@settings(deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 4), st.integers(1, 60), st.sampled_from(["exact", "flat"]))
def test_vectors_are_those_of_one_index(seed, n_segments, depth, kind):
    chance = np.random.default_rng(seed)
    vectors, documents, query = sample(seed, 60, 8, 30, windows=2)
    n_all = int(documents[-1]) + 1
    holder, gone = chance.integers(n_segments, size=n_all), chance.random(n_all) < 0.3
    left = np.flatnonzero(~gone)
    whole = new_index(kind, 8)
    kept = ~gone[documents]
    whole.add(vectors[kept], np.searchsorted(left, documents[kept]).astype(np.int32))
    parts = []
    for number in range(n_segments):
        held = np.flatnonzero(holder == number)
        index = new_index(kind, 8)
        rows = holder[documents] == number
        index.add(vectors[rows], np.searchsorted(held, documents[rows]).astype(np.int32))
        places = np.where(gone[held], GONE, np.searchsorted(left, held)).astype(np.int32)
        parts.append((index, Placement(places, len(left))))
    segmented = SegmentedVectors(parts)
    allowed = chance.random(len(left)) < 0.5
    for among in (None, allowed):
        found, expected = segmented.search(query, depth, among), whole.search(query, depth, among)
        assert found.ordinals.tolist() == expected.ordinals.tolist()
        assert found.scores.tolist() == expected.scores.tolist()
    asked = chance.permutation(len(left)).astype(np.int32)
    known, expected_known = segmented.scores(query, asked), whole.scores(query, asked)
    assert known.present.tolist() == expected_known.present.tolist()
    assert known.scores[known.present].tolist() == expected_known.scores[known.present].tolist()
    for ordinal in asked[:5].tolist():
        assert segmented.vector(ordinal).tobytes() == whole.vector(ordinal).tobytes()
        assert segmented.holds(ordinal, whole.vector(ordinal))
