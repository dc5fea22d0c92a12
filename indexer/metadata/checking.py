"""Everything that must hold inside the columns of an index, looked at entry by entry."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.columns import Column
from indexer.metadata.metadata import Metadata
from indexer.metadata.selection import PathData
from indexer.metadata.values import END, Booleans, Dates, Keywords, Numbers, Values


def faults(metadata: Metadata) -> Iterator[str]:
    """What is wrong with columns, each in a sentence; nothing for sound ones."""
    for path, data in metadata.paths.items():
        for fault in _path_faults(data, metadata.n_docs):
            yield f"The metadata of `{path}` {fault}."


def _path_faults(data: PathData, n_docs: int) -> Iterator[str]:
    sound = True
    for what, ordinals in (
        ("documents that have it", data.present),
        ("documents where it is empty", data.empty),
    ):
        if not _ascending(ordinals) or _outside(ordinals, n_docs):
            sound = False
            yield f"names {what} that do not ascend or do not exist"
    if sound and not np.isin(data.empty, data.present).all():
        yield "is empty in documents that do not have it"
    for column in data.columns:
        found = list(_column_faults(column))
        yield from (f"has a column of kind `{column.kind}` {fault}" for fault in found)
        if sound and not found and not np.isin(column.ordinals, data.present).all():
            yield f"has a column of kind `{column.kind}` with documents that do not have it"


def _column_faults(column: Column) -> Iterator[str]:
    held = column.values
    fault = _keyword_fault(held) if isinstance(held, Keywords) else ""
    if fault:
        yield fault
    elif not _values_ascend(held):
        yield "whose values do not ascend"
    if isinstance(held, Booleans) and (held.held > 1).any():
        yield "with a value that is neither true nor false"
    if isinstance(held, Numbers) and not np.isfinite(held.held).all():
        yield "with a value that is no number"
    if _outside(column.ordinals, column.n_docs) or _outside(column.codes, len(held)):
        yield "with documents or values that do not exist"
        return
    if not _ascending(column.ordinals.astype(np.int64) << 32 | column.codes):
        yield "whose entries do not ascend"
    if len(np.unique(column.codes)) < len(held):
        yield "with a value that no document holds"
    if len(np.unique(column.ordinals)) != column.n_holders:
        yield "in which not as many documents hold a value as it says"


def _keyword_fault(held: Keywords) -> str:
    """What is wrong with the bytes of keywords, so that they cannot be told apart; empty where nothing is."""
    begins = held.begins
    if len(begins) == 0 or begins[0] != 0 or begins[-1] != len(held.held) or not _ascending(begins):
        return "whose values cannot be told apart"
    ends = np.flatnonzero(held.held == END[0])
    if not np.array_equal(ends, begins[1:] - 1):
        return "whose values cannot be told apart"
    try:
        held.held.tobytes().replace(END, b" ").decode()
    except UnicodeDecodeError:
        return "with a value that is no Unicode text"
    return ""


def _values_ascend(values: Values) -> bool:
    if isinstance(values, Keywords):
        return all(one < other for one, other in pairwise(values))
    assert isinstance(values, Booleans | Numbers | Dates)
    return _ascending(values.held)


def _ascending(values: NDArray[Any]) -> bool:
    """Whether each is greater than the one before."""
    return bool((values[1:] > values[:-1]).all())


def _outside(numbers: NDArray[np.int32], end: int) -> bool:
    """Whether any of them is below 0, or not below the end."""
    return bool(((numbers < 0) | (numbers >= end)).any())
