"""The exact best of all documents under any weighting: windowed block-max MaxScore over integer scores.

The documents are taken in windows. Of each term it is known what it can add in a window at most (its
bound). A window whose bounds together do not pass the k-th best score so far is skipped; in the others the
terms with the smallest bounds, as many as cannot pass it together, are only looked up for documents that
the other terms brought in. Every score is a sum of integers, so none depends on the order of the terms.

The score of a document under way is `sum << MARK_BITS | matched terms`: a document with a sum of 0 is
told from one that no term is in. Documents are met in ascending order, and one that only equals the k-th
best never displaces it: ties go to the smaller ordinal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.layout import COLUMN, ODD, PACKED, PostingArrays
from indexer.lexical.packing import unpack_from
from indexer.types import SCORE_UNIT

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Gains(NamedTuple):
    """What the counts of postings are worth, for every group of fields and view ("lane").

    lens (n_lanes, n_docs): class of each document's length · present (n_lanes, 256): 1 where a code counts
    in the fields of the group · table: gains by lane, code and class of length · odd (n_groups, n_odd):
    gains of what has no code · bounds: greatest gain by block, or by window for a column."""

    lens: NDArray[np.uint16]
    present: NDArray[np.uint8]
    table: Floats
    odd: Floats
    bounds: Floats


class Lengths(NamedTuple):
    """What the length of a document says by itself, for the lanes where it says anything.

    lanes (n,) · begins (n + 1,): where each begins in the table · table: scores by class of length."""

    lanes: Ints
    begins: Ints
    table: Ints


NO_LENGTHS = Lengths(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64))

MARK_BITS = 11
MOST_TERMS = (1 << MARK_BITS) - 1
MOST_SCORE = 1 << 50
"""Bounds of all terms together; beyond it a sum could leave the 63 bits."""

# What the rows of a query's `terms` mean; one column for each term of each group.
KIND, PLACE, DF, NUMBER, LANE, GROUP, TABLE, STRIDE, MASK, BOUND, N_KNOWN, BITS = range(12)

_UNIT = float(SCORE_UNIT)
_MARK = np.int64(1)
_MARKS = np.int64(MOST_TERMS)
_SMALL_K = 64
_FEW = 384  # postings of a window above which all of its slots are looked through
_MOST_ADDS = 1024  # entries of a table of what a term adds
_NONE, _ONE, _SIX, _LOW_SIX = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(63)
_STEP = 8  # postings that a lookup passes over at once
NO_FLOOR = -(1 << 60)


@compiled
def _rounded(value: float) -> Int:
    return np.int64(np.rint(value * _UNIT))


@compiled
def _marked(term: Ints, scale: float, code: Int, ordinal: Int, postings: PostingArrays, gains: Gains) -> Int:
    """What a posting adds to the score under way of its document."""
    if code == ODD:
        odd = np.searchsorted(postings.odd_keys, term[NUMBER] << 32 | ordinal)
        gain = gains.odd[term[GROUP], odd]
        return (_rounded(scale * gain) << MARK_BITS) + (_MARK if gain else 0)
    length = np.int64(gains.lens[term[LANE], ordinal]) & term[MASK]
    gain = gains.table[term[TABLE] + code * term[STRIDE] + length]
    added: Int = (_rounded(scale * gain) << MARK_BITS) + gains.present[term[LANE], code]
    return added


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


@compiled
def _keep(scores: Ints, ordinals: NDArray[np.int32], n: Int, k: Int, score: Int, ordinal: Int) -> Int:
    """Puts a hit in its place among the best few, best first; how many there are now."""
    place = n if n < k else k - 1
    while place > 0 and scores[place - 1] < score:
        scores[place] = scores[place - 1]
        ordinals[place] = ordinals[place - 1]
        place -= 1
    scores[place] = score
    ordinals[place] = ordinal
    return min(n + 1, k)


@compiled
def _cut(scores: Ints, ordinals: NDArray[np.int32], n: Int, k: Int) -> Int:
    """Keeps the k best of n hits that stand in ascending order, in that order; the k-th best score."""
    least: Int = np.partition(scores[:n], n - k)[n - k]
    level = k
    for i in range(n):
        if scores[i] > least:
            level -= 1
    kept = 0
    for i in range(n):
        if scores[i] > least or (scores[i] == least and level > 0):
            if scores[i] == least:
                level -= 1
            scores[kept] = scores[i]
            ordinals[kept] = ordinals[i]
            kept += 1
    return least


class _Adds(NamedTuple):
    """What postings add to the score under way of their document, made for one query.

    table: by term, code and class of length · begins, strides, masks, lanes (n_terms,): where a term's
    table begins, how far apart its codes are, 0 where the length does not matter, and where the classes of
    its documents begin in `lens` · n_codes (n_terms,): codes in the table; the others are `_marked`."""

    table: Ints
    begins: Ints
    strides: Ints
    masks: Ints
    lanes: Ints
    n_codes: Ints
    lens: NDArray[np.uint16]


@compiled
def _adds_of(terms: Ints, scales: Floats, gains: Gains, n_docs: int) -> _Adds:
    n_terms = len(scales)
    strides = terms[STRIDE]
    begins = np.zeros(n_terms + 1, np.int64)
    n_codes = np.zeros(n_terms, np.int64)
    for t in range(n_terms):
        most = min(_MOST_ADDS, terms[DF, t])
        n_codes[t] = min(ODD, 1 + max(most // strides[t], 1), terms[N_KNOWN, t])
        begins[t + 1] = begins[t] + n_codes[t] * strides[t]
    table = np.zeros(begins[n_terms], np.int64)
    for t in range(n_terms):
        for code in range(1, n_codes[t]):
            mark = np.int64(gains.present[terms[LANE, t], code])
            for length in range(strides[t]):
                gain = gains.table[terms[TABLE, t] + code * strides[t] + length]
                place = begins[t] + code * strides[t] + length
                table[place] = (_rounded(scales[t] * gain) << MARK_BITS) + mark
    return _Adds(table, begins, strides, terms[MASK], terms[LANE] * n_docs, n_codes, gains.lens.reshape(-1))


@compiled
def _add(
    t: Int,
    code: Int,
    ordinal: Int,
    adds: _Adds,
    terms: Ints,
    scales: Floats,
    postings: PostingArrays,
    gains: Gains,
) -> Int:
    """What one posting adds."""
    if code < adds.n_codes[t]:
        length = np.int64(adds.lens[adds.lanes[t] + ordinal]) & adds.masks[t]
        added: Int = adds.table[adds.begins[t] + code * adds.strides[t] + length]
        return added
    return _marked(terms[:, t], scales[t], code, ordinal, postings, gains)


@compiled
def _unpack_rare(
    terms: Ints, scales: Floats, adds: _Adds, postings: PostingArrays, gains: Gains
) -> tuple[Ints, Ints, Ints]:
    """Where the postings of each packed term end, (n_terms + 1,), their ordinals, and what they add."""
    n_terms = len(scales)
    ends = np.zeros(n_terms + 1, np.int64)
    for t in range(n_terms):
        ends[t + 1] = ends[t] + (terms[DF, t] if terms[KIND, t] == PACKED else 0)
    ordinals = np.empty(ends[n_terms], np.int64)
    found = np.empty(ends[n_terms], np.int64)
    for t in range(n_terms):
        if terms[KIND, t] == PACKED:
            held, codes = unpacked(postings.packed, terms[PLACE, t], terms[DF, t])
            for i in range(len(held)):
                ordinal = np.int64(held[i])
                ordinals[ends[t] + i] = ordinal
                found[ends[t] + i] = _add(
                    t, np.int64(codes[i]), ordinal, adds, terms, scales, postings, gains
                )
    return ends, ordinals, found


class Scratch(NamedTuple):
    """What the kernel writes on; `sums` and `touched` are zeros before and after each call.

    sums (window,): scores under way · touched (window / 64,): a bit for each slot that something was added
    to, where they are few · slots, found, codes (window,): candidates, ascending, their scores under way,
    and what a term counts in them."""

    sums: Ints
    touched: NDArray[np.uint64]
    slots: Ints
    found: Ints
    codes: Ints


def scratch(window: int) -> Scratch:
    """For a window of so many documents."""
    sums, slots, found, codes = np.zeros((4, window), np.int64)
    return Scratch(sums, np.zeros(window // 64, np.uint64), slots, found, codes)


@compiled
def best_documents(
    terms: Ints,
    scales: Floats,
    postings: PostingArrays,
    gains: Gains,
    lengths: Lengths,
    allowed: NDArray[np.uint64],
    n_docs: int,
    k: int,
    floor: int,
    scratch: Scratch,
) -> tuple[NDArray[np.int32], Ints]:
    """Ordinals and scores of the k best documents: best first for a small k, else by ordinal, at most 2k.

    terms (12, n_terms), see above · scales (n_terms,): idf and all factors · allowed: a bit a document, or
    (0,) for all · floor: no score below it is wanted."""
    kinds, places, bound_begins = terms[KIND], terms[PLACE], terms[BOUND]
    sums, touched = scratch.sums, scratch.touched
    slots, found, codes = scratch.slots, scratch.found, scratch.codes
    columns = postings.columns.reshape(-1)
    lists = postings.list_begins
    window = len(sums)
    n_terms = len(scales)
    adds = _adds_of(terms, scales, gains, n_docs)
    packed_ends, packed_ordinals, packed_adds = _unpack_rare(terms, scales, adds, postings, gains)
    best_length = np.int64(0)
    for i in range(len(lengths.lanes)):
        best_length += np.max(lengths.table[lengths.begins[i] : lengths.begins[i + 1]])

    packed_at = packed_ends[:-1].copy()  # of each packed term: the first posting of the window
    packed_to = packed_ends[:-1].copy()
    bound = np.zeros(n_terms, np.int64)
    order = np.empty(n_terms, np.int64)  # terms that are not packed, smallest bound first
    rest = np.zeros(n_terms + 1, np.int64)  # sums of those bounds

    capacity = k if k <= _SMALL_K else 2 * k
    best_scores = np.empty(capacity, np.int64)
    best_ordinals = np.empty(capacity, np.int32)
    n_best: Int = 0
    threshold: Int = np.int64(floor) - 1  # a score has to pass it

    for number in range((n_docs + window - 1) // window):
        first = number * window
        last = min(first + window, n_docs)
        total = best_length
        n_postings = 0
        n_ordered = 0
        for t in range(n_terms):
            if kinds[t] == PACKED:
                i = packed_to[t]
                packed_at[t] = i
                most = np.int64(0)
                while i < packed_ends[t + 1] and packed_ordinals[i] < last:
                    most = max(most, packed_adds[i])
                    i += 1
                packed_to[t] = i
                n_postings += i - packed_at[t]
                total += most >> MARK_BITS
                continue
            bound[t] = max(_rounded(scales[t] * gains.bounds[bound_begins[t] + number]), 0)
            total += bound[t]
            at = n_ordered
            while at > 0 and bound[order[at - 1]] > bound[t]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = t
            n_ordered += 1
        if total <= threshold:
            continue

        # The first terms of the order, which cannot pass the threshold together, are only looked up.
        n_looked_up = 0
        while n_looked_up < n_ordered:
            sum_with = rest[n_looked_up] + bound[order[n_looked_up]]
            if sum_with + best_length > threshold:
                break
            n_looked_up += 1
            rest[n_looked_up] = sum_with
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            if kinds[t] == COLUMN:
                n_postings += _FEW + window
            else:
                n_postings += lists[places[t], number + 1] - lists[places[t], number]
        if n_postings == 0:
            continue
        few = n_postings < _FEW

        for t in range(n_terms):
            if kinds[t] == PACKED:
                for i in range(packed_at[t], packed_to[t]):
                    slot = np.uint64(packed_ordinals[i] - first)
                    sums[slot] += packed_adds[i]
                    touched[slot >> _SIX] |= _ONE << (slot & _LOW_SIX)
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            stride, mask, n_codes = adds.strides[t], adds.masks[t], adds.n_codes[t]
            table_begin = adds.begins[t]
            lens_begin = adds.lanes[t] + first
            if kinds[t] == COLUMN:
                column_begin = places[t] * n_docs + first
                for i in range(last - first):  # code 0 adds 0: cheaper than to ask for it
                    code = np.int64(columns[np.uint64(column_begin + i)])
                    if code < n_codes:
                        length = np.int64(adds.lens[np.uint64(lens_begin + i)]) & mask
                        sums[i] += adds.table[np.uint64(table_begin + code * stride + length)]
                    else:
                        sums[i] += _marked(terms[:, t], scales[t], code, first + i, postings, gains)
                continue
            for i in range(lists[places[t], number], lists[places[t], number + 1]):
                place = np.int64(postings.slots[np.uint64(i)])
                slot = np.uint64(place)
                code = np.int64(postings.codes[np.uint64(i)])
                if code < n_codes:
                    length = np.int64(adds.lens[np.uint64(lens_begin + place)]) & mask
                    sums[slot] += adds.table[np.uint64(table_begin + code * stride + length)]
                else:
                    sums[slot] += _marked(terms[:, t], scales[t], code, first + place, postings, gains)
                if few:
                    touched[slot >> _SIX] |= _ONE << (slot & _LOW_SIX)

        needed = _needed(threshold - rest[n_looked_up] - best_length)
        n_groups = (last - first + 63) >> 6
        n = 0
        for group in range(n_groups):
            base = np.uint64(group << 6)
            if few:
                candidates = touched[group]
                if candidates == 0:
                    continue
            else:
                n_passing = 0
                for i in range(64):
                    n_passing += sums[base + np.uint64(i)] > needed
                if n_passing == 0:
                    continue
                candidates = _NONE
                for i in range(64):
                    value = sums[base + np.uint64(i)]
                    candidates |= np.uint64(value > needed and value != 0) << np.uint64(i)
            if len(allowed):
                dropped = candidates & ~allowed[(first >> 6) + group]
                candidates ^= dropped
                while few and dropped:
                    sums[base + _place_of_lowest(dropped)] = 0
                    dropped &= dropped - _ONE
            while candidates:
                slot = base + _place_of_lowest(candidates)
                candidates &= candidates - _ONE
                slots[np.uint64(n)] = slot
                found[np.uint64(n)] = sums[slot]
                n += sums[slot] > needed
                if few:
                    sums[slot] = 0
        touched[:] = 0
        if not few:
            sums[:] = 0

        for a in range(n_looked_up - 1, -1, -1):
            if n == 0:
                break
            t = order[a]
            if kinds[t] == COLUMN:
                begin = places[t] * n_docs + first
                for i in range(n):
                    codes[i] = columns[np.uint64(begin + slots[i])]
            else:
                row = terms[BITS, t]
                begin = lists[places[t], number]
                if row >= 0:
                    word_begin = first >> 6
                    for i in range(n):
                        word = word_begin + (slots[i] >> 6)
                        bit = _ONE << (np.uint64(slots[i]) & _LOW_SIX)
                        held = postings.bits[row, word]
                        codes[i] = 0
                        if held & bit:
                            at = begin + postings.ranks[row, word] + np.int64(_count(held & (bit - _ONE)))
                            codes[i] = postings.codes[np.uint64(at)]
                else:
                    at = begin
                    end = lists[places[t], number + 1]
                    for i in range(n):
                        wanted = np.uint16(slots[i])
                        while at + _STEP <= end and postings.slots[np.uint64(at + _STEP - 1)] < wanted:
                            at += _STEP
                        while at < end and postings.slots[np.uint64(at)] < wanted:
                            at += 1
                        codes[i] = 0
                        if at < end and postings.slots[np.uint64(at)] == wanted:
                            codes[i] = postings.codes[np.uint64(at)]
            needed = _needed(threshold - rest[a] - best_length)
            kept = 0
            for i in range(n):
                value = found[i]
                if codes[i]:
                    value += _add(t, codes[i], first + slots[i], adds, terms, scales, postings, gains)
                slots[np.uint64(kept)] = slots[i]
                found[np.uint64(kept)] = value
                kept += value > needed
            n = kept

        for c in range(n):
            if found[c] & _MARKS == 0:
                continue
            score = found[c] >> MARK_BITS
            ordinal = first + slots[c]
            for i in range(len(lengths.lanes)):
                score += lengths.table[lengths.begins[i] + gains.lens[lengths.lanes[i], ordinal]]
            if score <= threshold:
                continue
            if k <= _SMALL_K:
                n_best = _keep(best_scores, best_ordinals, n_best, k, score, ordinal)
                if n_best == k:
                    threshold = max(threshold, best_scores[k - 1])
            else:
                best_scores[n_best] = score
                best_ordinals[n_best] = ordinal
                n_best += 1
                if n_best == capacity:
                    threshold = max(threshold, _cut(best_scores, best_ordinals, n_best, k))
                    n_best = k
    return best_ordinals[:n_best], best_scores[:n_best]


@compiled
def _needed(sum_: Int) -> Int:
    """What a score under way has to pass, so that its sum passes this one."""
    return sum_ << MARK_BITS | _MARKS if sum_ >= 0 else NO_FLOOR


@compiled
def _place_of_lowest(bits: np.uint64) -> np.uint64:
    """The place of the lowest bit that is set."""
    return _count(~bits & (bits - _ONE))


@compiled
def _count(bits: np.uint64) -> np.uint64:
    """How many bits are set: a form that compilers know as one instruction."""
    pairs = bits - (bits >> _ONE & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + (pairs >> np.uint64(2) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.uint64(eights * np.uint64(0x0101010101010101)) >> np.uint64(56)
