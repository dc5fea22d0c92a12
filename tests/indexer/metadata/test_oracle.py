"""Columns against an evaluation of one document at a time, over documents and filters drawn at random."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import InputError
from indexer.filters import Exists, IsEmpty, Leaf
from indexer.metadata import FieldValues, Metadata
from indexer.types import FieldType
from tests.app.search.filters import leaves, trees
from tests.indexer.metadata.columns import kinds, metadata, segmented
from tests.indexer.metadata.naive import Item, as_json, fits, items, position, selects

TYPES: dict[str, FieldType] = {
    "lang": "keyword",
    "year": "number",
    "live": "boolean",
    "at": "date",
    "more": "object",
}
PATHS = (*TYPES, "more.a", "more.b", "more.a.b")

TEXTS = st.sampled_from(["", "a", "ab", "b", "A", "é", "猫", "狗猫", "😀", "\uffff", "1", "true", "aab"])
NUMBERS = st.one_of(st.integers(-2, 2), st.sampled_from([0.5, -0.0, 1e300, 2**53 + 1, -1e-300]))
DATES = st.sampled_from(
    [
        *["2024-01-31", "2024-02-01", "2024-01-31T00:00:00Z", "2024-01-31T23:59:59.999999", "0001-01-01"],
        *["2024-02-01T00:00:00+08:00", "2024-01-31T10:00:00.5-03:30", "9999-12-31"],
    ]
)
OBJECTS = st.recursive(
    st.one_of(st.none(), TEXTS, NUMBERS, st.booleans()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
)


def one_or_several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, max_size=3))


DOCUMENT = st.fixed_dictionaries(
    {},
    optional={
        "lang": one_or_several(TEXTS),
        "year": one_or_several(NUMBERS),
        "live": one_or_several(st.booleans()),
        "at": one_or_several(DATES),
        "more": st.dictionaries(st.sampled_from("ab"), OBJECTS, max_size=2) | OBJECTS,
    },
)
DOCUMENTS = st.one_of(st.lists(DOCUMENT, max_size=3), st.lists(DOCUMENT, min_size=6, max_size=12))
WRITTEN = st.one_of(
    TEXTS, NUMBERS.map(str), DATES, st.sampled_from(["true", "False", "c", "-1", "0.5", "猫"])
)
LEAVES = leaves(PATHS, WRITTEN)


def allowed(columns: Metadata, leaf: Leaf) -> bool:
    """Whether there is such a path, and the leaf fits what it holds anywhere."""
    known = kinds(columns).get(leaf.path)
    if known is None:
        return False
    if known or isinstance(leaf, Exists | IsEmpty):
        return fits(leaf, known)
    return not any(path.startswith(f"{leaf.path}.") for path in columns.paths)


@st.composite
def indexed_documents(draw: st.DrawFn) -> tuple[list[dict[str, Any]], Metadata]:
    """Documents with their columns: of one segment, or of several, with others besides that are gone."""
    documents = draw(DOCUMENTS)
    n_segments = draw(st.integers(1, 3))
    if n_segments == 1:
        return documents, metadata(documents, TYPES)
    segment = st.integers(0, n_segments - 1)
    segments = draw(st.lists(segment, min_size=len(documents), max_size=len(documents)))
    gone = draw(st.lists(st.tuples(segment, DOCUMENT), max_size=4))
    return documents, segmented(documents, TYPES, segments, gone)


@given(indexed_documents(), st.lists(LEAVES, min_size=8, max_size=16), st.data())
def test_a_filter_selects_what_it_selects_one_document_at_a_time(indexed, leaves, data):
    documents, columns = indexed
    fitting = [leaf for leaf in leaves if allowed(columns, leaf)]
    for leaf in fitting:
        assert columns.select(leaf).tolist() == [selects(leaf, each, TYPES) for each in documents]
    for leaf in leaves:
        if leaf not in fitting:
            with pytest.raises(InputError) as caught:
                columns.select(leaf)
            assert caught.value.code in ("unknown_field", "filter_type")
    if fitting:
        tree = data.draw(trees(st.sampled_from(fitting)))
        assert columns.select(tree).tolist() == [selects(tree, each, TYPES) for each in documents]


@st.composite
def chosen_values(draw: st.DrawFn) -> tuple[FieldValues, list[int], list[list[Item]]]:
    """The values of a path, some documents in any order, and what each of them holds there."""
    documents, columns = draw(indexed_documents())
    path = draw(st.sampled_from([path for path, known in kinds(columns).items() if known]))
    chosen = draw(st.permutations(range(len(documents))))[: draw(st.integers(0, len(documents)))]
    return columns.field(path), chosen, [items(documents[number], path, TYPES) for number in chosen]


@given(chosen_values(), st.integers(0, 5))
def test_facets_are_those_of_a_counter(given, limit):
    values, chosen, held = given
    facet = values.facet(np.array(chosen, np.int32), limit)
    counted = Counter(item for each in held for item in each)
    ranked = sorted(counted, key=lambda item: (-counted[item], position(item)))
    assert repr(facet.values) == repr([(as_json(item), counted[item]) for item in ranked[:limit]])
    assert facet.further == len(ranked[limit:])
    assert facet.missing == sum(not each for each in held)
    measured = [kind for kind in ("number", "date") if any(kind == item[0] for item in counted)]
    assert (facet.statistics is not None) == bool(measured)
    if facet.statistics is not None:
        ascending = sorted((item for item in counted if item[0] == measured[0]), key=position)
        assert facet.statistics.min == as_json(ascending[0])
        assert facet.statistics.max == as_json(ascending[-1])


@given(chosen_values())
def test_order_is_that_of_sorted(given):
    values, chosen, held = given
    ordinals = np.array(chosen, np.int32)
    places = range(len(chosen))
    ascending = sorted(places, key=lambda i: (not held[i], held[i] and position(held[i][0])))
    assert np.argsort(values.order(ordinals), kind="stable").tolist() == ascending
    falling = sorted(places, key=lambda i: (bool(held[i]), held[i] and position(held[i][-1])), reverse=True)
    ranks = values.order(ordinals, descending=True)
    assert [held[i][-1:] for i in np.argsort(ranks, kind="stable")] == [held[i][-1:] for i in falling]


@given(chosen_values())
def test_groups_are_the_smallest_values(given):
    values, chosen, held = given
    codes = values.groups(np.array(chosen, np.int32)).tolist()
    found = [values.value(code) if code >= 0 else None for code in codes]
    assert repr(found) == repr([as_json(each[0]) if each else None for each in held])


@given(indexed_documents())
def test_segments_have_the_paths_and_kinds_of_one_index(indexed):
    documents, columns = indexed
    assert kinds(columns) == kinds(metadata(documents, TYPES))


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(st.sampled_from("abcde"), max_size=3)), max_size=12))
def test_values_that_segments_have_in_common_are_one(parted):
    documents: list[dict[str, Any]] = [
        {"lang": values, "year": list(map(ord, values))} for _, values in parted
    ]
    columns = segmented(documents, TYPES, [segment for segment, _ in parted], [])
    every = np.arange(len(documents), dtype=np.int32)
    for path in ("lang", "year"):
        counted = Counter(value for each in documents for value in set(each[path]))
        facet = columns.field(path).facet(every, 10)
        assert facet.values == sorted(counted.items(), key=lambda item: (-item[1], item[0]))
