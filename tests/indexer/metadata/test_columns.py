"""Columns of many documents: few of them are looked up otherwise than most of them."""

import random

import numpy as np
import pytest

from indexer.metadata.columns import NONE, Column
from indexer.metadata.values import Numbers

N_DOCS = 2_000
N_VALUES = 50


@pytest.fixture(params=["one of each", "one or none", "several"])
def held(request):
    """The codes of each document, ascending."""
    drawn = random.Random(7)
    least, most = {"one of each": (1, 1), "one or none": (0, 1), "several": (0, 3)}[request.param]
    return [sorted(drawn.sample(range(N_VALUES), drawn.randint(least, most))) for _ in range(N_DOCS)]


@pytest.fixture
def column(held):
    entries = [(ordinal, code) for ordinal, codes in enumerate(held) for code in codes]
    ordinals, codes = np.array(entries, np.int32).T
    values = Numbers(np.arange(N_VALUES, dtype=np.float64))
    return Column("number", values, ordinals, codes, N_DOCS, sum(map(bool, held)))


@pytest.mark.parametrize("n_chosen", [0, 1, 7, 1_500, N_DOCS])
def test_few_documents_and_most_of_them_are_found_alike(column, held, n_chosen):
    chosen = random.Random(3).sample(range(N_DOCS), n_chosen)
    ordinals = np.array(chosen, np.int32)
    owners, codes = column.entries(ordinals)
    found = list(zip(owners.tolist(), codes.tolist(), strict=True))
    assert sorted(found) == sorted((each, code) for each in chosen for code in held[each])
    changes = sum(one != other for one, other in zip(owners.tolist(), owners.tolist()[1:], strict=False))
    assert changes == max(len(set(owners.tolist())) - 1, 0)
    assert column.smallest(ordinals).tolist() == [held[each][0] if held[each] else NONE for each in chosen]
    assert column.largest(ordinals).tolist() == [held[each][-1] if held[each] else NONE for each in chosen]


def test_holders_are_the_documents_with_any_of_the_wanted_values(column, held):
    wanted = np.arange(N_VALUES) % 5 == 0
    assert column.holders(wanted).tolist() == [any(code % 5 == 0 for code in codes) for codes in held]
    assert not column.holders(np.zeros(N_VALUES, np.bool_)).any()
