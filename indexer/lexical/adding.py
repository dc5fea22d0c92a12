"""What one posting adds to the score of its document, as the kernel takes it.

The score of a document under way is `sum << MARK_BITS | matched terms`: a document with a sum of 0 is
told from one that no term is in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.layout import ODD, PACKED, PostingArrays
from indexer.lexical.packing import unpack_from
from indexer.types import SCORE_UNIT

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What the rows of a query's `terms` mean; one column for each term of each group.
KIND, PLACE, DF, NUMBER, LANE, GROUP, TABLE, STRIDE, MASK, BOUND, N_KNOWN, BITS = range(12)

MARK_BITS = 11
MARKS = (1 << MARK_BITS) - 1
NO_FLOOR = -(1 << 60)

_UNIT = float(SCORE_UNIT)
_MOST_ADDS = 1024  # entries of a table of what a term adds


class Gains(NamedTuple):
    """What the counts of postings are worth, for every group of fields and view ("lane").

    lens (n_lanes, n_docs): class of each document's length · present (n_lanes, 256): 1 where a code counts
    in the fields of the group · table: gains by lane, code and class of length · odd_keys (n_odd,), odd
    (n_groups, n_odd): gains of what has no code · bounds: greatest gain by window."""

    lens: NDArray[np.uint16]
    present: NDArray[np.uint8]
    table: Floats
    odd_keys: Ints
    odd: Floats
    bounds: Floats


class Adds(NamedTuple):
    """What the postings of a query's terms add. terms (12, n_terms), see above · scales (n_terms,): idf and
    all factors · table: by term, code and class of length · begins (n_terms + 1,): where a term's begins."""

    terms: Ints
    scales: Floats
    gains: Gains
    table: Ints
    begins: Ints


class Adder(NamedTuple):
    """One term of them: its number, where its table begins, how far apart its codes are and how many it has
    (the others are worked out), 0 where the length does not matter, and its lane."""

    t: Int
    begin: Int
    stride: Int
    n_codes: Int
    mask: Int
    lane: np.uint64


@compiled
def rounded(value: float) -> Int:
    """In units of 2⁻²⁰."""
    return np.int64(np.rint(value * _UNIT))


@compiled
def adds_of(terms: Ints, scales: Floats, gains: Gains) -> Adds:
    """Made for one query. As many codes as have room are worked out at once."""
    n_terms = len(scales)
    begins = np.zeros(n_terms + 1, np.int64)
    for t in range(n_terms):
        most = min(_MOST_ADDS, terms[DF, t]) // terms[STRIDE, t]
        n_codes = min(ODD, 1 + max(most, 1), terms[N_KNOWN, t])
        begins[t + 1] = begins[t] + n_codes * terms[STRIDE, t]
    adds = Adds(terms, scales, gains, np.zeros(begins[n_terms], np.int64), begins)
    for t in range(n_terms):
        lane, stride = terms[LANE, t], terms[STRIDE, t]
        for i in range(stride, begins[t + 1] - begins[t]):  # code 0 adds nothing
            gain = gains.table[terms[TABLE, t] + i]
            mark = np.int64(gains.present[lane, i // stride])
            adds.table[begins[t] + i] = (rounded(scales[t] * gain) << MARK_BITS) + mark
    return adds


@compiled
def adder(t: Int, adds: Adds) -> Adder:
    """The adder of a term."""
    stride, mask, lane = adds.terms[STRIDE, t], adds.terms[MASK, t], np.uint64(adds.terms[LANE, t])
    return Adder(t, adds.begins[t], stride, (adds.begins[t + 1] - adds.begins[t]) // stride, mask, lane)


@compiled
def added(code: Int, ordinal: Int, by: Adder, adds: Adds) -> Int:
    """What a posting adds to the score under way of its document."""
    if code < by.n_codes:
        length = np.int64(adds.gains.lens[by.lane, np.uint64(ordinal)]) & by.mask
        found: Int = adds.table[np.uint64(by.begin + code * by.stride + length)]
        return found
    return _worked_out(code, ordinal, by.t, adds)


@compiled
def _worked_out(code: Int, ordinal: Int, t: Int, adds: Adds) -> Int:
    terms, gains = adds.terms, adds.gains
    if code == ODD:
        odd = np.searchsorted(gains.odd_keys, terms[NUMBER, t] << 32 | ordinal)
        gain = gains.odd[terms[GROUP, t], odd]
        return (rounded(adds.scales[t] * gain) << MARK_BITS) + (1 if gain else 0)
    length = np.int64(gains.lens[terms[LANE, t], ordinal]) & terms[MASK, t]
    gain = gains.table[terms[TABLE, t] + code * terms[STRIDE, t] + length]
    mark = np.int64(gains.present[terms[LANE, t], code])
    return (rounded(adds.scales[t] * gain) << MARK_BITS) + mark


@compiled
def unpacked(packed: NDArray[np.uint8], place: Int, df: Int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Ordinals and codes of a term that is kept packed."""
    ordinals = np.empty(df, np.uint32)
    codes = np.empty(df, np.uint32)
    at = unpack_from(packed, place, ordinals, 0, df)
    unpack_from(packed, at, codes, 0, df)
    for i in range(1, df):
        ordinals[i] += ordinals[i - 1] + np.uint32(1)
    return ordinals, codes


class Rare(NamedTuple):
    """The postings of the packed terms of a query, by window. begins (n_windows + 1,): where those of each
    begin · ordinals, adds (n,): what each adds · most (n_windows,): what they add to a score at most."""

    begins: Ints
    ordinals: Ints
    adds: Ints
    most: Ints


@compiled
def unpack_rare(adds: Adds, postings: PostingArrays, window: int, n_windows: int) -> Rare:
    """All postings of the packed terms of a query."""
    terms = adds.terms
    n: Int = 0
    for t in range(len(adds.scales)):
        n += terms[DF, t] if terms[KIND, t] == PACKED else 0
    ordinals, values, windows = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    begins = np.zeros(n_windows + 1, np.int64)
    most = np.zeros(n_windows, np.int64)
    n = 0
    for t in range(len(adds.scales)):
        if terms[KIND, t] != PACKED:
            continue
        by = adder(t, adds)
        held, codes = unpacked(postings.packed, terms[PLACE, t], terms[DF, t])
        number: Int = 0
        greatest: Int = 0
        for i in range(len(held)):
            ordinal = np.int64(held[i])
            while ordinal >= (number + 1) * window:
                most[number] += greatest >> MARK_BITS
                greatest = 0
                number += 1
            ordinals[n] = ordinal
            values[n] = added(np.int64(codes[i]), ordinal, by, adds)
            windows[n] = number
            greatest = max(greatest, values[n])
            begins[number + 1] += 1
            n += 1
        most[number] += greatest >> MARK_BITS
    for number in range(n_windows):
        begins[number + 1] += begins[number]
    rare = Rare(begins, np.empty(n, np.int64), np.empty(n, np.int64), most)
    to = begins.copy()
    for i in range(n):
        at = to[windows[i]]
        rare.ordinals[at] = ordinals[i]
        rare.adds[at] = values[i]
        to[windows[i]] += 1
    return rare
