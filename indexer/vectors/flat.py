"""Vectors in FAISS, every one of them looked at."""

from math import ceil
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from indexer.errors import CorruptError, MismatchError
from indexer.storage.arrays import save_array
from indexer.storage.files import write_file
from indexer.types import Allowed, Ranking, Vectors, to_score
from indexer.vectors.base import Vector
from indexer.vectors.files import check_dims, load_ordinals
from indexer.vectors.rows import RowIndex

SLACK = 32
"""Rows taken beyond the depth, so that a few near ties at the cut need no second search."""


class FaissFlat(RowIndex):
    """FAISS finds candidates with float32 sums; their scores are then computed anew, exactly.

    More candidates are taken until no row that was left out could tie with the last hit."""

    def __init__(self, dims: int) -> None:
        super().__init__(dims)
        self._index = faiss.IndexFlatIP(dims)

    @property
    def _vectors(self) -> Vectors:
        if not self._index.ntotal:
            return np.empty((0, self.dims), np.float32)
        # A view of FAISS's own memory, which may be a file mapped for reading.
        view: Vectors = faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self.dims)
        view.flags.writeable = False
        return view.reshape(-1, self.dims)

    def _append(self, vectors: Vectors) -> None:
        self._index.add(vectors)

    def _search(self, query: Vector, depth: int, among: Allowed | None) -> Ranking:
        # A setting of the calling thread. With more, one query on 100,000 rows takes 23 ms instead of 4.
        faiss.omp_set_num_threads(1)
        n_rows = self.n_rows if among is None else int(np.count_nonzero(among))
        n_candidates = depth * ceil(self.n_rows / self.n_docs) + SLACK
        chosen = None if among is None else _only(among)
        while True:
            n_candidates = min(n_candidates, n_rows)
            products, labels = self._index.search(query[None], n_candidates, params=chosen)
            best = self._rank(query, labels[0][labels[0] >= 0], depth)
            if n_candidates == n_rows or (
                len(best.scores) == depth and self._ceiling(float(products[0, -1])) < best.scores[-1]
            ):
                return best
            n_candidates *= 4

    def _ceiling(self, product: float) -> int:
        """The highest score that a row may have whose float32 inner product is at most `product`.

        Source: Higham, "Accuracy and Stability of Numerical Algorithms", 3.1: the error of a sum of n
        products is below n · 2⁻²⁴ · Σ|aᵢbᵢ|, and that sum is at most 1 here; taken twice."""
        return int(to_score(np.array(product + (self.dims + 8) * 2.0**-23)))

    def save(self, folder: Path, name: str) -> None:
        """Writes `name.faiss` and `name.ordinals.npy` into a folder that is there."""
        write_file(folder / f"{name}.faiss", [faiss.serialize_index(self._index).data])
        save_array(folder / f"{name}.ordinals.npy", self._row_ordinals)

    @classmethod
    def load(cls, folder: Path, name: str, dims: int) -> Self:
        """The index that was saved, memory-mapped; the caller has verified the checksums of its files:
        FAISS loads many a damaged file, and answers wrongly.

        Raises: CorruptError, MismatchError."""
        path = folder / f"{name}.faiss"
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise CorruptError(f"{path} is not a whole FAISS file: restore or rebuild it.") from error
        if not isinstance(index, faiss.IndexFlatIP):
            raise MismatchError(
                f"{path} holds a {type(index).__name__}, not an IndexFlatIP: rebuild the index."
            )
        check_dims(path, index.d, dims)
        loaded = cls(dims)
        loaded._index = index
        loaded._seal(load_ordinals(folder / f"{name}.ordinals.npy", index.ntotal))
        return loaded


def _only(among: Allowed) -> Any:
    """What tells FAISS to look at these rows alone. Shape: (n_rows,)."""
    # The types that faiss declares are those of its C++ classes: in Python the one takes an array, the other
    # keywords.
    selector = faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
