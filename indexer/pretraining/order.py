"""Which examples each step of a training takes: all of them once an epoch, those of like length together."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LIKE = 32
"""So many batches' examples are sorted by length, so that little of a batch is padding."""


class Order:
    """The examples of each step; a pure function of the step, so that a training can go on anywhere.

    Shape: sizes (n_examples,), how long each is."""

    def __init__(self, sizes: NDArray[np.int64], batch: int, seed: int) -> None:
        self._sizes = sizes
        self._batch = min(batch, len(sizes))
        self._seed = seed
        self.steps_per_epoch = len(sizes) // self._batch  # what remains waits for another epoch
        self._of_epoch = lru_cache(maxsize=1)(self._shuffled)

    def step(self, step: int) -> NDArray[np.int64]:
        """The numbers of the examples of a step, counted from 0 over all epochs. Shape: (batch,)."""
        epoch, place = divmod(step, self.steps_per_epoch)
        numbers: NDArray[np.int64] = self._of_epoch(epoch)[place]
        return numbers

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        """The examples of an epoch. Shape: (steps_per_epoch, batch)."""
        rng = np.random.default_rng([self._seed, epoch])
        taken = rng.permutation(len(self._sizes))[: self.steps_per_epoch * self._batch]
        window = LIKE * self._batch
        for first in range(0, len(taken), window):
            some = taken[first : first + window]
            taken[first : first + window] = some[np.argsort(self._sizes[some], kind="stable")]
        batches: NDArray[np.int64] = rng.permutation(taken.reshape(self.steps_per_epoch, self._batch))
        return batches
