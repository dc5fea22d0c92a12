"""Which words are spelled nearly so: all words are looked at, by a compiled loop over their letters.

The distance is that of optimal string alignment: the fewest letters added, dropped or replaced, or neighbours
exchanged, none of them twice. Source: Boytsov: Indexing methods for approximate dictionary searching, JEA
2011. The cost weighs the same edits: those that hands make easily cost less."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled

Letters = NDArray[np.int32]  # code points

EASY = 0.8
"""What an easy edit costs, any other being 1: neighbours exchanged, a letter doubled or not, a key beside the
one that was meant, one vowel for another."""
FIRST = 0.4
"""What it costs besides where the first letter becomes another: people rarely mistake it."""

_A, _Z = ord("a"), ord("z")
_ROWS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))  # each key is 1 wide
_BESIDE = 1.3  # from the middle of one key to that of another
_BITS = 31


def _easily_taken() -> NDArray[np.bool_]:
    """Which letter is easily written for which. Shape: (26, 26)."""
    easy = np.zeros((26, 26), np.bool_)
    keys = {key: (row, at + shift) for row, (keys, shift) in enumerate(_ROWS) for at, key in enumerate(keys)}
    for one, (row, at) in keys.items():
        for other, (other_row, other_at) in keys.items():
            near = (row - other_row) ** 2 + (at - other_at) ** 2 <= _BESIDE**2
            easy[ord(one) - _A, ord(other) - _A] = near or {one, other} <= set("aeiou")
    return easy


_EASY = _easily_taken()


class Near(NamedTuple):
    """Words near to another: their places among those that were looked at, the edits between, their cost.

    Shapes: all (n,)."""

    places: NDArray[np.int64]
    distances: NDArray[np.int64]
    costs: NDArray[np.float64]


class Scan:
    """Words that can all be compared with another one, quickly: most are out by their length, or by which
    letters they have at all."""

    def __init__(self, words: Sequence[str]) -> None:
        sizes = np.fromiter(map(len, words), np.int64, len(words))
        self._order = np.argsort(sizes, kind="stable")
        self._begins = np.append(0, np.cumsum(sizes[self._order]))
        self._letters = letters_of("".join([words[place] for place in self._order.tolist()]))
        self._marks = _marks(self._letters, self._begins)
        self._of_size = np.searchsorted(sizes[self._order], np.arange(sizes.max(initial=0) + 2))

    def near(self, word: str, edits: int) -> Near:
        """The words at most so many edits away, in any order; a word itself is at 0."""
        sizes = np.clip([len(word) - edits, len(word) + edits + 1], 0, len(self._of_size) - 1)
        first, last = self._of_size[sizes].tolist()
        wanted = letters_of(word)
        mark = int(_marks(wanted, np.array([0, len(wanted)]))[0])
        places, distances, costs = _near(
            self._letters, self._begins, self._marks, first, last, wanted, mark, edits, _EASY
        )
        return Near(self._order[places], distances, costs)


def distance(one: str, other: str, most: int) -> tuple[int, float]:
    """The edits between two words, or `most` + 1 where they are more, and what the cheapest edits cost."""
    written, meant = letters_of(one), letters_of(other)
    rows = np.empty((3, len(other) + 1))
    return _edits(written, meant, most, rows), _cost(written, meant, _EASY, rows)


def letters_of(text: str) -> Letters:
    """The code points of a text."""
    return np.frombuffer(bytearray(text.encode("utf-32-le")), np.dtype("<i4"))


def _marks(letters: Letters, begins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which letters each word has, as bits; several letters share one."""
    if not len(letters):
        return np.zeros(len(begins) - 1, np.int64)
    bits = np.int64(1) << (letters % _BITS).astype(np.int64)
    marks: NDArray[np.int64] = np.bitwise_or.reduceat(bits, begins[:-1])
    return marks


