"""Packed integers come back as they were, take the bytes they are said to, and are refused when cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.lexical.occurrences import Occurrences
from indexer.lexical.packing import (
    BLOCK,
    PADDING,
    add_steps,
    ordinal_steps,
    pack,
    pack_lists,
    packed_size,
    skip_lists,
    unpack,
    unpack_lists,
)

N_EDGES = [0, 1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 1]
widths = st.integers(0, 32)


@st.composite
def sequences(draw, most=3 * BLOCK + 2):
    """Values of every width and every length; blocks may differ in width."""
    n = draw(st.one_of(st.sampled_from(N_EDGES), st.integers(0, most)))
    parts = [
        np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 1 << draw(widths), min(BLOCK, n - at))
        for at in range(0, n, BLOCK)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.uint32)


def by_the_book(values):
    """The packed bytes as the module describes them, with Python's own integers."""
    out = b""
    for begin in range(0, len(values), BLOCK):
        block = [int(each) for each in values[begin : begin + BLOCK]]
        width = max(block).bit_length()
        held = sum(value << width * place for place, value in enumerate(block))
        out += bytes([width]) + held.to_bytes((len(block) * width + 7) // 8, "little")
    return out


def test_three_values_of_two_bits_take_two_bytes():
    assert pack(np.array([1, 2, 3], np.uint32)) == bytes([2, 0b11_10_01])


def test_a_block_of_zeros_takes_one_byte():
    assert pack(np.zeros(BLOCK + 1, np.uint32)) == bytes(2)


@given(sequences())
@example(np.full(BLOCK + 1, 2**32 - 1, np.uint32))
def test_what_is_packed_comes_back(values):
    packed = pack(values)
    assert packed == by_the_book(values)
    assert len(packed) == packed_size(values, 0, len(values))
    np.testing.assert_array_equal(unpack(packed, len(values)), values)


@given(st.lists(st.integers(0, 2**32 - 1), max_size=BLOCK + 2))
def test_any_values_come_back(values):
    assert unpack(pack(np.array(values, np.uint32)), len(values)).tolist() == values


@given(widths, st.integers(1, 4), st.integers(0, 2**32))
def test_a_value_of_a_full_block_takes_its_bits_and_a_sixteenth_more(width, n_blocks, seed):
    values = np.random.default_rng(seed).integers(0, 1 << width, n_blocks * BLOCK).astype(np.uint32)
    bits = 8 * len(pack(values))
    assert bits <= len(values) * (width + 1 / 16)
    assert bits >= sum(int(each).bit_length() for each in values)


@given(sequences())
def test_bytes_cut_off_or_added_are_refused(values):
    packed = pack(values)
    for kept in range(max(0, len(packed) - 40), len(packed)):
        with pytest.raises(ValueError, match="packed values"):
            unpack(packed[:kept], len(values))
    with pytest.raises(ValueError, match="packed values"):
        unpack(packed + b"\0", len(values))


@given(sequences(), st.integers(1, 3 * BLOCK))
def test_another_number_of_values_than_there_are_is_refused_where_the_bytes_tell(values, more):
    packed = pack(values)
    n = len(values) + more
    if by_the_book_size(packed, n) != len(packed):
        with pytest.raises(ValueError, match="packed values"):
            unpack(packed, n)


def by_the_book_size(packed, n):
    """How many bytes `n` values take that begin like these; None where the bytes end before."""
    at = 0
    for begin in range(0, n, BLOCK):
        if at >= len(packed) or packed[at] > 32:
            return None
        at += 1 + (min(BLOCK, n - begin) * packed[at] + 7) // 8
    return at if at <= len(packed) else None


@given(st.binary(max_size=600), st.one_of(st.sampled_from(N_EDGES), st.integers(0, 400)))
@example(bytes([33, *bytes(600)]), 1)
@example(bytes([255, *bytes(600)]), BLOCK)
@example(b"", 1)
def test_any_bytes_are_the_values_asked_for_or_refused(data, n):
    if by_the_book_size(data, n) == len(data):
        values = unpack(data, n)
        assert values.shape == (n,)
        assert values.dtype == np.uint32
    else:
        with pytest.raises(ValueError, match="packed values"):
            unpack(data, n)


def begins_of(sizes):
    return np.cumsum([0, *sizes], dtype=np.int64)


sizes = st.lists(st.one_of(st.sampled_from(N_EDGES), st.integers(0, 20)), max_size=8)


@given(sizes, st.integers(1, 3), widths, st.integers(0, 2**32), st.data())
def test_lists_are_packed_one_after_the_other(sizes, n_rows, width, seed, data):
    begins = begins_of(sizes)
    streams = np.random.default_rng(seed).integers(0, 1 << width, (n_rows, begins[-1])).astype(np.uint32)
    wanted = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    heap, ends = pack_lists(begins, streams, np.array(wanted, np.bool_))
    expected = [
        b"".join(pack(row[first:last]) for row in streams) if want else b""
        for (first, last), want in zip(pairwise(begins.tolist()), wanted, strict=True)
    ]
    assert heap.tobytes() == b"".join(expected)
    assert ends.tolist() == np.cumsum([len(each) for each in expected], dtype=int).tolist()


@given(sizes, st.integers(1, 3), widths, st.integers(0, 2**32), st.integers(1, 50))
def test_packed_lists_come_back_and_are_passed_over(sizes, n_rows, width, seed, n_cut):
    begins = begins_of(sizes)
    streams = np.random.default_rng(seed).integers(0, 1 << width, (n_rows, begins[-1])).astype(np.uint32)
    heap, ends = pack_lists(begins, streams, np.ones(len(sizes), np.bool_))
    padded = np.concatenate([heap, np.zeros(PADDING, np.uint8)])
    out = np.empty_like(streams)
    assert unpack_lists(padded, begins, out) == len(heap)
    np.testing.assert_array_equal(out, streams)
    each = np.repeat(np.array(sizes, np.uint32), n_rows)
    for list_ in range(len(sizes) + 1):
        passed = skip_lists(heap, each[: list_ * n_rows], 0)
        assert passed == (ends[list_ - 1] if list_ else 0)
        assert skip_lists(heap, each[list_ * n_rows :], passed) == len(heap)
    if len(heap):
        cut = heap[: max(0, len(heap) - n_cut)]
        assert unpack_lists(np.concatenate([cut, np.zeros(PADDING, np.uint8)]), begins, out) == -1


def test_passing_over_lists_whose_first_byte_is_missing_is_refused():
    heap = np.frombuffer(pack(np.arange(BLOCK, dtype=np.uint32)), np.uint8)
    assert skip_lists(heap, np.array([BLOCK], np.uint32), 0) == len(heap)
    assert skip_lists(heap, np.array([BLOCK + 1], np.uint32), 0) == -1
    assert skip_lists(heap, np.array([BLOCK, 1], np.uint32), 0) == -1


def test_passing_over_a_list_whose_last_byte_is_missing_is_refused():
    heap = np.frombuffer(pack(np.arange(BLOCK, dtype=np.uint32)), np.uint8)
    assert skip_lists(heap[:-1], np.array([BLOCK], np.uint32), 0) == -1


@given(st.lists(st.sets(st.integers(0, 2**32 - 2), max_size=20).map(sorted), max_size=6))
def test_steps_add_up_to_the_ordinals(lists):
    begins = begins_of(map(len, lists))
    ordinals = np.array([each for one in lists for each in one], np.uint32)
    steps = ordinal_steps(begins, ordinals)
    expected = [
        now if before is None else now - before - 1 for one in lists for before, now in pairwise([None, *one])
    ]
    assert steps.tolist() == expected
    np.testing.assert_array_equal(add_steps(begins, steps), ordinals)


def test_positions_of_an_impossible_width_are_refused():
    with pytest.raises(ValueError, match="positions"):
        Occurrences(bytes([40, *bytes(5)]), np.array([[1]], np.int32)).all()
