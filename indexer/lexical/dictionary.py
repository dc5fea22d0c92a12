"""Terms to numbers: an open-addressing table over their bytes, memory-mapped and read without copies."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled

Octets = NDArray[np.uint8]
Offsets = NDArray[np.int64]


def key(view: int, term: str) -> bytes:
    """The bytes by which a term of the view of that number is kept."""
    return bytes([view]) + term.encode()


@compiled
def make_slots(heap: Octets, begins: Offsets) -> NDArray[np.uint32]:
    """A table in which `find` finds the number of each key: 0 is an empty slot, else the number and 1.

    heap, begins (n + 1,): the keys' bytes, one after the other. Size: the power of two above 1.5 · n."""
    n = len(begins) - 1
    size = 16
    while size < n + n // 2:
        size *= 2
    slots = np.zeros(size, np.uint32)
    for number in range(n):
        slot = _hash(heap, begins[number], begins[number + 1]) & np.uint64(size - 1)
        while slots[slot]:
            slot = (slot + np.uint64(1)) & np.uint64(size - 1)
        slots[slot] = number + 1
    return slots


@compiled
def _find(
    slots: NDArray[np.uint32], heap: Octets, begins: Offsets, wanted: Octets, ends: Offsets
) -> NDArray[np.int64]:
    found = np.full(len(ends), -1, np.int64)
    first = 0
    for i in range(len(ends)):
        last = ends[i]
        slot = _hash(wanted, first, last) & np.uint64(len(slots) - 1)
        while slots[slot]:
            number = np.int64(slots[slot]) - 1
            if _equal(heap, begins[number], begins[number + 1], wanted, first, last):
                found[i] = number
                break
            slot = (slot + np.uint64(1)) & np.uint64(len(slots) - 1)
        first = last
    return found


@compiled
def _hash(octets: Octets, first: int, last: int) -> np.uint64:
    """FNV-1a, its bits mixed once more: the low ones choose the slot."""
    mixed = np.uint64(0xCBF29CE484222325)
    for i in range(first, last):
        mixed = (mixed ^ np.uint64(octets[i])) * np.uint64(0x100000001B3)
    mixed ^= mixed >> np.uint64(32)
    return mixed


@compiled
def _equal(a: Octets, first: int, last: int, b: Octets, from_: int, to: int) -> bool:
    if last - first != to - from_:
        return False
    for i in range(last - first):  # noqa: SIM110  a loop is what compiles well
        if a[first + i] != b[from_ + i]:
            return False
    return True


def find(
    slots: NDArray[np.uint32], heap: Octets, begins: Offsets, keys: Sequence[bytes]
) -> NDArray[np.int64]:
    """The number of each key, -1 where it is not there."""
    ends = np.cumsum([len(each) for each in keys])
    return _find(slots, heap, begins, np.frombuffer(b"".join(keys), np.uint8), ends)
