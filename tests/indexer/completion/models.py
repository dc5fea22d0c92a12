"""A language model that knows nothing, to stand beside others."""

import numpy as np


class Uniform:
    """Every word is as probable as any other."""

    name = "uniform"

    def __init__(self, n_words):
        self._n_words = n_words

    def probabilities(self, contexts):
        return np.full((len(contexts), self._n_words), 1 / self._n_words)
