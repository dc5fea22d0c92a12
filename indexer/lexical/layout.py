"""Postings laid out for the kernel: flat arrays, each term in the form that its frequency asks for.

packed   rare terms: a few bytes, unpacked when asked for
listed   the others: by windows of documents, the places in the window, counts beside them; of a frequent
         term also a bit for every document, so that one look says whether and where it is in the list

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

PACKED, LISTED = 0, 1
ODD = 255
N_CODES = 256
WINDOW = 8_192
"""Documents that are scored together: their sums stay in the nearest cache."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Which form a term gets: one in a document of `listed` or more is listed, and has bits if it is in one
    of `bits` or more."""

    listed: int = 512
    bits: int = 20


SHARES = Shares()


class PostingArrays(NamedTuple):
    """All postings of an index.

    df (n_terms,) · kinds (n_terms,) PACKED or LISTED · places (n_terms,) first byte in
    `packed`, or row in `list_begins` · packed: bytes of steps, then codes ·
    list_begins (n_listed, n_windows + 1): where the postings of each window begin in `slots` and `codes` ·
    list_bits (n_listed,): row in `bits`, -1 for none · slots: places in the window · bits (n, n_words) ·
    ranks (n, n_words): postings of the window before each word of bits ·
    tuples (n_views, 256, n_fields) · odd_keys (n_odd,) term << 32 | ordinal, ascending ·
    odd_counts (n_odd, n_fields)."""

    df: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    places: NDArray[np.int64]
    packed: NDArray[np.uint8]
    list_begins: NDArray[np.int64]
    list_bits: NDArray[np.int32]
    slots: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    bits: NDArray[np.uint64]
    ranks: NDArray[np.uint16]
    tuples: NDArray[np.int32]
    odd_keys: NDArray[np.int64]
    odd_counts: NDArray[np.int32]


GROWING = [name for name in PostingArrays._fields if name != "tuples"]
DTYPES: dict[str, Any] = {
    "df": np.uint32,
    "kinds": np.uint8,
    "places": np.int64,
    "packed": np.uint8,
    "list_begins": np.int64,
    "list_bits": np.int32,
    "slots": np.uint16,
    "codes": np.uint8,
    "bits": np.uint64,
    "ranks": np.uint16,
    "odd_keys": np.int64,
    "odd_counts": np.int32,
}


class Layout:
    """Lays out terms batch by batch; what each batch adds to the arrays is handed over at once."""

    def __init__(self, n_docs: int, n_fields: int, n_views: int, shares: Shares, window: int) -> None:
        self._n_docs = n_docs
        self._shares = shares
        self._window = window
        self._n_terms = 0
        self._n_packed = 0
        self._n_lists = 0
        self._n_posted = 0
        self._n_bits = 0
        self.tuples = np.zeros((n_views, N_CODES, n_fields), np.int32)
        self._n_tuples = np.ones(n_views, np.int64)  # code 0 is taken

    def add(self, batch: TermBatch, view: int) -> dict[str, NDArray[Any]]:
        """What a batch of terms of the view of that number adds to each growing array."""
        counts = np.ascontiguousarray(_by_field(batch.counts).T)
        codes, self._n_tuples[view] = _codes(counts, self.tuples[view], self._n_tuples[view])
        df = np.diff(batch.begins)
        kinds = np.full(len(df), PACKED, np.uint8)
        kinds[df * self._shares.listed >= self._n_docs] = LISTED
        in_packed, in_lists = kinds == PACKED, kinds == LISTED
        with_bits = in_lists & (df * self._shares.bits >= self._n_docs)
        streams = np.stack([ordinal_steps(batch.begins, batch.ordinals), codes.astype(np.uint32)])
        packed, packed_ends = pack_lists(batch.begins, streams, in_packed)
        places = np.empty(len(df), np.int64)
        places[in_packed] = self._n_packed + (packed_ends - np.diff(packed_ends, prepend=0))[in_packed]
        places[in_lists] = self._n_lists + np.arange(np.count_nonzero(in_lists))
        n_windows = -(-self._n_docs // self._window)
        begins = _window_begins(batch.begins, batch.ordinals, in_lists, self._window, n_windows)
        bits, ranks = _bits(batch.begins, batch.ordinals, with_bits, self._window, self._n_docs)
        rows = np.where(with_bits, self._n_bits + np.cumsum(with_bits) - 1, -1)
        listed = np.repeat(in_lists, df)
        is_odd = codes == ODD
        terms = np.repeat(np.arange(self._n_terms, self._n_terms + len(df)), df)
        added: dict[str, NDArray[Any]] = {
            "df": df,
            "kinds": kinds,
            "places": places,
            "packed": packed,
            "list_begins": begins + self._n_posted,
            "list_bits": rows[in_lists],
            "slots": batch.ordinals[listed] % np.uint32(self._window),
            "codes": codes[listed],
            "bits": bits,
            "ranks": ranks,
            "odd_keys": terms[is_odd] << 32 | batch.ordinals[is_odd].astype(np.int64),
            "odd_counts": counts[is_odd],
        }
        self._n_terms += len(df)
        self._n_packed += len(packed)
        self._n_lists += len(begins)
        self._n_posted += len(added["slots"])
        self._n_bits += len(bits)
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
def _window_begins(
    begins: NDArray[np.int64],
    ordinals: NDArray[np.uint32],
    wanted: NDArray[np.bool_],
    window: int,
    n_windows: int,
) -> NDArray[np.int64]:
    """A row for each wanted term: how many postings of all of them come before each of its windows."""
    found = np.empty((np.count_nonzero(wanted), n_windows + 1), np.int64)
    row = 0
    before: Int = 0
    for term in range(len(wanted)):
        if wanted[term]:
            i = begins[term]
            for number in range(n_windows + 1):
                while i < begins[term + 1] and ordinals[i] < number * window:
                    i += 1
                found[row, number] = before + i - begins[term]
            before = found[row, n_windows]
            row += 1
    return found


@compiled
def _bits(
    begins: NDArray[np.int64],
    ordinals: NDArray[np.uint32],
    wanted: NDArray[np.bool_],
    window: int,
    n_docs: int,
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """A row for each wanted term: a bit a document, and the postings of the window before each word."""
    words = window // 64
    n_words = (n_docs + 63) // 64
    bits = np.zeros((np.count_nonzero(wanted), n_words), np.uint64)
    ranks = np.zeros(bits.shape, np.int64)
    row = 0
    for term in range(len(wanted)):
        if wanted[term]:
            for i in range(begins[term], begins[term + 1]):
                word = ordinals[i] >> 6
                bits[row, word] |= np.uint64(1) << np.uint64(ordinals[i] & 63)
                ranks[row, word] += 1
            for first in range(0, n_words, words):
                before: Int = 0
                for word in range(first, min(first + words, n_words)):
                    here = ranks[row, word]
                    ranks[row, word] = before
                    before += here
            row += 1
    return bits, ranks
