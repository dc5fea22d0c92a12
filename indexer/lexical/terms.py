"""The terms of an index that begin so, or are spelled nearly so, by their numbers."""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.arrays import Arrays
from indexer.lexical.dictionary import Octets, Offsets, key

Numbers = NDArray[np.int64]

_LONGEST = 64  # characters; a longer word is near to none
_FAR = np.int64(1_000)


def spelled(arrays: Arrays, number: int) -> str:
    """The term of that number."""
    return _key(arrays, number)[1:].decode()


def beginning(arrays: Arrays, view: str, text: str) -> Numbers:
    """The terms of a view that begin so."""
    return _between(arrays, key(arrays.views.index(view), text))


def near(arrays: Arrays, view: str, word: str, edits: int) -> tuple[Numbers, NDArray[np.int64]]:
    """The terms of a view that are so many edits away at most, and how many each is.

    An edit adds, drops or replaces a character, or exchanges two neighbours. Source: the optimal string
    alignment distance, Boytsov: Indexing methods for approximate dictionary searching, JEA 2011."""
    within = _between(arrays, key(arrays.views.index(view), ""))
    if not len(within) or len(word) > _LONGEST:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    wanted = np.array([ord(character) for character in word], np.int64)
    found = _near(arrays.key_bytes, arrays.key_begins, int(within[0]), int(within[-1]) + 1, wanted, edits)
    return found[0], found[1]


def _between(arrays: Arrays, first: bytes) -> Numbers:
    """The terms whose keys begin so: they stand side by side, and no key holds a byte 255 in its text."""
    every = range(len(arrays.key_begins) - 1)

    def key_of(number: int) -> bytes:
        return _key(arrays, number)

    begin = bisect_left(every, first, key=key_of)
    return np.arange(begin, bisect_left(every, first + b"\xff", lo=begin, key=key_of))


def _key(arrays: Arrays, number: int) -> bytes:
    return arrays.key_bytes[arrays.key_begins[number] : arrays.key_begins[number + 1]].tobytes()


@compiled
def _near(
    heap: Octets, begins: Offsets, first: int, last: int, wanted: Offsets, edits: int
) -> tuple[Offsets, Offsets]:
    numbers = np.empty(last - first, np.int64)
    distances = np.empty(last - first, np.int64)
    n_found = 0
    longest = len(wanted) + edits
    term = np.empty(longest, np.int64)
    rows = np.empty((3, longest + 1), np.int64)
    for number in range(first, last):
        begin, end = begins[number] + 1, begins[number + 1]
        if end - begin < len(wanted) - edits or end - begin > 4 * longest:
            continue
        size = _decoded(heap, begin, end, longest, term)
        if -edits <= size - len(wanted) <= edits:
            distance = _distance(wanted, term, size, edits, rows)
            if distance <= edits:
                numbers[n_found] = number
                distances[n_found] = distance
                n_found += 1
    return numbers[:n_found].copy(), distances[:n_found].copy()


@compiled
def _decoded(heap: Octets, begin: Int, end: Int, most: Int, out: Offsets) -> Int:
    """The code points of UTF-8; how many they are, one more than `most` where they are too many."""
    size = 0
    for place in range(begin, end):
        byte = np.int64(heap[place])
        if byte & 0xC0 != 0x80:
            if size == most:
                return most + 1
            out[size] = byte if byte < 0x80 else byte & (0x1F if byte < 0xE0 else 0x0F if byte < 0xF0 else 7)
            size += 1
        else:
            out[size - 1] = out[size - 1] << 6 | byte & 0x3F
    return size


@compiled
def _distance(one: Offsets, other: Offsets, size: Int, most: Int, rows: Offsets) -> Int:
    """The edits between two words; more than `most` where they are more. Only the cells of the table that
    may hold so few are filled in."""
    n = len(one)
    for j in range(size + 1):
        rows[0, j] = j
    for i in range(1, n + 1):
        here, above, before = rows[i % 3], rows[(i - 1) % 3], rows[(i - 2) % 3]
        low, high = max(1, i - most), min(size, i + most)
        here[low - 1] = i if low == 1 else _FAR
        least = here[low - 1]
        for j in range(low, high + 1):
            over = above[j] if j < i + most else _FAR
            cost = min(over + 1, here[j - 1] + 1, above[j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            here[j] = cost
            least = min(least, cost)
        if least > most:
            return most + 1
    found: Int = rows[n % 3, size]
    return found
