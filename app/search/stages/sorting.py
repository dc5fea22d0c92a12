"""Hits in the order of fields, and so many of each value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.search.fusion import Fused
from indexer.generation import Generation
from indexer.metadata import FieldValues, Value


@dataclass(frozen=True, slots=True)
class Grouped:
    """The value that a hit stands for, and how many hits more have it that are left out."""

    value: Value
    more: int


DIRECTIONS = {"asc": False, "desc": True}


def sort_hits(fused: Fused, sort: Sequence[str], generation: Generation) -> Fused:
    """The hits by the fields, each `NAME`, `NAME:asc` or `NAME:desc`, the first before the others.

    Ties: higher score, then smaller ordinal. Of several values the smallest counts, descending the largest;
    hits without a value are last in both directions. Raises: UnknownNameError, InputError."""
    keys: list[NDArray[np.int64]] = [fused.ordinals.astype(np.int64), -fused.scores]
    for number, each in reversed(list(enumerate(sort))):
        name, _, direction = each.rpartition(":")
        if direction not in DIRECTIONS:
            name, direction = each, "asc"
        values = generation.metadata.field(name, f"/sort/{number}")
        keys.append(values.order(fused.ordinals, descending=DIRECTIONS[direction]))
    return fused.at(np.lexsort(keys))


def group_hits(fused: Fused, values: FieldValues, size: int) -> tuple[Fused, list[Grouped | None]]:
    """The first `size` hits of each value in their order, and for each its value and how many hits more have
    it; a hit without a value stands for itself, with None."""
    codes = values.groups(fused.ordinals)
    order = np.argsort(codes, kind="stable")
    _, firsts, sizes = np.unique(codes[order], return_index=True, return_counts=True)
    places = np.empty(len(codes), np.int64)  # of each hit among those of its value
    places[order] = np.arange(len(codes)) - np.repeat(firsts, sizes)
    of_value = np.empty(len(codes), np.int64)  # hits of its value
    of_value[order] = np.repeat(sizes, sizes)
    kept = np.flatnonzero((codes < 0) | (places < size))
    groups = [
        None
        if codes[each] < 0
        else Grouped(values.value(int(codes[each])), max(int(of_value[each]) - size, 0))
        for each in kept
    ]
    return fused.at(kept), groups
