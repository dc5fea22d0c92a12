"""Facebook's `.bin`: arguments, dictionary, vectors of words and n-grams, output layer.

As `fasttext` 0.9 writes it; little-endian throughout."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from indexer.encoders.formats.source import Source
from indexer.encoders.formats.target import Target
from indexer.encoders.formats.words import MOST_BYTES, MOST_DIMS, Rows, Words
from indexer.encoders.subwords import Subwords
from indexer.encoders.words import WordVectors
from indexer.errors import InputError
from indexer.types import Progress, Vectors

MAGIC = struct.pack("<i", 793712314)
VERSION = 12
MOST_LENGTH = 100  # characters of an n-gram

_ARGUMENTS = struct.Struct("<12id")
_SIZES = struct.Struct("<3i2q")
_ENTRY = struct.Struct("<qb")
_SHAPE = struct.Struct("<2q")
_SUPERVISED, _SKIPGRAM, _NEGATIVE_SAMPLING = 3, 2, 2
_READ = (11, VERSION)  # they differ in classifiers alone
_NOT_PRUNED = -1
_WORD = 0
_LINE_END = "</s>"
_TOGETHER = 10_000  # rows


@dataclass(frozen=True, slots=True)
class _Arguments:
    """What of a file's arguments says how it is read."""

    dims: int
    buckets: int
    shortest: int
    longest: int


def read_fasttext(source: Source, limit: int | None, progress: Progress) -> WordVectors:
    """The words of a file with the vectors of their n-grams. Raises: BadFileError, which names the byte."""
    arguments = _read_arguments(source)
    found, counts, n_words = _read_dictionary(source, arguments.dims, limit, progress)
    ngrams = _read_matrix(source, arguments, found, n_words, progress)
    _skip_matrix(source, arguments.dims, "the output layer")
    words = WordVectors(list(found.places), found.rows.array(), np.array(counts, np.int64))
    if not len(ngrams):
        return words
    rows = np.arange(arguments.buckets, dtype=np.int32)
    subwords = Subwords(arguments.shortest, arguments.longest, rows, ngrams)
    for some in _slices(len(words.words)):
        words.vectors[some] = _changed(subwords.mixed, words.words[some], words.vectors[some])
        progress("import", some.stop, len(words.words))
    return replace(words, subwords=subwords)


def write_fasttext(target: Target, words: WordVectors, progress: Progress) -> None:
    """Writes the words and n-grams, and an output layer of zeros: the file gives vectors, and is not to be
    trained on. Raises: InputError where there are no n-grams."""
    if words.subwords is None:
        raise InputError(
            "These word vectors have no n-grams, which `fasttext-bin` is for: export them as word2vec, "
            "word2vec-binary or glove."
        )
    subwords = _whole(words.subwords)
    counts = np.ones(len(words.words), np.int64) if words.counts is None else words.counts
    target.write(MAGIC + struct.pack("<i", VERSION))
    target.write(
        _ARGUMENTS.pack(
            *(words.dims, 5, 5, 1, 5, 1, _NEGATIVE_SAMPLING, _SKIPGRAM),
            *(subwords.n_buckets, subwords.shortest, subwords.longest, 100, 1e-4),
        )
    )
    n_words = len(words.words)
    target.write(_SIZES.pack(n_words, n_words, 0, int(counts.sum()), _NOT_PRUNED))
    for word, count in zip(words.words, counts.tolist(), strict=True):
        target.write(word.encode() + b"\0" + _ENTRY.pack(count, _WORD))
    target.write(b"\0" + _SHAPE.pack(n_words + subwords.n_buckets, words.dims))
    for some in _slices(n_words):
        own = _changed(subwords.unmixed, words.words[some], words.vectors[some])
        target.write(own.astype("<f4").tobytes())
        progress("export", some.stop, n_words)
    for some in _slices(subwords.n_buckets):
        target.write(subwords.vectors[subwords.rows[some]].astype("<f4").tobytes())
    target.write(b"\0" + _SHAPE.pack(n_words, words.dims))
    for some in _slices(n_words):
        target.write(bytes(4 * words.dims * (some.stop - some.start)))


def _slices(count: int) -> list[slice]:
    return [slice(first, min(first + _TOGETHER, count)) for first in range(0, count, _TOGETHER)]


def _changed(
    change: Callable[[Sequence[str], Vectors], Vectors], words: Sequence[str], vectors: Vectors
) -> Vectors:
    """What `mixed` or `unmixed` makes of vectors, but for the end of a line: as the original program has it,
    that has no n-grams. Shapes: (n, dims) → (n, dims)."""
    changed = change(words, vectors)
    apart = [row for row, word in enumerate(words) if word == _LINE_END]
    changed[apart] = vectors[apart]
    return changed


