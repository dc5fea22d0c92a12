"""Postings laid out for the kernel: flat arrays, each term in the form that its frequency asks for.

packed   rare terms: a few bytes, unpacked when asked for
blocks   ordinals by their low 16 bits in blocks of up to 128 that share the high ones, counts beside them
column   the most frequent terms: one byte for every document

A count is a code: one byte that stands for what a term counts in each field of a document (its row in
`tuples`). Code 0: the term is not there. Code 255: too rare a tuple for a code; it is in the `odd` arrays,
by term and ordinal."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.base import TermBatch
from indexer.lexical.packing import ordinal_steps, pack_lists

PACKED, BLOCKS, COLUMN = 0, 1, 2
BLOCK = 128
CHUNK_BITS = 16
ODD = 255
N_CODES = 256
LAST = np.uint32(0xFFFFFFFF)
"""First ordinal of the block that ends the blocks of a term: no document has it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Which form a term gets: a term in one document of `column` or more has a column, one in a document of
    `blocks` or more has blocks. A block of 128 postings then mostly lies within 2¹⁶ documents."""

    column: int = 10
    blocks: int = 512


SHARES = Shares()


class PostingArrays(NamedTuple):
    """All postings of an index.

    df (n_terms,) · kinds (n_terms,) one of PACKED, BLOCKS, COLUMN · places (n_terms,) first byte in
    `packed`, first block, or row in `columns` · packed: bytes of steps, then codes · block_firsts,
    block_begins (n_blocks,): first ordinal, and where the block begins in lows and codes; a term's blocks
    end with one whose first ordinal is LAST · columns (n, n_docs) · tuples (n_views, 256, n_fields) ·
    odd_keys (n_odd,) term << 32 | ordinal, ascending · odd_counts (n_odd, n_fields)."""

    df: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    places: NDArray[np.int64]
    packed: NDArray[np.uint8]
    block_firsts: NDArray[np.uint32]
    block_begins: NDArray[np.int64]
    lows: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    columns: NDArray[np.uint8]
    tuples: NDArray[np.int32]
    odd_keys: NDArray[np.int64]
    odd_counts: NDArray[np.int32]


GROWING = [name for name in PostingArrays._fields if name != "tuples"]
DTYPES: dict[str, Any] = {
    "df": np.uint32,
    "kinds": np.uint8,
    "places": np.int64,
    "packed": np.uint8,
    "block_firsts": np.uint32,
    "block_begins": np.int64,
    "lows": np.uint16,
    "codes": np.uint8,
    "columns": np.uint8,
    "odd_keys": np.int64,
    "odd_counts": np.int32,
}


class Layout:
    """Lays out terms batch by batch; what each batch adds to the arrays is handed over at once."""

    def __init__(self, n_docs: int, n_fields: int, n_views: int, shares: Shares) -> None:
        self._n_docs = n_docs
        self._shares = shares
        self._n_terms = 0
        self._n_packed = 0
        self._n_blocks = 0
        self._n_posted = 0
        self._n_columns = 0
        self.tuples = np.zeros((n_views, N_CODES, n_fields), np.int32)
        self._n_tuples = np.ones(n_views, np.int64)  # code 0 is taken

    def add(self, batch: TermBatch, view: int) -> dict[str, NDArray[Any]]:
        """What a batch of terms of the view of that number adds to each growing array."""
        counts = np.ascontiguousarray(_by_field(batch.counts).T)
        codes, self._n_tuples[view] = _codes(counts, self.tuples[view], self._n_tuples[view])
        df = np.diff(batch.begins)
        kinds = np.full(len(df), PACKED, np.uint8)
        kinds[df * self._shares.blocks >= self._n_docs] = BLOCKS
        kinds[df * self._shares.column >= self._n_docs] = COLUMN
        streams = np.stack([ordinal_steps(batch.begins, batch.ordinals), codes.astype(np.uint32)])
        packed, packed_ends = pack_lists(batch.begins, streams, kinds == PACKED)
        blocks = _blocks(batch.begins, batch.ordinals, kinds)
        firsts, begins, places = blocks
        in_blocks = np.repeat(kinds == BLOCKS, df)
        columns = _columns(batch.begins, batch.ordinals, codes, kinds, self._n_docs)
        is_odd = codes == ODD
        terms = np.repeat(np.arange(self._n_terms, self._n_terms + len(df)), df)
        places += self._n_blocks
        in_packed, in_columns = kinds == PACKED, kinds == COLUMN
        places[in_packed] = self._n_packed + (packed_ends - np.diff(packed_ends, prepend=0))[in_packed]
        places[in_columns] = self._n_columns + np.arange(np.count_nonzero(in_columns))
        added: dict[str, NDArray[Any]] = {
            "df": df,
            "kinds": kinds,
            "places": places,
            "packed": packed,
            "block_firsts": firsts,
            "block_begins": begins + self._n_posted,
            "lows": batch.ordinals[in_blocks] & np.uint32((1 << CHUNK_BITS) - 1),
            "codes": codes[in_blocks],
            "columns": columns,
            "odd_keys": terms[is_odd] << 32 | batch.ordinals[is_odd].astype(np.int64),
            "odd_counts": counts[is_odd],
        }
        self._n_terms += len(df)
        self._n_packed += len(packed)
        self._n_blocks += len(firsts)
        self._n_posted += len(added["lows"])
        self._n_columns += len(columns)
        return {name: values.astype(DTYPES[name], copy=False) for name, values in added.items()}


def _by_field(counts: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Row 0 in field 0 alone, rather than in all fields."""
    found = counts.astype(np.int32)
    found[0] -= found[1:].sum(axis=0, dtype=np.int32)
    return found


