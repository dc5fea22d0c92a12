"""The table of kinds of vector index. A new one is a file beside this one and a line here."""

from collections.abc import Mapping
from pathlib import Path

from indexer.errors import UnknownNameError
from indexer.vectors.base import VectorIndex
from indexer.vectors.exact import ExactVectors
from indexer.vectors.flat import FaissFlat

VECTOR_INDEXES: Mapping[str, type[VectorIndex]] = {"exact": ExactVectors, "flat": FaissFlat}


def new_index(kind: str, dims: int) -> VectorIndex:
    """An index without rows. Raises: UnknownNameError."""
    return _find(kind)(dims)


def load_index(kind: str, folder: Path, name: str, dims: int) -> VectorIndex:
    """The index that was saved in `folder`; the caller has verified the checksums of its files.

    Raises: UnknownNameError, CorruptError, MismatchError."""
    return _find(kind).load(folder, name, dims)


def _find(kind: str) -> type[VectorIndex]:
    try:
        return VECTOR_INDEXES[kind]
    except KeyError:
        raise UnknownNameError("vector index", kind, VECTOR_INDEXES) from None
