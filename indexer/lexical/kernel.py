"""The exact best of all documents under any weighting: windowed block-max MaxScore over integer scores.

The documents are taken in windows. Of each term it is known what it can add in a window at most (its
bound). A window whose bounds together do not pass the k-th best score so far is skipped; in the others the
terms with the smallest bounds, as many as cannot pass it together, are only looked up for documents that
the other terms brought in: term by term, for all of them that can still pass.

Every score is a sum of integers, so none depends on the order of the terms. Documents are met in ascending
order, and one that only equals the k-th best never displaces it: ties go to the smaller ordinal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.adding import (
    BITS,
    BOUND,
    KIND,
    MARK_BITS,
    MARKS,
    NO_FLOOR,
    PLACE,
    Adder,
    Adds,
    Floats,
    Gains,
    Ints,
    added,
    adder,
    adds_of,
    rounded,
    unpack_rare,
)
from indexer.lexical.best import SMALL_K, cut, keep
from indexer.lexical.layout import PACKED, PostingArrays

Words = NDArray[np.uint64]


class Lengths(NamedTuple):
    """What the length of a document says by itself, for the lanes where it says anything.

    lanes (n,) · begins (n + 1,): where each begins in the table · table: scores by class of length · least,
    most: what all lanes say together."""

    lanes: Ints
    begins: Ints
    table: Ints
    least: int
    most: int


NO_LENGTHS = Lengths(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64), 0, 0)

MOST_TERMS = MARKS
MOST_SCORE = 1 << 50
"""Bounds of all terms together; beyond it a sum could leave the 63 bits."""

_FEW = 1024  # postings of a window above which all of its slots are looked through
_DEARER = 2  # how much more a posting costs than a term that is looked up in a document
_NONE, _ONE, _SIX, _LOW_SIX = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(63)


class Scratch(NamedTuple):
    """What the kernel writes on; `sums` and `spread` are zeros before and after each call.

    sums (window,): scores under way · spread (window,): what a term counts · slots, found, codes: places in
    the window, their scores under way, and what a term counts in them."""

    sums: Ints
    spread: NDArray[np.uint8]
    slots: Ints
    found: Ints
    codes: Ints
    held: Ints


def scratch(window: int) -> Scratch:
    """For a window of so many documents."""
    slots, found, codes, held = np.zeros((4, window + _FEW), np.int64)
    return Scratch(np.zeros(window, np.int64), np.zeros(window, np.uint8), slots, found, codes, held)


@compiled
def best_documents(
    terms: Ints,
    scales: Floats,
    postings: PostingArrays,
    gains: Gains,
    lengths: Lengths,
    allowed: Words,
    n_docs: int,
    k: int,
    floor: int,
    scratch: Scratch,
) -> tuple[NDArray[np.int32], Ints]:
    """Ordinals and scores of the k best documents: best first for a small k, else by ordinal, at most 2k.

    terms (12, n_terms), scales (n_terms,): see `Adds` · allowed: a bit a document, or (0,) for all ·
    floor: no score below it is wanted."""
    kinds, places = terms[KIND], terms[PLACE]
    sums, slots, found, codes = scratch.sums, scratch.slots, scratch.found, scratch.codes
    lists = postings.list_begins
    window = len(sums)
    n_terms = len(scales)
    adds = adds_of(terms, scales, gains)
    rare = unpack_rare(adds, postings)

    rare_at = rare.ends[:-1].copy()  # of each packed term: the first posting of the window
    rare_to = rare.ends[:-1].copy()
    bound = np.zeros(n_terms, np.int64)
    order = np.empty(n_terms, np.int64)  # terms that are not packed, smallest bound first
    rest = np.zeros(n_terms + 1, np.int64)  # sums of those bounds

    capacity = k if k <= SMALL_K else 2 * k
    best_scores = np.empty(capacity, np.int64)
    best_ordinals = np.empty(capacity, np.int32)
    n_best: Int = 0
    threshold: Int = np.int64(floor) - 1  # a score has to pass it

    for number in range((n_docs + window - 1) // window):
        first = number * window
        last = min(first + window, n_docs)
        total: Int = lengths.most
        n_postings = 0
        n_ordered = 0
        for t in range(n_terms):
            if kinds[t] == PACKED:
                i = rare_to[t]
                rare_at[t] = i
                most = np.int64(0)
                while i < rare.ends[t + 1] and rare.ordinals[i] < last:
                    most = max(most, rare.adds[i])
                    i += 1
                rare_to[t] = i
                n_postings += i - rare_at[t]
                total += most >> MARK_BITS
                continue
            bound[t] = max(rounded(scales[t] * gains.bounds[terms[BOUND, t] + number]), 0)
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
            if sum_with + lengths.most > threshold:
                break
            n_looked_up += 1
            rest[n_looked_up] = sum_with
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            n_postings += lists[places[t], number + 1] - lists[places[t], number]
        if n_postings == 0:
            continue

        # Where few documents may be found, these are the candidates, and all terms are looked up for them.
        by_allowed: bool | np.bool = False
        if len(allowed):
            n_allowed = _n_set(allowed, first >> 6, (last + 63) >> 6)
            if n_allowed == 0:
                continue
            by_allowed = n_allowed * n_ordered < _DEARER * n_postings
        while by_allowed and n_looked_up < n_ordered:
            rest[n_looked_up + 1] = rest[n_looked_up] + bound[order[n_looked_up]]
            n_looked_up += 1

        few = by_allowed or n_postings < _FEW
        n: Int = 0
        for t in range(n_terms):
            if kinds[t] == PACKED:
                for i in range(rare_at[t], rare_to[t]):
                    slot = np.uint64(rare.ordinals[i] - first)
                    if few:
                        slots[np.uint64(n)] = slot
                        n += sums[slot] == 0
                    sums[slot] += rare.adds[i]
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            by = adder(t, adds)
            begin, end = lists[places[t], number], lists[places[t], number + 1]
            if few:
                n = _scatter_few(postings.slots, postings.codes, begin, end, by, first, adds, sums, slots, n)
            else:
                _scatter(postings.slots, postings.codes, begin, end, by, first, adds, sums)

        needed = _needed(threshold - rest[n_looked_up] - lengths.most)
        if by_allowed:
            n = _gather_allowed(allowed, first >> 6, (last + 63) >> 6, scratch, n, needed)
        elif few:
            n = _gather_few(sums, slots, found, n, needed)
        else:
            n = _gather(sums, slots, found, needed)
        if len(allowed) and not by_allowed:
            n = _keep_allowed(slots, found, n, first, allowed)

        for a in range(n_looked_up - 1, -1, -1):
            if n == 0:
                break
            t = order[a]
            begin, end = lists[places[t], number], lists[places[t], number + 1]
            row = terms[BITS, t]
            if row >= 0:
                _read_bits(postings.bits, postings.ranks, row, postings.codes, begin, first, slots, n, codes)
            else:
                _read_list(postings.slots, postings.codes, begin, end, scratch.spread, slots, n, codes)
            needed = _needed(threshold - rest[a] - lengths.most)
            n = _complete(slots, found, codes, n, needed, first, adder(t, adds), adds)

        if few:
            _sort(slots, found, n)
        for c in range(n):
            if found[c] & MARKS == 0:
                continue
            score = found[c] >> MARK_BITS
            ordinal = first + slots[c]
            for i in range(len(lengths.lanes)):
                score += lengths.table[lengths.begins[i] + gains.lens[lengths.lanes[i], ordinal]]
            if score <= threshold:
                continue
            if k <= SMALL_K:
                n_best = keep(best_scores, best_ordinals, n_best, k, score, ordinal)
                if n_best == k:
                    threshold = max(threshold, best_scores[k - 1])
            else:
                best_scores[n_best] = score
                best_ordinals[n_best] = ordinal
                n_best += 1
                if n_best == capacity:
                    threshold = max(threshold, cut(best_scores, best_ordinals, n_best, k))
                    n_best = k
    return best_ordinals[:n_best], best_scores[:n_best]


@compiled
def _needed(sum_: Int) -> Int:
    """What a score under way has to pass, so that its sum passes this one."""
    return sum_ << MARK_BITS | MARKS if sum_ >= 0 else NO_FLOOR


@compiled
def _scatter(
    places: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    begin: Int,
    end: Int,
    by: Adder,
    first: Int,
    adds: Adds,
    sums: Ints,
) -> None:
    """Adds a list's postings of a window to the sums."""
    for i in range(begin, end):
        slot = np.uint64(places[np.uint64(i)])
        sums[slot] += added(np.int64(codes[np.uint64(i)]), first + np.int64(slot), by, adds)


