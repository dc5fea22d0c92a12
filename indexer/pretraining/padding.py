"""Sequences of pieces as one rectangle, as a Transformer reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.pretraining.vocabulary import Ids, Vocabulary


@dataclass(frozen=True, slots=True)
class Padded:
    """Sequences of one or two texts, `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`, the shorter ones filled up.

    Shapes: all (n, longest). types: 1 for the second text and its end, else 0 · attention: 1 where there is
    a piece, 0 where it is filled up · ordinary: where there is one that is not special."""

    ids: Ids
    types: Ids
    attention: Ids
    ordinary: NDArray[np.bool_]


def padded(rows: Sequence[Sequence[Sequence[int] | NDArray[np.int32]]], vocabulary: Vocabulary) -> Padded:
    """Rows of one or two texts each."""
    longest = max(1 + sum(len(text) + 1 for text in row) for row in rows)
    ids = np.full((len(rows), longest), vocabulary.pad, np.int64)
    types, attention = np.zeros_like(ids), np.zeros_like(ids)
    ordinary = np.zeros(ids.shape, np.bool_)
    for number, row in enumerate(rows):
        ids[number, 0] = vocabulary.cls
        at = 1
        for second, text in enumerate(row):
            end = at + len(text)
            ids[number, at:end], ids[number, end] = text, vocabulary.sep
            ordinary[number, at:end] = True
            types[number, at : end + 1] = second
            at = end + 1
        attention[number, :at] = 1
    return Padded(ids, types, attention, ordinary)
