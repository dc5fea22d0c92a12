"""Words of 64 bits in compiled code."""

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled

Words = NDArray[np.uint64]

ONE, SIX, LOW_SIX = np.uint64(1), np.uint64(6), np.uint64(63)


@compiled
def count(bits: np.uint64) -> np.uint64:
    """How many bits are set: a form that compilers know as one instruction."""
    pairs = bits - (bits >> ONE & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + (pairs >> np.uint64(2) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.uint64(eights * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def place_of_lowest(bits: np.uint64) -> np.uint64:
    """The place of the lowest bit that is set."""
    return count(~bits & (bits - ONE))


@compiled
def n_set(words: Words, first: Int, last: Int) -> Int:
    """How many bits are set in the words from the first to the last, which is not counted."""
    n: Int = 0
    for word in range(first, last):
        n += np.int64(count(words[np.uint64(word)]))
    return n
