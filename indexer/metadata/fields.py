"""What can be asked of the values of one path: counts, order, groups.

A path may hold values of several kinds. Its values are then those of all of them, one kind after the other
in the order of `KINDS`, and a code counts through all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.columns import NONE, Codes, Column
from indexer.metadata.dates import written
from indexer.metadata.values import Dates, Numbers, Value, plain
from indexer.types import Ordinals


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the numbers or dates that some documents hold, each distinct one of a document once.

    Dates are ISO 8601 in UTC, and have no sum."""

    min: Value
    max: Value
    mean: Value
    sum: int | float | None


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of some documents: value and number of documents, most frequent first, ties by value.

    `further`: how many more values there are · `missing`: documents without any · `statistics`: None where
    none of the values is a number or a date."""

    values: list[tuple[Value, int]]
    further: int
    missing: int
    statistics: Statistics | None


class FieldValues:
    """The values of one path in all documents."""

    def __init__(self, path: str, columns: Sequence[Column]) -> None:
        self.path = path
        self._columns = columns
        self._begins = np.cumsum([0, *(len(each.values) for each in columns)])

    def value(self, code: int) -> Value:
        """The value of a code."""
        number = int(np.searchsorted(self._begins, code, side="right")) - 1
        return self._columns[number].values.value(code - int(self._begins[number]))

    def facet(self, ordinals: Ordinals, limit: int) -> Facet:
        """The values of some documents, each named once; the `limit` most frequent are listed."""
        entries = [each.entries(ordinals) for each in self._columns]
        by_column = [
            np.bincount(codes, minlength=len(each.values))
            for each, (_, codes) in zip(self._columns, entries, strict=True)
        ]
        counts = np.concatenate([np.empty(0, np.int64), *by_column])
        found = np.flatnonzero(counts)
        listed = _most_frequent(counts, found, limit)
        return Facet(
            values=[(self.value(code), int(counts[code])) for code in listed.tolist()],
            further=len(found) - len(listed),
            missing=len(ordinals) - _n_distinct([holders for holders, _ in entries]),
            statistics=self._statistics(by_column),
        )

    def order(self, ordinals: Ordinals, *, descending: bool = False) -> NDArray[np.int64]:
        """A key for each document: ascending keys are the wanted order. Without a value a document is last.

        Of several values the smallest counts, of a descending order the largest."""
        if descending:
            return -self._codes(ordinals, largest=True)  # 1 for none, all others at most 0
        keys = self._codes(ordinals, largest=False)
        return np.where(keys == NONE, self._begins[-1], keys)

    def groups(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """The code of the smallest value of each document, -1 where it has none."""
        return self._codes(ordinals, largest=False)

    def _codes(self, ordinals: Ordinals, *, largest: bool) -> NDArray[np.int64]:
        """The code of the smallest or the largest value of each document, over all kinds."""
        found = np.full(len(ordinals), NONE, np.int64)
        ascending = list(zip(self._columns, self._begins.tolist(), strict=False))
        for column, begin in ascending if largest else ascending[::-1]:  # the last that has one counts
            codes: Codes = column.largest(ordinals) if largest else column.smallest(ordinals)
            found = np.where(codes == NONE, found, codes + begin)
        return found

    def _statistics(self, counts: Sequence[NDArray[np.int64]]) -> Statistics | None:
        """Those of the numbers, or else of the dates."""
        for column, each in zip(self._columns, counts, strict=True):
            if each.any() and isinstance(column.values, Numbers | Dates):
                held = np.flatnonzero(each)
                return _statistics(column.values, held, each[held])
        return None


def _statistics(values: Numbers | Dates, codes: NDArray[np.int64], counts: NDArray[np.int64]) -> Statistics:
    least, greatest = values.value(int(codes[0])), values.value(int(codes[-1]))
    held = values.held[codes]
    if isinstance(values, Dates):
        first = int(held[0])
        mean = first + round(float(np.average((held - first).astype(np.float64), weights=counts)))
        return Statistics(least, greatest, written(mean), None)
    with np.errstate(over="ignore", invalid="ignore"):
        total = float((held * counts).sum())
    return Statistics(least, greatest, total / int(counts.sum()), plain(total))


def _most_frequent(counts: NDArray[np.int64], found: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """The `limit` most frequent of some ascending codes, ties by code."""
    if limit < len(found):
        place = len(found) - max(limit, 1)
        least = np.partition(counts[found], place)[place]
        found = found[counts[found] >= least]
    return found[np.argsort(-counts[found], kind="stable")][:limit]


def _n_distinct(groups: Sequence[Ordinals]) -> int:
    """How many documents there are in all groups; in each, those that are the same stand together."""
    if len(groups) == 1:
        [group] = groups
        return int(np.count_nonzero(np.diff(group))) + (len(group) > 0)
    return len(np.unique(np.concatenate([np.empty(0, np.int32), *groups])))