def _whole(subwords: Subwords) -> Subwords:
    """The same with a vector of zeros for each bucket that has none: the original program counts its n-grams
    all, so that the words' own vectors are to be made with all of them."""
    missing = subwords.rows < 0
    if not missing.any():
        return subwords
    zeros = np.zeros((1, subwords.vectors.shape[1]), np.float32)
    rows = np.where(missing, np.int32(len(subwords.vectors)), subwords.rows)
    return replace(subwords, rows=rows, vectors=np.concatenate([subwords.vectors, zeros]))


def _read_arguments(source: Source) -> _Arguments:
    begin = source.take(8, "the first line of a fastText file")
    if begin[:4] != MAGIC:
        source.refuse("a fastText `.bin` begins otherwise", 0)
    if (version := struct.unpack("<i", begin[4:])[0]) not in _READ:
        source.refuse(f"it is of version {version}, read are {_READ}: write it anew by fastText", 4)
    place = source.at
    values = _ARGUMENTS.unpack(source.take(_ARGUMENTS.size, "the arguments"))
    dims, kind, buckets, shortest, longest = values[0], values[7], values[8], values[9], values[10]
    if kind == _SUPERVISED:
        source.refuse(
            "it is a classifier, which has vectors for its labels: bring a cbow or skipgram model", place
        )
    if not 1 <= dims <= MOST_DIMS:
        source.refuse(f"it says {dims:,} dimensions: 1 to {MOST_DIMS:,} are read", place)
    if buckets < 0 or not 0 <= shortest <= longest <= MOST_LENGTH:
        source.refuse(f"it says {buckets:,} buckets for n-grams of {shortest} to {longest} characters", place)
    return _Arguments(dims, buckets, shortest, longest)


def _read_dictionary(
    source: Source, dims: int, limit: int | None, progress: Progress
) -> tuple[Words, list[int], int]:
    """The words that are wanted, their counts, and how many words there are."""
    place = source.at
    size, n_words, n_labels, _, pruned = _SIZES.unpack(
        source.take(_SIZES.size, "the sizes of the dictionary")
    )
    if n_words < 1 or n_labels or size != n_words:
        source.refuse(f"it says {size:,} entries, {n_words:,} words and {n_labels:,} labels", place)
    if pruned != _NOT_PRUNED:
        source.refuse("its n-grams are pruned, as those of a `.ftz`: bring the `.bin`", place)
    source.expect(n_words * (_ENTRY.size + 2), f"a dictionary of {n_words:,} words")
    found, counts = Words(source, "byte", dims), list[int]()
    for number in range(1, n_words + 1):
        place = source.at
        word = source.take_until(b"\0", MOST_BYTES, f"word {number:,}")
        count, kind = _ENTRY.unpack(source.take(_ENTRY.size, f"word {number:,}"))
        if count < 0 or kind != _WORD:
            source.refuse(f"word {number:,} says that it is no word, or occurs {count:,} times", place)
        if limit is None or number <= limit:
            found.add(word, place)
            counts.append(count)
        if number % _TOGETHER == 0 or number == n_words:
            progress("import", number, n_words)
    return found, counts, n_words


def _read_matrix(
    source: Source, arguments: _Arguments, found: Words, n_words: int, progress: Progress
) -> Vectors:
    """Adds the words' own vectors; those of all n-grams, where n-grams count."""
    dims, n_ngrams = arguments.dims, arguments.buckets
    _expect_shape(source, (n_words + n_ngrams, dims), "the vectors")
    for some in source.matrix(len(found), dims, "the vectors of the words"):
        found.rows.extend(some)
    source.skip(4 * dims * (n_words - len(found)), "the vectors of the words")
    rows = Rows(dims)
    if not arguments.longest:
        source.skip(4 * dims * n_ngrams, "the vectors of the n-grams")
        return rows.array()
    for some in source.matrix(n_ngrams, dims, "the vectors of the n-grams"):
        rows.extend(some)
        progress("import n-grams", len(rows), n_ngrams)
    return rows.array()


def _expect_shape(source: Source, shape: tuple[int, int], what: str) -> None:
    """Reads whether a matrix is quantised and its shape. Raises: BadFileError where it is not this one."""
    place = source.at
    if source.take(1, what) != b"\0":
        source.refuse(f"{what} are quantised, as those of a `.ftz`: bring the `.bin`", place)
    found = _SHAPE.unpack(source.take(_SHAPE.size, f"the shape of {what}"))
    if found != shape:
        source.refuse(f"{what} have the shape {found}, by what was said before {shape}", place)
    source.expect(4 * shape[0] * shape[1], what)


def _skip_matrix(source: Source, dims: int, what: str) -> None:
    """Passes a matrix over, to the end of the file."""
    place = source.at
    source.take(1, what)
    n_rows, n_columns = _SHAPE.unpack(source.take(_SHAPE.size, f"the shape of {what}"))
    if n_rows < 0 or n_columns != dims:
        source.refuse(
            f"{what} has the shape {(n_rows, n_columns)} beside vectors of {dims} dimensions", place
        )
    source.skip(4 * n_rows * n_columns, what)
    if source.peek(1):
        source.refuse("the file goes on behind its end")
