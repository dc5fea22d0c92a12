"""Terms to numbers: 0, 1, … in order of first occurrence, through a hash table over their bytes."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled

Octets = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Numbers = NDArray[np.int32]
Slots = NDArray[np.uint64]
"""The key of a term, and its number + 1; 0 where a slot is free. Shape: (capacity, 2), a power of two."""

_INLINE = 7  # bytes that a key holds; of a longer term it holds a hash
_HASHED = np.uint64(1 << 63)
_BYTE = np.uint64(8)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FEWEST = 1 << 10  # slots
_BLOCK = 256  # terms whose slots are looked up together


class Vocabulary:
    """Numbered terms: each has the number of terms that were met before it first occurred."""

    def __init__(self) -> None:
        self._slots: Slots = np.zeros((_FEWEST, 2), np.uint64)
        self._heap: Octets = np.empty(_FEWEST * _INLINE, np.uint8)
        self._begins: Offsets = np.zeros(_FEWEST // 2 + 1, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def heap(self) -> Octets:
        """The UTF-8 bytes of all terms, one after the other."""
        return self._heap[: self._begins[self._count]]

    @property
    def begins(self) -> Offsets:
        """Where the bytes of each term begin in the heap, and where the last ends. Shape: (len + 1,)."""
        return self._begins[: self._count + 1]

    def term(self, number: int) -> str:
        """The term of that number."""
        return self._heap[self._begins[number] : self._begins[number + 1]].tobytes().decode()

    def terms(self, first: int = 0) -> list[str]:
        """The terms from that number on."""
        offset = self._begins[first]
        text = self.heap[offset:].tobytes()
        return [text[begin:end].decode() for begin, end in pairwise((self.begins[first:] - offset).tolist())]

    def number_all(self, terms: Sequence[str]) -> Numbers:
        """The number of each of these terms; new ones are taken in."""
        encoded = [term.encode() for term in terms]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)))
        return self.number(
            np.frombuffer(bytearray(b"").join(encoded), np.uint8), np.append(0, ends)[:-1], ends
        )

    def number(self, octets: Octets, starts: Offsets, ends: Offsets) -> Numbers:
        """The number of each term, given as bytes [start, end) of `octets`; new ones are taken in."""
        numbers = np.empty(len(starts), np.int32)
        done = 0
        while True:
            done, self._count = _number(
                octets, starts, ends, numbers, done, self._slots, self._heap, self._begins, self._count
            )
            if done == len(starts):
                return numbers
            self._make_room(int(ends[done] - starts[done]))

    def _make_room(self, size: int) -> None:
        """Whatever is full is doubled, so that one more term of `size` bytes fits."""
        if self._count + 1 == len(self._begins):
            slots: Slots = np.zeros((2 * len(self._slots), 2), np.uint64)
            _refill(self._slots, slots)
            self._slots = slots
            self._begins = np.concatenate([self._begins, np.zeros(len(self._begins) - 1, np.int64)])
        if self._begins[self._count] + size > len(self._heap):
            self._heap = np.concatenate([self._heap, np.empty(len(self._heap) + size, np.uint8)])


@compiled
def _number(
    octets: Octets,
    starts: Offsets,
    ends: Offsets,
    numbers: Numbers,
    done: int,
    slots: Slots,
    heap: Octets,
    begins: Offsets,
    count: int,
) -> tuple[int, int]:
    """How many spans have their number now, and how many terms there are; stops where there is no room."""
    keys = np.empty(_BLOCK, np.uint64)
    for place in range(done, len(starts)):
        start, size = starts[place], ends[place] - starts[place]
        if (place - done) % _BLOCK == 0:
            _look_ahead(octets, starts, ends, numbers, place, slots, keys)
        key = keys[(place - done) % _BLOCK]
        slot = _first_slot(key, len(slots))
        while slots[slot, 1] != 0 and not (
            slots[slot, 0] == key
            and (size <= _INLINE or _equal(octets, start, size, heap, begins, np.int64(slots[slot, 1]) - 1))
        ):
            slot = (slot + 1) & (len(slots) - 1)
        if slots[slot, 1] == 0:
            begin = begins[count]
            if count + 1 == len(begins) or begin + size > len(heap):
                return place, count
            for offset in range(size):
                heap[begin + offset] = octets[start + offset]
            count += 1
            begins[count] = begin + size
            slots[slot, 0] = key
            slots[slot, 1] = count
        numbers[place] = slots[slot, 1] - _ONE
    return len(starts), count


@compiled
def _look_ahead(
    octets: Octets,
    starts: Offsets,
    ends: Offsets,
    numbers: Numbers,
    first: int,
    slots: Slots,
    keys: NDArray[np.uint64],
) -> None:
    """Fills the keys of a block of terms, and reads the slot where each is looked for first.

    What is read is of no use. But a large table is in no cache, and reads that wait for nothing wait for
    memory all at once: it halves the time."""
    last = min(first + _BLOCK, len(starts))
    for place in range(first, last):
        keys[place - first] = _key(octets, starts[place], ends[place])
    for place in range(first, last):
        numbers[place] = slots[_first_slot(keys[place - first], len(slots)), 1]


@compiled
def _refill(old: Slots, new: Slots) -> None:
    """Puts all entries of one table into a larger one."""
    for each in range(len(old)):
        if old[each, 1] != 0:
            slot = _first_slot(old[each, 0], len(new))
            while new[slot, 1] != 0:
                slot = (slot + 1) & (len(new) - 1)
            new[slot, 0] = old[each, 0]
            new[slot, 1] = old[each, 1]


@compiled
def _key(octets: Octets, start: int, end: int) -> np.uint64:
    """Size and bytes of a short term, which tell it from all others; a hash (FNV-1a) of a longer one."""
    if end - start <= _INLINE:
        key = np.uint64(end - start)
        for place in range(start, end):
            key = key << _BYTE | np.uint64(octets[place])
        return key
    key = _FNV_OFFSET
    for place in range(start, end):
        key = (key ^ np.uint64(octets[place])) * _FNV_PRIME
    return key | _HASHED


@compiled
def _first_slot(key: np.uint64, capacity: int) -> int:
    """Where the search for a key begins."""
    return int((key ^ key >> _HALF) * _GOLDEN >> _HALF) & (capacity - 1)


@compiled
def _equal(
    octets: Octets, start: np.int64, size: np.int64, heap: Octets, begins: Offsets, number: np.int64
) -> bool:
    """Whether a span has the bytes of the term of that number."""
    begin = begins[number]
    if begins[number + 1] - begin != size:
        return False
    for offset in range(size):  # noqa: SIM110 (there are no generators in compiled code)
        if octets[start + offset] != heap[begin + offset]:
            return False
    return True