@compiled
def _near(
    letters: Letters,
    begins: NDArray[np.int64],
    marks: NDArray[np.int64],
    first: int,
    last: int,
    wanted: Letters,
    mark: int,
    most: int,
    easy: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    places = np.empty(last - first, np.int64)
    distances = np.empty(last - first, np.int64)
    costs = np.empty(last - first, np.float64)
    rows = np.empty((3, len(wanted) + most + 1), np.float64)
    n = 0
    for place in range(first, last):
        # An edit brings in one letter at most, and takes out one at most.
        if _more_bits(marks[place] & ~mark, most) or _more_bits(mark & ~marks[place], most):
            continue
        word = letters[begins[place] : begins[place + 1]]
        found = _edits(wanted, word, most, rows)
        if found <= most:
            places[n] = place
            distances[n] = found
            costs[n] = _cost(wanted, word, easy, rows)
            n += 1
    return places[:n].copy(), distances[:n].copy(), costs[:n].copy()


@compiled
def _more_bits(value: Int, most: int) -> bool:
    for _ in range(most):
        value &= value - 1
    return value != 0


@compiled
def _edits(one: Letters, other: Letters, most: int, rows: NDArray[np.float64]) -> int:
    """The edits between two words; more than `most` where they are more. Only the cells of the table that may
    hold so few are filled in."""
    n, m = len(one), len(other)
    if not -most <= n - m <= most:
        return most + 1
    for j in range(m + 1):
        rows[0, j] = j
    for i in range(1, n + 1):
        here, above, before = rows[i % 3], rows[(i - 1) % 3], rows[(i - 2) % 3]
        low, high = max(1, i - most), min(m, i + most)
        here[low - 1] = i if low == 1 else np.inf
        least = here[low - 1]
        for j in range(low, high + 1):
            edits = above[j - 1] + (one[i - 1] != other[j - 1])
            edits = min(edits, here[j - 1] + 1)
            if j < i + most:
                edits = min(edits, above[j] + 1)
            if _exchanged(one, i, other, j):
                edits = min(edits, before[j - 2] + 1)
            here[j] = edits
            least = min(least, edits)
        if least > most:
            return most + 1
    return int(min(rows[n % 3, m], most + 1))


@compiled
def _cost(one: Letters, other: Letters, easy: NDArray[np.bool_], rows: NDArray[np.float64]) -> float:
    """What the cheapest edits cost that lead from one word to the other."""
    n, m = len(one), len(other)
    for i in range(n + 1):
        here, above, before = rows[i % 3], rows[(i - 1) % 3], rows[(i - 2) % 3]
        for j in range(m + 1):
            cost = 0.0 if i + j == 0 else np.inf
            if i > 0:
                cost = min(cost, above[j] + _added(one, i - 1))
            if j > 0:
                cost = min(cost, here[j - 1] + _added(other, j - 1))
            if i > 0 and j > 0:
                cost = min(cost, above[j - 1] + _replaced(one[i - 1], other[j - 1], easy))
            if _exchanged(one, i, other, j):
                cost = min(cost, before[j - 2] + EASY)
            here[j] = cost
    apart = FIRST if n > 0 and m > 0 and one[0] != other[0] else 0.0
    return float(rows[n % 3, m]) + apart


@compiled
def _exchanged(one: Letters, i: int, other: Letters, j: int) -> bool:
    """Whether the first i letters of a word end in those that the other one's first j do, exchanged."""
    if i < 2 or j < 2:
        return False
    return bool(one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1])


@compiled
def _added(word: Letters, place: int) -> float:
    """What a letter costs that only one of the words has."""
    return EASY if place > 0 and word[place] == word[place - 1] else 1.0


@compiled
def _replaced(one: Int, other: Int, easy: NDArray[np.bool_]) -> float:
    if one == other:
        return 0.0
    letters = _A <= one <= _Z and _A <= other <= _Z
    return EASY if letters and easy[one - _A, other - _A] else 1.0
