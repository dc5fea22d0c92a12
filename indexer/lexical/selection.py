"""Sets of documents as bits."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from indexer.types import Allowed, Ordinals

Bits = NDArray[np.uint64]
"""A set of documents, a bit each, lowest first in words of 64; none is set behind the last document."""


EVERYONE = np.empty(0, np.uint64)
"""What the kernel takes for no set at all."""


def both(one: Allowed | None, other: Allowed | None) -> Allowed | None:
    """The documents that both allow; None allows all."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def bits(allowed: Allowed) -> Bits:
    """The set as a bit a document."""
    packed = np.packbits(allowed, bitorder="little")
    padded = np.zeros(-(-len(allowed) // 64), np.uint64)
    padded.view(np.uint8)[: len(packed)] = packed
    return padded


def bits_of(ordinals: Ordinals | slice, n_docs: int) -> Bits:
    """These documents."""
    allowed = np.zeros(n_docs, np.bool_)
    allowed[ordinals] = True
    return bits(allowed)


def any_of(sets: Iterable[Bits], n_docs: int) -> Bits:
    """The documents that are in any of the sets."""
    found = np.zeros(-(-n_docs // 64), np.uint64)
    for each in sets:
        found |= each
    return found


def as_allowed(documents: Bits, n_docs: int) -> Allowed:
    """The set as one entry a document."""
    unpacked: NDArray[np.uint8] = np.unpackbits(documents.view(np.uint8), bitorder="little", count=n_docs)
    return unpacked.astype(np.bool_)


def holds(documents: Bits, ordinals: Ordinals) -> NDArray[np.bool_]:
    """Which of these documents are in the set. Shape: (n,)."""
    found: Bits = documents[ordinals >> 6] >> (ordinals & 63).astype(np.uint64) & np.uint64(1)
    return found.astype(np.bool_)