@compiled
def _scatter_few(
    places: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    begin: Int,
    end: Int,
    by: Adder,
    first: Int,
    adds: Adds,
    sums: Ints,
    slots: Ints,
    n: Int,
) -> Int:
    """The same; puts the slots that were 0 behind the first n of `slots`: how many these are now."""
    for i in range(begin, end):
        slot = np.uint64(places[np.uint64(i)])
        slots[np.uint64(n)] = slot
        n += sums[slot] == 0
        sums[slot] += added(np.int64(codes[np.uint64(i)]), first + np.int64(slot), by, adds)
    return n


@compiled
def _gather_few(sums: Ints, slots: Ints, found: Ints, n_added: Int, needed: Int) -> Int:
    """Keeps those of the slots whose sum passes, and the sums, which are 0 again; how many."""
    n: Int = 0
    for i in range(n_added):
        slot = np.uint64(slots[i])
        value = sums[slot]
        sums[slot] = 0
        slots[np.uint64(n)] = slot
        found[np.uint64(n)] = value
        n += value > needed
    return n


@compiled
def _gather(sums: Ints, slots: Ints, found: Ints, needed: Int) -> Int:
    """The same by looking through all sums."""
    n: Int = 0
    for first in range(0, len(sums), 64):
        base = np.uint64(first)
        n_passing = 0
        for i in range(64):
            n_passing += sums[base + np.uint64(i)] > needed
        if n_passing:
            bits = _NONE
            for i in range(64):
                value = sums[base + np.uint64(i)]
                bits |= np.uint64(value > needed and value != 0) << np.uint64(i)
            while bits:
                slot = base + _place_of_lowest(bits)
                bits &= bits - _ONE
                slots[np.uint64(n)] = slot
                found[np.uint64(n)] = sums[slot]
                n += 1
    sums[:] = 0
    return n


