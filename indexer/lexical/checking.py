"""Everything that must hold inside an inverted index, looked at posting by posting.

A checksum says that a file is as it was written; this says that what was written is an index."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from indexer.errors import CorruptError
from indexer.jit import Int, compiled
from indexer.lexical.arrays import Arrays
from indexer.lexical.base import LexicalStore, Postings, TermBatch
from indexer.lexical.bitwise import ONE, count, n_set
from indexer.lexical.layout import LISTED, ODD, PostingArrays
from indexer.lexical.lookup import _expanded
from indexer.types import Ordinals, Progress, no_progress

_BATCH_DOCUMENTS = 10_000

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


def faults(store: LexicalStore, arrays: Arrays, progress: Progress = no_progress) -> Iterator[str]:
    """What is wrong with an index and its serving form, each in a sentence; nothing for a sound one.

    Positions are looked at where all counts are right: it is counts that tell which positions are whose."""
    n_found = 0
    try:
        for fault in _fundamental_faults(store, arrays, progress):
            n_found += 1
            yield fault
        if not n_found:
            yield from _position_faults(store)
    except CorruptError as error:
        yield error.message


def _fundamental_faults(store: LexicalStore, arrays: Arrays, progress: Progress) -> Iterator[str]:
    """What is wrong with documents, terms, counts and lengths, or served otherwise than stored."""
    yield from _document_faults(store)
    alike = (store.n_docs, list(store.views), list(store.fields)) == (
        arrays.n_docs,
        list(arrays.views),
        list(arrays.fields),
    )
    if not alike:
        yield "The serving arrays are those of other documents, views or fields."
    n_terms = len(arrays.postings.df)
    number = 0  # of the first term of a batch
    without_terms = list(store.views)
    for view, batches in groupby(store.every_term(), key=attrgetter("view")):
        without_terms.remove(view)
        lengths = np.zeros((len(store.fields), store.n_docs), np.int64)
        last: list[str] = []  # the term before a batch
        for batch in batches:
            by_field = _by_field(batch)
            yield from _order_faults(batch, last)
            yield from _posting_faults(store, batch, by_field, lengths)
            if alike:
                yield from _array_faults(arrays, batch, by_field, number)
            last = list(batch.terms[-1:])
            number += len(batch.terms)
            progress("check", number, n_terms)
        yield from _length_faults(store, view, lengths)
    for view in without_terms:
        yield from _length_faults(store, view, np.zeros((len(store.fields), store.n_docs), np.int64))
    if number != n_terms:
        yield f"The serving arrays have {n_terms:,} terms, the index has {number:,}."


def _document_faults(store: LexicalStore) -> Iterator[str]:
    before: list[str] = []
    for first in range(0, store.n_docs, _BATCH_DOCUMENTS):
        ids = store.doc_ids(range(first, min(first + _BATCH_DOCUMENTS, store.n_docs)))
        for one, other in pairwise([*before, *ids]):
            if one >= other:  # by code points, which is by UTF-8 bytes
                yield f"The document `{other}` stands behind `{one}`: keys have to ascend."
        before = ids[-1:]


def _order_faults(batch: TermBatch, last: list[str]) -> Iterator[str]:
    for one, other in pairwise([*last, *batch.terms]):
        if one >= other:
            yield f"The term `{other}` of `{batch.view}` stands behind `{one}`: terms have to ascend."


def _posting_faults(store: LexicalStore, batch: TermBatch, by_field: Ints, lengths: Ints) -> Iterator[str]:
    """What is wrong with the counts of terms; adds them to the lengths of documents."""
    known = store.frequencies(batch.view, batch.terms)
    found = np.array([term in known for term in batch.terms], np.bool_)
    df, cf = np.array([known.get(term, (0, 0)) for term in batch.terms], np.int64).reshape(-1, 2).T
    summed, misplaced, uncounted = _sum(batch.begins, batch.ordinals, by_field, lengths)
    checks = {
        "is not found by its name": ~found,
        "is in other documents than its df says": found & (np.diff(batch.begins) != df),
        "occurs not as often as its cf says": found & (summed != cf),
        "is in no document": summed == 0,
        "has documents that do not ascend or do not exist": misplaced,
        "has a document in which it does not occur": uncounted,
    }
    for what, wrong in checks.items():
        for place in np.flatnonzero(wrong).tolist():
            yield f"The term `{batch.terms[place]}` of `{batch.view}` {what}."


def _array_faults(arrays: Arrays, batch: TermBatch, by_field: Ints, first: int) -> Iterator[str]:
    """What the serving arrays hold otherwise than the index; `first`: the number of the first term."""
    numbers = arrays.numbers(batch.view, batch.terms)
    wrong = numbers != np.arange(first, first + len(batch.terms))
    view = arrays.views.index(batch.view)
    wrong |= _differing(
        arrays.postings, arrays.window, view, ~wrong, first, batch.begins, batch.ordinals, by_field
    )
    for place in np.flatnonzero(wrong).tolist():
        yield f"The serving arrays hold the term `{batch.terms[place]}` of `{batch.view}` otherwise."


def _length_faults(store: LexicalStore, view: str, lengths: Ints) -> Iterator[str]:
    """Documents whose terms are not as many as is stored; lengths (n_fields, n_docs)."""
    for field, found in zip(store.fields, lengths, strict=True):
        wrong = np.flatnonzero(found != store.lengths(view, field))
        if len(wrong):
            [doc_id] = store.doc_ids(wrong[:1].tolist())
            yield (
                f"{len(wrong):,} documents have not as many `{view}` in `{field}` as their length says; "
                f"the first is `{doc_id}`."
            )


def _position_faults(store: LexicalStore) -> Iterator[str]:
    """Terms whose positions fall; the store itself refuses positions that are not one for each occurrence."""
    for batch in store.every_term(positions=True):
        if batch.positions is not None:
            wrong = _falling(batch.begins, batch.positions, _by_field(batch))
            for place in np.flatnonzero(wrong).tolist():
                yield f"The term `{batch.terms[place]}` of `{batch.view}` has positions that do not ascend."


def _by_field(batch: TermBatch) -> Ints:
    """The count in each field; below 0 where they cannot be right. Shape: (n_fields, n)."""
    found = Postings(batch.ordinals.astype(np.int32), batch.counts.astype(np.int32)).by_field()
    return found.astype(np.int64)


@compiled
def _sum(
    begins: Ints, ordinals: NDArray[np.uint32], by_field: Ints, lengths: Ints
) -> tuple[Ints, Flags, Flags]:
    """How often each term occurs, which have documents that do not ascend or do not exist, and which a count
    below 0 or none above it. Every count is added to `lengths`, (n_fields, n_docs)."""
    n_fields, n_docs = lengths.shape
    cf = np.zeros(len(begins) - 1, np.int64)
    misplaced = np.zeros(len(cf), np.bool_)
    uncounted = np.zeros(len(cf), np.bool_)
    for term in range(len(cf)):
        before: Int = -1
        for i in range(begins[term], begins[term + 1]):
            ordinal = np.int64(ordinals[i])
            known = ordinal < n_docs
            misplaced[term] |= ordinal <= before or not known
            before = ordinal
            total = 0
            for field in range(n_fields):
                count = by_field[field, i]
                uncounted[term] |= count < 0
                total += count
                if known:
                    lengths[field, ordinal] += count
            uncounted[term] |= total < 1
            cf[term] += total
    return cf, misplaced, uncounted


@compiled
def _differing(
    postings: PostingArrays,
    window: int,
    view: int,
    wanted: Flags,
    first: int,
    begins: Ints,
    ordinals: NDArray[np.uint32],
    by_field: Ints,
) -> Flags:
    """Of the terms that are wanted, those of which the arrays do not hold exactly these postings."""
    wrong = np.zeros(len(wanted), np.bool_)
    for term in range(len(wanted)):
        number = first + term
        begin, n = begins[term], begins[term + 1] - begins[term]
        if not wanted[term] or postings.df[number] != n:
            wrong[term] = wanted[term]
            continue
        held, codes = _expanded(postings, number, window)
        for i in range(n):
            counts = postings.tuples[view, codes[i]]
            if codes[i] == ODD:
                key = number << 32 | np.int64(held[i])
                odd = np.searchsorted(postings.odd_keys, key)
                if odd == len(postings.odd_keys) or postings.odd_keys[odd] != key:
                    wrong[term] = True
                    continue
                counts = postings.odd_counts[odd]
            wrong[term] |= held[i] != ordinals[begin + i]
            for field in range(len(counts)):
                wrong[term] |= counts[field] != by_field[field, begin + i]
        if postings.kinds[number] == LISTED:
            wrong[term] |= not _bits_agree(postings, window, postings.places[number], held)
    return wrong


@compiled
def _bits_agree(postings: PostingArrays, window: int, place: int, held: Ordinals) -> bool:
    """Whether the bits of a list, where it has any, lead to each of its postings and to no other."""
    row = postings.list_bits[place]
    if row < 0:
        return True
    begins, bits = postings.list_begins[place], postings.bits[row]
    for i in range(len(held)):
        word = held[i] >> 6
        bit = ONE << np.uint64(held[i] & 63)
        before = np.int64(postings.ranks[row, word]) + np.int64(count(bits[word] & (bit - ONE)))
        if not bits[word] & bit or begins[held[i] // window] + before != begins[0] + i:
            return False
    return n_set(bits, 0, len(bits)) == len(held)


@compiled
def _falling(begins: Ints, positions: NDArray[np.uint32], by_field: Ints) -> Flags:
    """Which terms have positions that fall within a field of a document."""
    wrong = np.zeros(len(begins) - 1, np.bool_)
    at = 0
    for term in range(len(wrong)):
        for i in range(begins[term], begins[term + 1]):
            for field in range(by_field.shape[0]):
                for j in range(at + 1, at + by_field[field, i]):
                    wrong[term] |= positions[j] < positions[j - 1]
                at += by_field[field, i]
    return wrong
