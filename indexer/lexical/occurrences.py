"""Where one term stands, unpacked only for the postings that are asked for."""

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.packing import BLOCK, PADDING, Bytes, Values, unpack_from
from indexer.lexical.runs import positions_of
from indexer.types import Counts


class Occurrences:
    """The places of a term, packed as in `lexical.sqlite`."""

    def __init__(self, packed: bytes, by_field: Counts) -> None:
        """by_field (n_fields, n): the counts of each posting. Raises: ValueError where they do not fit."""
        self._by_field = by_field
        self._begins = np.concatenate([np.zeros(1, np.int64), by_field.sum(axis=0).cumsum(dtype=np.int64)])
        self._heap = np.frombuffer(packed + bytes(PADDING), np.uint8)
        self._blocks = _block_places(self._heap, int(self._begins[-1]))
        if self._blocks[-1] != len(packed):
            raise ValueError(f"{len(packed)} bytes are not {self._begins[-1]} positions")

    def all(self) -> Values:
        """All positions, by posting, then by field, ascending. Shape: (cf,)."""
        return self.at(np.arange(self._by_field.shape[1]))[0]

    def at(self, postings: NDArray[np.int64]) -> tuple[Values, NDArray[np.int64]]:
        """The positions in postings given by their places, by posting, then by field, ascending; and where
        those of each field of each posting begin, (n · n_fields + 1,)."""
        by_field = self._by_field[:, postings]
        spans = self._begins[postings], self._begins[postings + 1]
        steps = _steps(self._heap, self._blocks, int(self._begins[-1]), *spans)
        begins = np.concatenate([np.zeros(1, np.int64), by_field.T.ravel().cumsum(dtype=np.int64)])
        return positions_of(steps, by_field), begins


@compiled
def _block_places(heap: Bytes, n_values: int) -> NDArray[np.int64]:
    """Where each block begins, and where the last ends."""
    n_blocks = (n_values + BLOCK - 1) // BLOCK
    places = np.zeros(n_blocks + 1, np.int64)
    at: Int = 0
    for block in range(n_blocks):
        places[block] = at
        if at < len(heap) and heap[at] <= 32:
            at += 1 + (min(BLOCK, n_values - block * BLOCK) * np.int64(heap[at]) + 7) // 8
    places[n_blocks] = at
    return places


@compiled
def _steps(
    heap: Bytes, blocks: NDArray[np.int64], n_values: int, begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> Values:
    """The packed values of the spans [begin, end), which ascend, one after the other."""
    steps = np.empty(np.sum(ends - begins), np.uint32)
    unpacked = np.empty(BLOCK, np.uint32)
    held = -1  # the block that is unpacked
    at = 0
    for i in range(len(begins)):
        for value in range(begins[i], ends[i]):
            block = value // BLOCK
            if block != held:
                unpack_from(heap, blocks[block], unpacked, 0, min(BLOCK, n_values - block * BLOCK))
                held = block
            steps[at] = unpacked[value % BLOCK]
            at += 1
    return steps
