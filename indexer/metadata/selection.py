"""Which documents one leaf of a filter selects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.errors import InputError
from indexer.filters import Bound, Contains, Exists, IsEmpty, Leaf, OneOf, Range, StartsWith
from indexer.metadata.columns import Column, Mask, scattered
from indexer.metadata.values import Keywords, Kind, Span, Values
from indexer.types import Ordinals

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
    ordered = [each for each in columns if each.values.ordered]
    if columns and not ordered:
        raise _unfit(leaf, columns, "it has no order, compare it by `=`")
    for bound in (lower, upper):
        if bound is not None:
            _check_fit(leaf, bound.value, [each.values.span(bound.value) for each in ordered], ordered)
    return [_mask_within(each.values, lower, upper) for each in columns]


def _mask_within(values: Values, lower: Bound | None, upper: Bound | None) -> Mask:
    """Which values are within the bounds: none where these do not fit, or where there is no order."""
    wanted = np.zeros(len(values), np.bool_)
    lowest = values.span(lower.value) if lower else Span(0, 0)
    highest = values.span(upper.value) if upper else Span(len(values), len(values))
    if lowest and highest and values.ordered:
        begin = lowest.end if lower and not lower.inclusive else lowest.begin
        end = highest.begin if upper and not upper.inclusive else highest.end
        wanted[begin:end] = True
    return wanted


def _of_keywords(
    leaf: Leaf, operator: str, columns: Sequence[Column], found: Callable[[Keywords], Mask]
) -> list[Mask]:
    """Which values of each column are found: none but keywords."""
    if columns and not any(isinstance(each.values, Keywords) for each in columns):
        raise _unfit(leaf, columns, f"{operator} looks into keywords alone")
    return [
        found(values) if isinstance(values := each.values, Keywords) else np.zeros(len(values), np.bool_)
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