@compiled
def _n_set(words: Words, first: Int, last: Int) -> Int:
    """How many bits are set in the words from the first to the last, which is not counted."""
    n: Int = 0
    for word in range(first, last):
        n += np.int64(_count(words[np.uint64(word)]))
    return n


@compiled
def _gather_allowed(
    allowed: Words, first_word: Int, last_word: Int, scratch: Scratch, n_added: Int, needed: Int
) -> Int:
    """The slots that may be found and whose sum passes, and the sums, which are 0 again; how many."""
    sums, slots, found, held = scratch.sums, scratch.slots, scratch.found, scratch.held
    n: Int = 0
    for word in range(first_word, last_word):
        bits = allowed[np.uint64(word)]
        base = np.uint64(word - first_word << 6)
        while bits:
            slot = base + _place_of_lowest(bits)
            bits &= bits - _ONE
            held[np.uint64(n)] = slot
            found[np.uint64(n)] = sums[slot]
            n += sums[slot] > needed
    for i in range(n_added):
        sums[np.uint64(slots[i])] = 0
    slots[:n] = held[:n]
    return n


@compiled
def _keep_allowed(slots: Ints, found: Ints, n: Int, first: Int, allowed: Words) -> Int:
    """Keeps the candidates that may be found; how many."""
    kept: Int = 0
    for i in range(n):
        ordinal = np.uint64(first + slots[i])
        slots[np.uint64(kept)] = slots[i]
        found[np.uint64(kept)] = found[i]
        kept += np.int64(allowed[ordinal >> _SIX] >> (ordinal & _LOW_SIX) & _ONE)
    return kept


@compiled
def _read_bits(
    bits: Words,
    ranks: NDArray[np.uint16],
    row: Int,
    listed: NDArray[np.uint8],
    begin: Int,
    first: Int,
    slots: Ints,
    n: Int,
    codes: Ints,
) -> None:
    """Looks n candidates up in a list by its bits: how many are set before one says where its code is."""
    list_ = np.uint64(row)
    for i in range(n):
        ordinal = np.uint64(first + slots[i])
        word = ordinal >> _SIX
        bit = _ONE << (ordinal & _LOW_SIX)
        codes[i] = 0
        if bits[list_, word] & bit:
            before = np.uint64(ranks[list_, word]) + _count(bits[list_, word] & (bit - _ONE))
            codes[i] = listed[np.uint64(begin) + before]


@compiled
def _read_list(
    places: NDArray[np.uint16],
    listed: NDArray[np.uint8],
    begin: Int,
    end: Int,
    spread: NDArray[np.uint8],
    slots: Ints,
    n: Int,
    codes: Ints,
) -> None:
    """Looks n candidates up in a list, of which the window is spread out."""
    for i in range(begin, end):
        spread[np.uint64(places[np.uint64(i)])] = listed[np.uint64(i)]
    for i in range(n):
        codes[i] = spread[np.uint64(slots[i])]
    for i in range(begin, end):
        spread[np.uint64(places[np.uint64(i)])] = 0


@compiled
def _complete(
    slots: Ints, found: Ints, codes: Ints, n: Int, needed: Int, first: Int, by: Adder, adds: Adds
) -> Int:
    """Adds what a term counts in the candidates; keeps those that pass: how many."""
    kept: Int = 0
    for i in range(n):
        slot = slots[i]
        value = found[i] + added(codes[i], first + slot, by, adds)
        slots[np.uint64(kept)] = slot
        found[np.uint64(kept)] = value
        kept += value > needed
    return kept


@compiled
def _sort(slots: Ints, found: Ints, n: Int) -> None:
    """Puts the first n, which are few, in the order of their slots."""
    for i in range(1, n):
        slot, value = slots[i], found[i]
        place = i
        while place > 0 and slots[place - 1] > slot:
            slots[place] = slots[place - 1]
            found[place] = found[place - 1]
            place -= 1
        slots[place] = slot
        found[place] = value


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
