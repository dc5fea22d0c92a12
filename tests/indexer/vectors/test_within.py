"""The nearest of some documents alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.vectors import new_index, search_within


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("few", [0, 4_096])  # every document is looked for in the ranking; is scored itself
@given(st.integers(0, 1_000), st.integers(0, 150), st.integers(1, 40), st.floats(0, 1))
def test_they_are_the_ranking_of_all_without_the_others(few, seed, n_rows, depth, share):
    chance = np.random.default_rng(seed)
    index = new_index("flat", 4)
    ordinals = np.sort(chance.integers(0, 100, n_rows)).astype(np.int32)
    # Few different vectors, so that many documents tie.
    index.add(unit(chance.normal(size=(8, 4)))[chance.integers(0, 8, n_rows)], ordinals)
    query, allowed = unit(chance.normal(size=4)), chance.random(100) < share
    everyone = index.search(query, 1_000)
    kept = np.flatnonzero(allowed[everyone.ordinals])[:depth]
    found = search_within(index, query, depth, allowed, few)
    assert found.ordinals.tolist() == everyone.ordinals[kept].tolist()
    assert found.scores.tolist() == everyone.scores[kept].tolist()
