"""Texts as one rectangle, as a network reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from indexer.pretraining.objectives import tensor

Row = Sequence[int] | NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts behind the number that begins one, filled up with 0. Shapes: ids (n, longest), lengths (n,)."""

    ids: Tensor
    lengths: Tensor

    @property
    def n_words(self) -> int:
        """How many numbers there are that are not filled up."""
        return int(self.lengths.sum())

    @property
    def inside(self) -> Tensor:
        """Where there are any. Shape: (n, longest)."""
        return torch.arange(self.ids.shape[1], device=self.ids.device) < self.lengths[:, None]


def batch_of(rows: Sequence[Row], begin: int, where: torch.device) -> Batch:
    """Some texts, at least one, as a batch."""
    lengths = np.array([len(row) + 1 for row in rows], np.int64)
    ids = np.zeros((len(rows), lengths.max()), np.int64)
    ids[:, 0] = begin
    for place, row in enumerate(rows):
        ids[place, 1 : lengths[place]] = row
    return Batch(tensor(ids, where), tensor(lengths, where))


def targets_of(rows: Sequence[Sequence[int] | NDArray[np.int64]], where: torch.device) -> Tensor:
    """What is right for each number of the texts of a batch, one behind the other. Shape: (n_words,)."""
    return tensor(np.concatenate([np.asarray(row, np.int64) for row in rows]), where)
