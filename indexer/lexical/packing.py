"""Small integers in few bits: blocks of 128 values, each as wide as its largest.

A sequence is stored block after block: one byte that says how many bits a value has (0 to 32), then the
values, lowest bit first, filled up to whole bytes; the last block holds what is left. How many values
there are is known from elsewhere. A value takes its bits and 1/16 more; a block of zeros takes one byte."""

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled

BLOCK = 128
PADDING = 8
"""Bytes behind packed ones that a reader may look at."""

Bytes = NDArray[np.uint8]
Values = NDArray[np.uint32]


@compiled
def packed_size(values: Values, begin: Int, end: Int) -> Int:
    """Bytes that `values[begin:end]` take when packed."""
    size: Int = 0
    while begin < end:
        stop = min(begin + BLOCK, end)
        size += 1 + ((stop - begin) * _width(values, begin, stop) + 7) // 8
        begin = stop
    return size


@compiled
def _width(values: Values, begin: Int, end: Int) -> Int:
    """Bits of the largest of the values; 0 where all are 0."""
    seen = np.uint32(0)
    for i in range(begin, end):
        seen |= values[i]
    width = 0
    while seen >> np.uint32(width):
        width += 1
        if width == 32:
            break
    return width


@compiled
def pack_into(values: Values, begin: Int, end: Int, out: Bytes, at: Int) -> Int:
    """Packs `values[begin:end]` to `out[at:]`; where the bytes end."""
    while begin < end:
        stop = min(begin + BLOCK, end)
        width = _width(values, begin, stop)
        out[at] = width
        at += 1
        held = np.uint64(0)  # bits that do not fill a byte yet
        n_held: Int = 0
        for i in range(begin, stop):
            held |= np.uint64(values[i]) << np.uint64(n_held)
            n_held += width
            while n_held >= 8:
                out[at] = held & np.uint64(255)
                at += 1
                held >>= np.uint64(8)
                n_held -= 8
        if n_held:
            out[at] = held
            at += 1
        begin = stop
    return at


@compiled
def unpack_from(data: Bytes, at: Int, out: Values, begin: Int, end: Int) -> Int:
    """Unpacks `end - begin` values from `data[at:]` to `out[begin:end]`; where their bytes end.

    -1 where the bytes end too early or a width is impossible. `data` ends with PADDING bytes that hold
    nothing: eight bytes are read at a time."""
    last = len(data) - PADDING
    while begin < end:
        stop = min(begin + BLOCK, end)
        if at >= last:
            return -1
        width = np.int64(data[at])
        at += 1
        size = ((stop - begin) * width + 7) // 8
        if width > 32 or at + size > last:
            return -1
        mask = (np.uint64(1) << np.uint64(width)) - np.uint64(1)
        bit = np.uint64(0)
        for i in range(begin, stop):
            place = np.uint64(at) + (bit >> np.uint64(3))
            held = np.uint64(0)
            for byte in range(8):
                held |= np.uint64(data[place + np.uint64(byte)]) << np.uint64(8 * byte)
            out[i] = (held >> (bit & np.uint64(7))) & mask
            bit += np.uint64(width)
        at += size
        begin = stop
    return at


@compiled
def pack_lists(
    begins: NDArray[np.int64], streams: NDArray[np.uint32], wanted: NDArray[np.bool_]
) -> tuple[Bytes, NDArray[np.int64]]:
    """The packed bytes of lists, and where those of each end; nothing for a list that is not wanted.

    begins (n_lists + 1,): where each list begins in each row of `streams`. Of a list, the values of the
    first row are packed, then those of the next."""
    n_lists = len(begins) - 1
    ends = np.empty(n_lists, np.int64)
    size: Int = 0
    for each in range(n_lists):
        if wanted[each]:
            for row in range(streams.shape[0]):
                size += packed_size(streams[row], begins[each], begins[each + 1])
        ends[each] = size
    heap = np.empty(size, np.uint8)
    at: Int = 0
    for each in range(n_lists):
        if wanted[each]:
            for row in range(streams.shape[0]):
                at = pack_into(streams[row], begins[each], begins[each + 1], heap, at)
    return heap, ends


@compiled
def unpack_lists(heap: Bytes, begins: NDArray[np.int64], out: NDArray[np.uint32]) -> Int:
    """Unpacks what `pack_lists` packed, one list after the other, to the rows of `out`; where the bytes end.

    begins (n_lists + 1,): where the values of each list begin. -1 where the bytes end too early. `heap` ends
    with PADDING."""
    at: Int = 0
    for each in range(len(begins) - 1):
        for row in range(out.shape[0]):
            at = unpack_from(heap, at, out[row], begins[each], begins[each + 1])
            if at < 0:
                return -1
    return at


@compiled
def skip_lists(heap: Bytes, sizes: Values, at: Int) -> Int:
    """Where the bytes of packed lists of these sizes end, from `at` on; -1 where the heap ends too early."""
    for size in sizes:
        left: Int = np.int64(size)
        while left > 0:
            if at >= len(heap):
                return -1
            at += 1 + (np.int64(min(BLOCK, left)) * np.int64(heap[at]) + 7) // 8
            left -= BLOCK
    return at if at <= len(heap) else -1


@compiled
def ordinal_steps(begins: NDArray[np.int64], ordinals: Values) -> Values:
    """Of each list the first ordinal, then the steps to the next less 1."""
    steps = np.empty(len(ordinals), np.uint32)
    for each in range(len(begins) - 1):
        for i in range(begins[each], begins[each + 1]):
            steps[i] = ordinals[i] if i == begins[each] else ordinals[i] - ordinals[i - 1] - np.uint32(1)
    return steps


@compiled
def add_steps(begins: NDArray[np.int64], steps: Values) -> Values:
    """The ordinals whose steps these are."""
    ordinals = np.empty(len(steps), np.uint32)
    for each in range(len(begins) - 1):
        for i in range(begins[each], begins[each + 1]):
            ordinals[i] = steps[i] if i == begins[each] else ordinals[i - 1] + steps[i] + np.uint32(1)
    return ordinals


def pack(values: NDArray[np.unsignedinteger]) -> bytes:
    """The bytes of a sequence of integers below 2³²."""
    wanted = np.ascontiguousarray(values, np.uint32)
    out = np.empty(packed_size(wanted, 0, len(wanted)), np.uint8)
    pack_into(wanted, 0, len(wanted), out, 0)
    return out.tobytes()


def unpack(data: bytes, n: int) -> Values:
    """The `n` integers of a packed sequence. Raises: ValueError where the bytes are not those of `n`."""
    out = np.empty(n, np.uint32)
    if unpack_from(np.frombuffer(data + bytes(PADDING), np.uint8), 0, out, 0, n) != len(data):
        raise ValueError(f"{len(data)} bytes are not {n} packed values")
    return out
