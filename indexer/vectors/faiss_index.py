"""Vectors in FAISS, of any of its kinds: it proposes rows, and their scores are computed anew."""

from math import ceil
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from indexer.errors import CorruptError, InputError, MismatchError
from indexer.storage.arrays import save_array
from indexer.storage.files import write_file
from indexer.types import Allowed, Ranking, Vectors, to_score
from indexer.vectors.base import Vector
from indexer.vectors.files import check_dims, load_ordinals
from indexer.vectors.kinds import Kind, parse_kind
from indexer.vectors.rows import RowIndex, Rows

SLACK = 32
"""Rows taken beyond the depth, so that a few near ties at the cut need no second search."""

FEW = 0.1
"""The share of rows that are allowed below which all of them are looked at: a walk that may stop at few of
the rows that it passes goes farther than that."""

LEAST_WALK, WALK = 128, 1.25
"""Rows that a walk through the graph keeps in mind, and at least `WALK` times as many as are wanted."""

LEAST_PROBES = 16
"""Lists that are looked into, and at least an eighth of them."""


class FaissIndex(RowIndex):
    """FAISS finds candidates with float32 sums; their scores are then computed anew, from the rows as the
    index keeps them.

    Where every row is looked at, more candidates are taken until none that was left out could tie with the
    last hit: of rows that are kept as they were added, the ranking is then that of `ExactVectors`."""

    def __init__(self, dims: int, kind: str) -> None:
        super().__init__(dims)
        self.kind = parse_kind(kind, dims)
        self.exact = self.kind.exact
        self._added: list[Vectors] = []
        self._made: Any = None

    def _append(self, vectors: Vectors) -> None:
        self._added.append(vectors)
        self._made = None

    @property
    def _index(self) -> Any:
        """FAISS's own, made when all rows are there: most kinds learn from them before they take one."""
        if self._made is None:
            self._made = self._learned()
        return self._made

    def _learned(self) -> Any:
        faiss.omp_set_num_threads(1)  # with more, the same rows do not give the same graph
        if 0 < self.n_rows < self.kind.least_rows:
            raise InputError(
                f"`{self.kind.name}` learns from at least {self.kind.least_rows:,} vectors, found "
                f"{self.n_rows:,}: take `flat`.",
                code="too_few_vectors",
            )
        index = _empty(self.kind, self.dims)
        if self.n_rows and not index.is_trained:
            index.train(np.concatenate(self._added))
        for rows in self._added if self.n_rows else ():
            index.add(rows)
        return _made_ready(index)

    def _rows(self, rows: Rows) -> Vectors:
        if not len(rows):
            return np.empty((0, self.dims), np.float32)
        if self.kind.bytes_per_number == 4 and not _in_lists(self.kind):
            return self._stored[rows]
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found

    @property
    def _stored(self) -> Vectors:
        """The rows where they lie in FAISS's own memory, which may be a file mapped for reading."""
        view: Vectors = faiss.rev_swig_ptr(self._flat.get_xb(), self.n_rows * self.dims)
        view.flags.writeable = False
        return view.reshape(-1, self.dims)

    @property
    def _flat(self) -> Any:
        """The index that looks at every row."""
        return faiss.downcast_index(self._index.storage) if self.kind.links else self._index

    def holds(self, ordinal: int, vectors: Vectors) -> bool:
        """Whether these are the rows that were added for a document, as far as their codes can tell."""
        kept = self.vector(ordinal)
        if kept.shape != vectors.shape or self.kind.bytes_per_number == 4:
            return super().holds(ordinal, vectors)
        index, given = self._index, np.ascontiguousarray(vectors, np.float32)
        return np.array_equal(index.sa_decode(index.sa_encode(given)), kept)

    def _search(self, query: Vector, depth: int, among: Allowed | None) -> Ranking:
        # A setting of the calling thread. With more, one query takes 23 ms on 100,000 rows, not 4.
        faiss.omp_set_num_threads(1)
        n_rows = self.n_rows if among is None else int(np.count_nonzero(among))
        n_candidates = depth * ceil(self.n_rows / self.n_docs) + SLACK
        every = not self.kind.links and not self.kind.lists
        every = every or n_rows < FEW * self.n_rows or n_candidates >= n_rows
        while True:
            n_candidates = min(n_candidates, n_rows)
            products, labels = self._nearest(query, n_candidates, among, every)
            best = self._rank(query, labels[labels >= 0], depth)
            if every and n_candidates == n_rows:
                return best
            if len(best.scores) == depth and not (
                every and self._ceiling(float(products[-1])) >= best.scores[-1]
            ):
                return best
            if every:
                n_candidates *= 4
            every = True  # a walk that ended before it had found enough

    def _nearest(self, query: Vector, n: int, among: Allowed | None, every: bool) -> tuple[Any, Any]:
        """The products and places of n rows, best first, −1 where there are no more. Shapes: (n,) each."""
        index, parameters = self._index, _PARAMETERS.SearchParameters(sel=_only(among))
        if self.kind.links and not every:
            share = 1.0 if among is None else np.count_nonzero(among) / len(among)
            walk = int(max(LEAST_WALK, WALK * n) / max(share, FEW))
            parameters = _PARAMETERS.SearchParametersHNSW(sel=_only(among), efSearch=walk)
        elif self.kind.links:
            index = self._flat
        elif _in_lists(self.kind):
            lists = max(1, self.kind.lists)
            probes = lists if every else max(LEAST_PROBES, ceil(lists / 8))
            parameters = _PARAMETERS.SearchParametersIVF(sel=_only(among), nprobe=probes)
        products, labels = index.search(query[None], n, params=parameters)
        return products[0], labels[0]

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
    def load(cls, folder: Path, name: str, dims: int, kind: str) -> Self:
        """The index that was saved, memory-mapped; the caller has verified the checksums of its files:
        FAISS loads many a damaged file, and answers wrongly.

        Raises: CorruptError, MismatchError."""
        path = folder / f"{name}.faiss"
        loaded = cls(dims, kind)
        try:
            index = faiss.read_index(str(path), 0 if _in_lists(loaded.kind) else faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise CorruptError(f"{path} is not a whole FAISS file: restore or rebuild it.") from error
        wanted = type(_empty(loaded.kind, dims))
        if not isinstance(index, wanted) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise MismatchError(
                f"{path} holds a {type(index).__name__}, not an {wanted.__name__} of inner products: rebuild "
                "the index."
            )
        check_dims(path, index.d, dims)
        loaded._made = _made_ready(index)
        loaded._seal(load_ordinals(folder / f"{name}.ordinals.npy", index.ntotal))
        return loaded


_PARAMETERS: Any = faiss
"""The types that faiss declares are those of its C++ classes; in Python they take keywords and arrays."""


def _only(among: Allowed | None) -> Any:
    """What tells FAISS to look at these rows alone; None for all. Shape: (n_rows,)."""
    return None if among is None else _PARAMETERS.IDSelectorBitmap(np.packbits(among, bitorder="little"))


def _in_lists(kind: Kind) -> bool:
    """Whether FAISS deals the rows to lists. Those of PQ alone lie in one: there a filter can be told."""
    return kind.lists > 0 or kind.parts > 0


def _empty(kind: Kind, dims: int) -> Any:
    """An index of that kind without rows."""
    factory = {"flat": "Flat"}.get(kind.name, kind.name)
    if kind.parts and not kind.lists:
        factory = f"IVF1,{kind.name}"
    index: Any = faiss.index_factory(dims, factory, faiss.METRIC_INNER_PRODUCT)
    if _in_lists(kind):
        index.cp.min_points_per_centroid = 1  # else it prints a warning where there are few
    if kind.parts:
        index.pq.cp.min_points_per_centroid = 1
    return index


def _made_ready(index: Any) -> Any:
    """The same, able to give back its rows by their places."""
    if isinstance(index, faiss.IndexIVF):
        index.make_direct_map()
    return index
