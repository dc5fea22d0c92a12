"""The kinds of vector index by name. A new one is a file beside this one and a line here."""

from pathlib import Path

from indexer.vectors.base import VectorStore
from indexer.vectors.exact import ExactVectors
from indexer.vectors.faiss_index import FaissIndex


def new_index(kind: str, dims: int) -> VectorStore:
    """An index without rows. Raises: InputError where there is no such kind, or not of these dimensions."""
    return ExactVectors(dims) if kind == "exact" else FaissIndex(dims, kind)


def load_index(kind: str, folder: Path, name: str, dims: int) -> VectorStore:
    """The index that was saved in `folder`; the caller has verified the checksums of its files.

    Raises: InputError, CorruptError, MismatchError."""
    if kind == "exact":
        return ExactVectors.load(folder, name, dims)
    return FaissIndex.load(folder, name, dims, kind)