@compiled
def _codes(
    counts: NDArray[np.int32], tuples: NDArray[np.int32], n_tuples: int
) -> tuple[NDArray[np.uint8], int]:
    """The code of each row of counts, and how many codes there are now; a new tuple gets the next code."""
    n_slots = 1024
    slots = np.zeros(n_slots, np.int64)
    n_fields = counts.shape[1]
    for code in range(1, n_tuples):
        slot = _slot(tuples[code], n_slots)
        while slots[slot]:
            slot = (slot + 1) % n_slots
        slots[slot] = code
    codes = np.empty(len(counts), np.uint8)
    for i in range(len(counts)):
        slot = _slot(counts[i], n_slots)
        while slots[slot]:
            same = True
            for field in range(n_fields):
                same = same and tuples[slots[slot], field] == counts[i, field]
            if same:
                break
            slot = (slot + 1) % n_slots
        if slots[slot]:
            codes[i] = slots[slot]
        elif n_tuples < ODD:
            tuples[n_tuples] = counts[i]
            slots[slot] = n_tuples
            codes[i] = n_tuples
            n_tuples += 1
        else:
            codes[i] = ODD
    return codes, n_tuples


@compiled
def _slot(values: NDArray[np.int32], n_slots: int) -> Int:
    mixed = np.uint64(0)
    for value in values:
        mixed = (mixed ^ np.uint64(value)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.int64(mixed % np.uint64(n_slots))


@compiled
def _blocks(
    begins: NDArray[np.int64], ordinals: NDArray[np.uint32], kinds: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """First ordinal and first posting of each block, and the first block of each term."""
    most = 0
    for term in range(len(kinds)):
        if kinds[term] == BLOCKS:
            n = begins[term + 1] - begins[term]
            most += 2 + n // BLOCK + min(n, (ordinals[begins[term + 1] - 1] >> CHUNK_BITS) + 1)
    firsts = np.empty(most, np.uint32)
    starts = np.empty(most, np.int64)
    places = np.zeros(len(kinds), np.int64)
    n_blocks = 0
    n_posted = 0
    for term in range(len(kinds)):
        if kinds[term] != BLOCKS:
            continue
        places[term] = n_blocks
        size = BLOCK
        for i in range(begins[term], begins[term + 1]):
            new_chunk = i > begins[term] and ordinals[i] >> CHUNK_BITS != ordinals[i - 1] >> CHUNK_BITS
            if size == BLOCK or new_chunk:
                firsts[n_blocks] = ordinals[i]
                starts[n_blocks] = n_posted
                n_blocks += 1
                size = 0
            size += 1
            n_posted += 1
        firsts[n_blocks] = LAST
        starts[n_blocks] = n_posted
        n_blocks += 1
    return firsts[:n_blocks].copy(), starts[:n_blocks].copy(), places


@compiled
def _columns(
    begins: NDArray[np.int64],
    ordinals: NDArray[np.uint32],
    codes: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    n_docs: int,
) -> NDArray[np.uint8]:
    """A row for each term that has a column: its codes by ordinal."""
    columns = np.zeros((np.sum(kinds == COLUMN), n_docs), np.uint8)
    row = 0
    for term in range(len(kinds)):
        if kinds[term] == COLUMN:
            for i in range(begins[term], begins[term + 1]):
                columns[row, ordinals[i]] = codes[i]
            row += 1
    return columns
