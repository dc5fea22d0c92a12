"""Words with their vectors on disk: one word a line, and plain arrays beside them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.subwords import Subwords
from indexer.encoders.words import WordVectors
from indexer.errors import MismatchError
from indexer.storage.arrays import array_bytes, load_array, save_array
from indexer.storage.terms import load_terms, save_terms

VOCABULARY = "vocabulary.txt"
VECTORS = "vectors.npy"
COUNTS = "counts.npy"
BUCKETS = "buckets.npy"
NGRAMS = "ngrams.npy"


def described(words: WordVectors) -> dict[str, Any]:
    """What the files do not say of themselves, as JSON values; `load_words` wants it back."""
    subwords = words.subwords
    lengths = None if subwords is None else [subwords.shortest, subwords.longest]
    return {"counted": words.counts is not None, "ngrams": lengths}


def save_words(folder: Path, words: WordVectors) -> None:
    """Writes words into a folder that is there."""
    save_terms(folder / VOCABULARY, words.words)
    save_array(folder / VECTORS, words.vectors)
    if words.counts is not None:
        save_array(folder / COUNTS, words.counts)
    if words.subwords is not None:
        save_array(folder / BUCKETS, words.subwords.rows)
        save_array(folder / NGRAMS, words.subwords.vectors)


def load_words(folder: Path, said: Mapping[str, Any]) -> WordVectors:
    """The words that `save_words` wrote; their arrays are memory-mapped. `said`: what `described` gave.

    Raises: CorruptError, MismatchError where the files do not belong together."""
    words = load_terms(folder / VOCABULARY)
    vectors = _loaded(folder / VECTORS, np.float32, 2)
    _expect(folder / VECTORS, len(vectors), len(words))
    counts = subwords = None
    if said["counted"]:
        counts = _loaded(folder / COUNTS, np.int64, 1)
        _expect(folder / COUNTS, len(counts), len(words))
    if said["ngrams"] is not None:
        rows, ngrams = _loaded(folder / BUCKETS, np.int32, 1), _loaded(folder / NGRAMS, np.float32, 2)
        _expect(folder / NGRAMS, ngrams.shape[1], vectors.shape[1])
        _expect(folder / BUCKETS, int(rows.max(initial=-1)) + 1, len(ngrams))
        shortest, longest = said["ngrams"]
        subwords = Subwords(shortest, longest, rows, ngrams)
    return WordVectors(words, vectors, counts, subwords)


def words_bytes(words: WordVectors) -> Iterable[bytes | memoryview]:
    """All that answers depend on, for a fingerprint."""
    yield "\n".join(words.words).encode()
    yield array_bytes(words.vectors)
    if words.subwords is not None:
        yield array_bytes(words.subwords.rows)
        yield array_bytes(words.subwords.vectors)


def _loaded(path: Path, dtype: type[np.generic], n_dims: int) -> NDArray[Any]:
    array = load_array(path)
    if array.dtype != dtype or array.ndim != n_dims:
        raise MismatchError(
            f"{path} should hold {np.dtype(dtype)} in {n_dims} dimensions, it has {array.dtype} in "
            f"{array.ndim}: train or import the vectors again."
        )
    return array


def _expect(path: Path, found: int, wanted: int) -> None:
    if found != wanted:
        raise MismatchError(
            f"{path} has {found} where the files beside it have {wanted}: train or import the vectors again."
        )
