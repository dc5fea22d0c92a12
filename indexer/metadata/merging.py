"""The metadata of several segments as that of one index."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.columns import Column
from indexer.metadata.metadata import Metadata
from indexer.metadata.selection import PathData
from indexer.metadata.values import KINDS, Booleans, Dates, Keywords, Kind, Numbers, Values
from indexer.placement import Placement
from indexer.types import FieldSettings, Ordinals

Part = tuple[Metadata, Placement]


def merged_metadata(parts: Sequence[Part], n_docs: int, fields: Mapping[str, FieldSettings]) -> Metadata:
    """The metadata of all documents, each path put together when it is first asked for.

    fields: those that are there whether or not a document has them; a path inside of an object is there where
    a document has it."""
    return Metadata(n_docs, _MergedPaths(parts, n_docs, fields))


class _MergedPaths(Mapping[str, PathData]):
    """Safe for any number of threads: the same path may be put together twice, with the same result."""

    def __init__(self, parts: Sequence[Part], n_docs: int, fields: Mapping[str, FieldSettings]) -> None:
        self._parts = parts
        self._n_docs = n_docs
        self._fields = fields
        self._names = [
            name
            for name in sorted({name for metadata, _ in parts for name in metadata.paths})
            if name in fields or any(len(_present(part, name)) for part in parts)
        ]
        self._made: dict[str, PathData] = {}

    def __getitem__(self, name: str) -> PathData:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._merged(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _merged(self, name: str) -> PathData:
        held = [(part.paths[name], placement) for part, placement in self._parts if name in part.paths]
        columns: list[Column] = []
        for kind in KINDS:
            some = [
                (column, placement)
                for data, placement in held
                for column in data.columns
                if column.kind == kind
            ]
            declared = name in self._fields and self._fields[name].type == kind
            if some:
                merged = _merged_column(kind, some, self._n_docs)
                if declared or len(merged.codes):
                    columns.append(merged)
        return PathData(
            text=any(data.text for data, _ in held),
            present=_joined([placement.outward(data.present) for data, placement in held]),
            empty=_joined([placement.outward(data.empty) for data, placement in held]),
            columns=columns,
        )


def _present(part: Part, name: str) -> Ordinals:
    """The documents that are there now and have a path."""
    metadata, placement = part
    data = metadata.paths.get(name)
    return np.empty(0, np.int32) if data is None else placement.outward(data.present)


def _joined(ordinals: Sequence[Ordinals]) -> Ordinals:
    """All of them, ascending."""
    return np.sort(np.concatenate([np.empty(0, np.int32), *ordinals]), kind="stable")


def _merged_column(kind: Kind, parts: Sequence[tuple[Column, Placement]], n_docs: int) -> Column:
    """The entries of documents that are there now, with the values of all."""
    values, codes_of = _merged_values([column.values for column, _ in parts])
    entries = [
        _entries(column, placement, codes) for (column, placement), codes in zip(parts, codes_of, strict=True)
    ]
    # Each part ascends, so that sorting is merging.
    every = np.sort(np.concatenate(entries), kind="stable")
    ordinals = (every >> 32).astype(np.int32)
    n_holders = int(np.count_nonzero(np.diff(ordinals, prepend=np.int32(-1))))
    return Column(kind, values, ordinals, (every & 0xFFFFFFFF).astype(np.int32), n_docs, n_holders)


def _entries(column: Column, placement: Placement, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ordinal and code of each entry, as one number."""
    found = codes[column.codes]
    if placement.plain:
        return column.ordinals.astype(np.int64) << 32 | found
    places = placement.places_of(column.ordinals).astype(np.int64)
    there = places >= 0
    return places[there] << 32 | found[there]


def _merged_values(parts: Sequence[Values]) -> tuple[Values, list[NDArray[np.int64]]]:
    """The values of all parts, and the code that each value of each part has among them."""
    first = parts[0]
    if isinstance(first, Keywords):
        return _merged_keywords([each for each in parts if isinstance(each, Keywords)])
    assert isinstance(first, Booleans | Numbers | Dates)
    held: list[NDArray[Any]] = [each.held for each in parts if isinstance(each, type(first))]
    union = reduce(np.union1d, held)
    return type(first)(union), [np.searchsorted(union, each) for each in held]


def _merged_keywords(parts: Sequence[Keywords]) -> tuple[Keywords, list[NDArray[np.int64]]]:
    """The same of keywords: what the later parts have of their own is put into the first, the largest."""
    whole, codes = parts[0], [np.arange(len(parts[0]))]
    for part in parts[1:]:
        found = [whole.find(each) for each in part]
        places = np.array([place for place, _ in found], np.int64)
        new = ~np.array([there for _, there in found], np.bool_)
        shift = np.searchsorted(places[new], np.arange(len(whole)), side="right")
        of_part = places.copy()
        of_part[new] += np.arange(np.count_nonzero(new))
        of_part[~new] += shift[places[~new]]
        codes = [each + shift[each] for each in codes] + [of_part]
        whole = whole.with_new(
            [each for each, is_new in zip(part, new.tolist(), strict=True) if is_new], places[new]
        )
    return whole, codes
