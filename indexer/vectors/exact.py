"""Vectors in one array, every one of them scored: the slow and plain index that the others must equal."""

from pathlib import Path
from typing import Self

import numpy as np

from indexer.storage.arrays import load_array, save_array
from indexer.types import Allowed, Ranking, Vectors
from indexer.vectors.base import Vector
from indexer.vectors.files import check_dims, load_ordinals
from indexer.vectors.rows import RowIndex, Rows


class ExactVectors(RowIndex):
    """The exhaustive ranking, with numpy alone."""

    def __init__(self, dims: int) -> None:
        super().__init__(dims)
        self._matrix: Vectors = np.empty((0, dims), np.float32)

    def _rows(self, rows: Rows) -> Vectors:
        return self._matrix[rows]

    def _append(self, vectors: Vectors) -> None:
        self._matrix = np.concatenate((self._matrix, vectors))

    def _search(self, query: Vector, depth: int, among: Allowed | None) -> Ranking:
        return self._rank(query, np.arange(self.n_rows) if among is None else np.flatnonzero(among), depth)

    def save(self, folder: Path, name: str) -> None:
        """Writes `name.npy` and `name.ordinals.npy` into a folder that is there."""
        save_array(folder / f"{name}.npy", self._matrix)
        save_array(folder / f"{name}.ordinals.npy", self._row_ordinals)

    @classmethod
    def load(cls, folder: Path, name: str, dims: int) -> Self:
        """The index that was saved, memory-mapped. Raises: CorruptError, MismatchError."""
        path = folder / f"{name}.npy"
        matrix = load_array(path)
        check_dims(path, matrix.shape[-1], dims)
        loaded = cls(dims)
        loaded._matrix = matrix
        loaded._seal(load_ordinals(folder / f"{name}.ordinals.npy", len(matrix)))
        return loaded
