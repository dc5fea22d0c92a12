"""Everything that must hold inside an inverted index, looked at posting by posting.

A checksum says that a file is as it was written; this says that what was written is an index."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled
from indexer.lexical.arrays import Arrays
from indexer.lexical.base import LexicalStore, Postings, TermBatch
from indexer.lexical.lookup import postings_of
from indexer.types import Progress, no_progress

_BATCH_DOCUMENTS = 10_000

Lengths = dict[tuple[str, str], NDArray[np.int64]]


def faults(store: LexicalStore, arrays: Arrays, progress: Progress = no_progress) -> Iterator[str]:
    """What is wrong with an index and its serving form, each in a sentence; nothing for a sound one.

    Raises: CorruptError where a list cannot be unpacked at all."""
    yield from _document_faults(store)
    lengths: Lengths = {
        (view, field): np.zeros(store.n_docs, np.int64) for view in store.views for field in store.fields
    }
    last: dict[str, str] = {}
    number = 0
    for batch in store.every_term(positions=True):
        yield from _order_faults(batch, last.get(batch.view, ""))
        last[batch.view] = batch.terms[-1]
        yield from _posting_faults(store, batch)
        yield from _array_faults(arrays, batch, number)
        _add_lengths(store, batch, lengths)
        number += len(batch.terms)
        progress("check", number, len(arrays.postings.df))
    if number != len(arrays.postings.df):
        yield f"The serving arrays have {len(arrays.postings.df):,} terms, the index has {number:,}."
    for (view, field), found in lengths.items():
        wrong = np.flatnonzero(found != store.lengths(view, field))
        if len(wrong):
            doc_id = store.doc_ids(wrong[:1].tolist())[0]
            yield (
                f"{len(wrong):,} documents have not as many `{view}` in `{field}` as their length says; "
                f"the first is `{doc_id}`."
            )


def _document_faults(store: LexicalStore) -> Iterator[str]:
    before = None
    for first in range(0, store.n_docs, _BATCH_DOCUMENTS):
        ids = store.doc_ids(range(first, min(first + _BATCH_DOCUMENTS, store.n_docs)))
        for one, other in pairwise(ids if before is None else [before, *ids]):
            if one >= other:
                yield f"The document `{other}` stands behind `{one}`: keys have to ascend."
        before = ids[-1]


def _order_faults(batch: TermBatch, before: str) -> Iterator[str]:
    for one, other in pairwise([before, *batch.terms]):
        if one >= other:
            yield f"The term `{other}` of `{batch.view}` stands behind `{one}`: terms have to ascend."


def _posting_faults(store: LexicalStore, batch: TermBatch) -> Iterator[str]:
    by_field = Postings(batch.ordinals.astype(np.int32), batch.counts.astype(np.int32)).by_field()
    known = store.frequencies(batch.view, batch.terms)
    frequencies = np.array([known.get(term, (0, 0)) for term in batch.terms], np.int64)
    cf = np.add.reduceat(batch.counts[0].astype(np.int64), batch.begins[:-1])
    checks = {
        "is in other documents than its df says": np.diff(batch.begins) != frequencies[:, 0],
        "occurs not as often as its cf says": cf != frequencies[:, 1],
        "has documents that do not ascend or do not exist": _any(
            batch.begins, _misplaced(batch.begins, batch.ordinals, store.n_docs)
        ),
        "has a document in which it does not occur": _any(
            batch.begins, (by_field < 0).any(axis=0) | (batch.counts[0] == 0)
        ),
    }
    if batch.positions is not None and (by_field >= 0).all():
        checks["has positions that do not ascend"] = _any(batch.begins, _falling(batch.positions, by_field))
    for what, wrong in checks.items():
        for place in np.flatnonzero(wrong).tolist():
            yield f"The term `{batch.terms[place]}` of `{batch.view}` {what}."


def _array_faults(arrays: Arrays, batch: TermBatch, first: int) -> Iterator[str]:
    """What the serving arrays hold otherwise than the index."""
    numbers = arrays.numbers(batch.view, batch.terms).tolist()
    by_field = Postings(batch.ordinals.astype(np.int32), batch.counts.astype(np.int32)).by_field().T
    for place, number in enumerate(numbers):
        here = slice(batch.begins[place], batch.begins[place + 1])
        same = number == first + place
        if same:
            ordinals, counts = postings_of(arrays, number)
            same = np.array_equal(ordinals, batch.ordinals[here]) and np.array_equal(counts, by_field[here])
        if not same:
            yield f"The serving arrays hold the term `{batch.terms[place]}` of `{batch.view}` otherwise."


def _add_lengths(store: LexicalStore, batch: TermBatch, lengths: Lengths) -> None:
    by_field = Postings(batch.ordinals.astype(np.int32), batch.counts.astype(np.int32)).by_field()
    inside = batch.ordinals < store.n_docs
    for field, counts in zip(store.fields, by_field, strict=True):
        found = np.bincount(batch.ordinals[inside], weights=counts[inside], minlength=store.n_docs)
        lengths[batch.view, field] += found.astype(np.int64)


def _any(begins: NDArray[np.int64], wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which terms have a posting that is wrong."""
    found: NDArray[np.bool_] = np.add.reduceat(wrong.astype(np.int64), begins[:-1]) > 0
    return found


@compiled
def _misplaced(begins: NDArray[np.int64], ordinals: NDArray[np.uint32], n_docs: int) -> NDArray[np.bool_]:
    """Which ordinals do not exist or do not follow the one before."""
    wrong = ordinals >= n_docs
    for term in range(len(begins) - 1):
        for i in range(begins[term] + 1, begins[term + 1]):
            if ordinals[i] <= ordinals[i - 1]:
                wrong[i] = True
    return wrong


def _falling(positions: NDArray[np.uint32], by_field: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which postings have positions that fall within a field. by_field (n_fields, n): how many each has."""
    texts = np.repeat(np.arange(by_field.size), by_field.T.ravel())  # by posting, then field
    falls = (np.diff(positions.astype(np.int64)) < 0) & (np.diff(texts) == 0)
    wrong = np.zeros(by_field.shape[1], np.bool_)
    wrong[texts[1:][falls] // len(by_field)] = True
    return wrong
