"""The steps of the kernel within a window: sums are scattered, candidates gathered, looked up, completed.

Candidates are places in the window (`slots`) with their scores under way (`found`)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.adding import Adder, Adds, Ints, Rare, added
from indexer.lexical.bitwise import LOW_SIX, ONE, SIX, Words, count, place_of_lowest

FEW = 1024  # postings of a window above which all of its slots are looked through


class Scratch(NamedTuple):
    """What the kernel writes on; `sums` and `spread` are zeros before and after each call.

    sums (window,): scores under way · spread (window,): what a term counts · slots, found, codes: places in
    the window, their scores under way, and what a term counts in them · held: places put aside."""

    sums: Ints
    spread: NDArray[np.uint8]
    slots: Ints
    found: Ints
    codes: Ints
    held: Ints


def scratch(window: int) -> Scratch:
    """For a window of so many documents."""
    slots, found, codes, held = np.zeros((4, window + FEW), np.int64)
    return Scratch(np.zeros(window, np.int64), np.zeros(window, np.uint8), slots, found, codes, held)


@compiled
def scatter_rare(rare: Rare, number: Int, first: Int, few: bool | np.bool, sums: Ints, slots: Ints) -> Int:
    """Adds the postings of the packed terms in a window to the sums; as `scatter_few` where few."""
    n: Int = 0
    for i in range(rare.begins[number], rare.begins[number + 1]):
        slot = np.uint64(rare.ordinals[i] - first)
        if few:
            slots[np.uint64(n)] = slot
            n += sums[slot] == 0
        sums[slot] += rare.adds[i]
    return n


@compiled
def scatter(
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
def scatter_few(
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
    """The same; puts the slots that were 0 behind the first n of `slots`: how many these are now.

    One in which nothing counted so far may stand there twice: the second time no score is left for it."""
    for i in range(begin, end):
        slot = np.uint64(places[np.uint64(i)])
        slots[np.uint64(n)] = slot
        n += sums[slot] == 0
        sums[slot] += added(np.int64(codes[np.uint64(i)]), first + np.int64(slot), by, adds)
    return n


@compiled
def gather_few(sums: Ints, slots: Ints, found: Ints, n_added: Int, needed: Int) -> Int:
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
def gather(sums: Ints, slots: Ints, found: Ints, needed: Int) -> Int:
    """The same by looking through all sums."""
    n: Int = 0
    for first in range(0, len(sums), 64):
        base = np.uint64(first)
        n_passing = 0
        for i in range(64):
            n_passing += sums[base + np.uint64(i)] > needed
        if n_passing:
            bits = np.uint64(0)
            for i in range(64):
                value = sums[base + np.uint64(i)]
                bits |= np.uint64(value > needed and value != 0) << np.uint64(i)
            while bits:
                slot = base + place_of_lowest(bits)
                bits &= bits - ONE
                slots[np.uint64(n)] = slot
                found[np.uint64(n)] = sums[slot]
                n += 1
    sums[:] = 0
    return n


@compiled
def gather_allowed(
    allowed: Words, first_word: Int, last_word: Int, scratch: Scratch, n_added: Int, needed: Int
) -> Int:
    """The slots that may be found and whose sum passes, and the sums, which are 0 again; how many."""
    sums, slots, found, held = scratch.sums, scratch.slots, scratch.found, scratch.held
    n: Int = 0
    for word in range(first_word, last_word):
        bits = allowed[np.uint64(word)]
        base = np.uint64(word - first_word << 6)
        while bits:
            slot = base + place_of_lowest(bits)
            bits &= bits - ONE
            held[np.uint64(n)] = slot
            found[np.uint64(n)] = sums[slot]
            n += sums[slot] > needed
    for i in range(n_added):
        sums[np.uint64(slots[i])] = 0
    slots[:n] = held[:n]
    return n


@compiled
def keep_allowed(slots: Ints, found: Ints, n: Int, first: Int, allowed: Words) -> Int:
    """Keeps the candidates that may be found; how many."""
    kept: Int = 0
    for i in range(n):
        ordinal = np.uint64(first + slots[i])
        slots[np.uint64(kept)] = slots[i]
        found[np.uint64(kept)] = found[i]
        kept += np.int64(allowed[ordinal >> SIX] >> (ordinal & LOW_SIX) & ONE)
    return kept


@compiled
def read_bits(
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
        word = ordinal >> SIX
        bit = ONE << (ordinal & LOW_SIX)
        codes[i] = 0
        if bits[list_, word] & bit:
            before = np.uint64(ranks[list_, word]) + count(bits[list_, word] & (bit - ONE))
            codes[i] = listed[np.uint64(begin) + before]


@compiled
def read_list(
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
def complete(
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
def sort(slots: Ints, found: Ints, n: Int) -> None:
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
