"""Several models of the next word as one."""

import numpy as np
import pytest

from indexer.completion import Mixture
from indexer.completion.mixture import Asked


class Fixed:
    """One distribution, whatever stands before; `asked` counts contexts."""

    def __init__(self, name, row):
        self.name = name
        self.asked = 0
        self._row = row

    def probabilities(self, contexts):
        self.asked += len(contexts)
        return np.tile(self._row, (len(contexts), 1))


def test_the_first_counts_most_and_the_others_share_the_rest():
    one, two, three = Fixed("a", [1.0, 0.0]), Fixed("b", [0.0, 1.0]), Fixed("c", [0.5, 0.5])
    assert Mixture([one]).probabilities([[]])[0] == pytest.approx([1, 0])
    assert Mixture([one, two]).probabilities([[]])[0] == pytest.approx([0.7, 0.3])
    mixture = Mixture([one, two, three])
    assert mixture.probabilities([[], ["x"]])[1] == pytest.approx([0.775, 0.225])  # 0.7 + 0.15 · 0.5
    assert mixture.names == ["a", "b", "c"]


def test_a_context_is_asked_once():
    one, two = Fixed("a", [0.25, 0.75]), Fixed("b", [0.5, 0.5])
    asked = Asked(Mixture([one, two]))
    asked.ask([["x"], [], ["x"]])
    assert asked.after(["x"]) == pytest.approx([0.325, 0.675])
    assert asked.by_model([], 1) == {"a": 0.75, "b": 0.5}
    assert one.asked == two.asked == 2
