"""What the arrays hold of one term: all of it, or in documents that are asked for."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled
from indexer.lexical.adding import unpacked
from indexer.lexical.arrays import Arrays
from indexer.lexical.layout import LISTED, ODD, PostingArrays
from indexer.lexical.selection import Bits, holds
from indexer.types import Counts, Ordinals


def postings_of(arrays: Arrays, number: int, allowed: Bits | None = None) -> tuple[Ordinals, Counts]:
    """The documents that hold a term, of those allowed, ascending, (n,), and its counts in each field,
    (n, n_fields)."""
    ordinals, codes = _expanded(arrays.postings, number, arrays.window)
    if allowed is not None:
        found = holds(allowed, ordinals)
        ordinals, codes = ordinals[found], codes[found]
    return ordinals, _counts(arrays, number, ordinals, codes)


def counts_at(arrays: Arrays, number: int, ordinals: Ordinals) -> Counts:
    """What a term counts in each field of these documents, 0 where it is not there. Shape: (n, n_fields)."""
    held, codes = _expanded(arrays.postings, number, arrays.window)
    places = np.minimum(np.searchsorted(held, ordinals), len(held) - 1)
    found = np.where(held[places] == ordinals, codes[places], 0).astype(np.uint8)
    return _counts(arrays, number, ordinals, found)


def tuples_of(arrays: Arrays, number: int) -> tuple[Counts, NDArray[np.int64]]:
    """The different counts by field of a term, (n, n_fields), and how many documents have each, (n,); those
    that have no code stand each for one."""
    postings = arrays.postings
    place, df = int(postings.places[number]), int(postings.df[number])
    if postings.kinds[number] == LISTED:
        codes: NDArray[Any] = postings.codes[postings.list_begins[place, 0] : postings.list_begins[place, -1]]
    else:
        codes = unpacked(postings.packed, place, df)[1]
    times = np.bincount(codes, minlength=ODD)[:ODD]
    held = np.flatnonzero(times)
    odd = slice(*np.searchsorted(postings.odd_keys, np.array([number, number + 1]) << 32).tolist())
    counts = np.concatenate([postings.tuples[_view(arrays, number)][held], postings.odd_counts[odd]])
    return counts, np.concatenate([times[held], np.ones(len(counts) - len(held), np.int64)])


def n_among(arrays: Arrays, numbers: NDArray[np.int64], documents: Bits) -> NDArray[np.int64]:
    """How many of these documents hold each of these terms. Shapes: (n,) → (n,)."""
    return _n_among(arrays.postings, numbers, documents, arrays.window)


def ordinals_of(arrays: Arrays, number: int) -> Ordinals:
    """The documents that hold a term, ascending. Shape: (n,)."""
    return _expanded(arrays.postings, number, arrays.window)[0]


def holders(arrays: Arrays, number: int, fields: Collection[str]) -> Ordinals:
    """The documents that hold a term in any of these fields, ascending."""
    ordinals, codes = _expanded(arrays.postings, number, arrays.window)
    wanted = np.array([field in fields for field in arrays.fields], np.bool_)
    if wanted.all():
        return ordinals
    held: NDArray[np.bool_] = (arrays.postings.tuples[_view(arrays, number)][:, wanted] > 0).any(axis=1)[
        codes
    ]
    odd = codes == ODD
    held[odd] = (_counts(arrays, number, ordinals[odd], codes[odd])[:, wanted] > 0).any(axis=1)
    return ordinals[held]


def _view(arrays: Arrays, number: int) -> int:
    """The number of the view of a term."""
    return int(arrays.key_bytes[arrays.key_begins[number]])


def _counts(arrays: Arrays, number: int, ordinals: Ordinals, codes: NDArray[np.uint8]) -> Counts:
    counts: Counts = arrays.postings.tuples[_view(arrays, number)][codes]
    odd = np.flatnonzero(codes == ODD)
    keys = number << 32 | ordinals[odd].astype(np.int64)
    counts[odd] = arrays.postings.odd_counts[np.searchsorted(arrays.postings.odd_keys, keys)]
    return counts


@compiled
def _expanded(
    postings: PostingArrays, number: int, window: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Ordinals and codes of a term, in whatever form it is kept."""
    df = np.int64(postings.df[number])
    kind = postings.kinds[number]
    place = postings.places[number]
    ordinals = np.empty(df, np.int32)
    codes = np.empty(df, np.uint8)
    if kind == LISTED:
        begins = postings.list_begins[place]
        for i in range(len(begins) - 1):
            for posting in range(begins[i], begins[i + 1]):
                n = posting - begins[0]
                ordinals[n] = i * window + postings.slots[posting]
                codes[n] = postings.codes[posting]
    else:
        found, held = unpacked(postings.packed, place, df)
        for i in range(df):
            ordinals[i] = found[i]
            codes[i] = held[i]
    return ordinals, codes


@compiled
def _n_among(
    postings: PostingArrays, numbers: NDArray[np.int64], documents: NDArray[np.uint64], window: int
) -> NDArray[np.int64]:
    found = np.zeros(len(numbers), np.int64)
    for i in range(len(numbers)):
        for ordinal in _expanded(postings, numbers[i], window)[0]:
            found[i] += np.int64(documents[ordinal >> 6] >> np.uint64(ordinal & 63) & np.uint64(1))
    return found
