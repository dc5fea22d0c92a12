"""JSON Merge Patch against the examples of RFC 7396 and an implementation of another kind."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.patching import merge_patch

RFC = [  # its appendix A, less the patches that are no objects
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

names = st.sampled_from("abc")
scalars = st.none() | st.booleans() | st.integers(0, 3) | st.text("xy", max_size=2)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3)
)
objects = st.dictionaries(names, values, max_size=3)


@pytest.mark.parametrize(("target", "patch", "expected"), RFC)
def test_the_examples_of_the_rfc(target, patch, expected):
    assert merge_patch(target, patch) == expected


def steps(patch, path=()):
    """A patch as single assignments to paths; an object in it makes sure that there is one."""
    for name, value in patch.items():
        yield (*path, name), {} if isinstance(value, dict) else value
        if isinstance(value, dict):
            yield from steps(value, (*path, name))


def assigned(target, patch):
    """The target after all assignments, one after the other."""
    result = deepcopy(target)
    for (*path, name), value in steps(patch):
        place = result
        for each in path:
            place = place[each]
        if value is None:
            place.pop(name, None)
        elif value != {} or not isinstance(place.get(name), dict):
            place[name] = deepcopy(value)
    return result


@given(target=objects, patch=objects)
def test_it_is_what_single_assignments_make(target, patch):
    before = deepcopy((target, patch))
    assert merge_patch(target, patch) == assigned(target, patch)
    assert (target, patch) == before


@given(target=objects, patch=objects)
def test_a_patch_has_no_more_to_change_the_second_time(target, patch):
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once
    assert merge_patch(target, {}) == target
