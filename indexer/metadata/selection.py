"""Which documents one leaf of a filter selects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.errors import InputError
from indexer.filters import Bound, Contains, Exists, IsEmpty, Leaf, OneOf, Range, StartsWith
from indexer.metadata.columns import Column, Mask, scattered
from indexer.metadata.values import Keywords, Kind, Span
from indexer.types import Ordinals

NO_CODES = np.empty(0, np.int64)
WANTED: dict[Kind, str] = {
    "boolean": "`true` or `false`",
    "number": "a number",
    "date": "an ISO 8601 date",
    "keyword": "a text",
}


@dataclass(frozen=True, slots=True)
class PathData:
    """What is known of one path: the documents that have it, those in which it is empty, and its values.

    `text`: it is a text field, whose values are not kept. Ordinals ascend; `columns` are in the order of
    `KINDS`."""

    text: bool
    present: Ordinals
    empty: Ordinals
    columns: Sequence[Column]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its values; of a text field `text`."""
        return ("text",) if self.text and not self.columns else tuple(each.kind for each in self.columns)


def selected(data: PathData, leaf: Leaf, n_docs: int) -> Mask:
    """The documents that a leaf selects, (n_docs,). Raises: InputError where its values do not fit."""
    match leaf:
        case Exists():
            return scattered(data.present, n_docs)
        case IsEmpty():
            return scattered(data.empty, n_docs)
        case OneOf(_, values):
            wanted = _one_of(leaf, values, data.columns)
        case Range(_, lower, upper):
            wanted = _within(leaf, lower, upper, data.columns)
        case Contains(_, text):
            wanted = _of_keywords(leaf, "CONTAINS", data.columns, lambda values: values.containing(text))
        case StartsWith(_, text):
            wanted = _of_keywords(leaf, "STARTS WITH", data.columns, lambda values: values.starting(text))
        case _:
            raise AssertionError(f"no leaf of a filter: {leaf}")
    found = np.zeros(n_docs, np.bool_)
    for column, mask in zip(data.columns, wanted, strict=True):
        found |= column.holders(mask)
    return found


def _one_of(leaf: Leaf, texts: Sequence[str], columns: Sequence[Column]) -> list[Mask]:
    """Which values of each column are equal to any of the texts; each has to fit one of the columns."""
    wanted = [np.zeros(len(each.values), np.bool_) for each in columns]
    for text in texts:
        spans = [each.values.span(text) for each in columns]
        _check_fit(leaf, text, spans, columns)
        for mask, span in zip(wanted, spans, strict=True):
            if span is not None:
                mask[span.begin : span.end] = True
    return wanted


def _within(leaf: Leaf, lower: Bound | None, upper: Bound | None, columns: Sequence[Column]) -> list[Mask]:
    """Which values of each column are within the bounds: of those columns that both of them fit."""
    if columns and not any(each.values.ordered for each in columns):
        raise _unfit(leaf, columns, "it has no order, compare it by `=`")
    wanted = [np.zeros(len(each.values), np.bool_) for each in columns]
    ends = [_ends(each, lower, upper) for each in columns]
    for text in (bound.value for bound in (lower, upper) if bound is not None):
        _check_fit(leaf, text, [each.values.span(text) for each in columns], columns)
    for mask, span in zip(wanted, ends, strict=True):
        if span is not None:
            mask[span.begin : span.end] = True
    return wanted


def _ends(column: Column, lower: Bound | None, upper: Bound | None) -> Span | None:
    """The codes within the bounds; None where one of them does not fit."""
    begin, end = 0, len(column.values)
    if lower is not None:
        span = column.values.span(lower.value)
        if span is None:
            return None
        begin = span.begin if lower.inclusive else span.end
    if upper is not None:
        span = column.values.span(upper.value)
        if span is None:
            return None
        end = span.end if upper.inclusive else span.begin
    return Span(begin, end) if column.values.ordered else None


def _of_keywords(
    leaf: Leaf, operator: str, columns: Sequence[Column], codes: Callable[[Keywords], NDArray[np.int64]]
) -> list[Mask]:
    """The keywords with these codes."""
    if columns and not any(isinstance(each.values, Keywords) for each in columns):
        raise _unfit(leaf, columns, f"{operator} looks into keywords alone")
    return [
        scattered(codes(values) if isinstance(values := each.values, Keywords) else NO_CODES, len(values))
        for each in columns
    ]


def _check_fit(leaf: Leaf, text: str, spans: Sequence[Span | None], columns: Sequence[Column]) -> None:
    """Raises InputError where a text is of none of the kinds."""
    if columns and all(span is None for span in spans):
        wanted = " or ".join(WANTED[each.kind] for each in columns)
        raise _unfit(leaf, columns, f"{wanted} was expected, found `{text[:100]}`")


def _unfit(leaf: Leaf, columns: Sequence[Column], what: str) -> InputError:
    kinds = ", ".join(f"`{each.kind}`" for each in columns)
    return InputError(
        f"{leaf.place}`{leaf.path}` is of type {kinds}: {what}.",
        pointer=leaf.place.pointer,
        code="filter_type",
    )
