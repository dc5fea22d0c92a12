"""The binary form of word2vec: the line `WORDS DIMS`, then each word, a space and its numbers."""

import numpy as np

from indexer.encoders.formats.source import Source
from indexer.encoders.formats.target import Target
from indexer.encoders.formats.text import read_header
from indexer.encoders.formats.words import MOST_BYTES, Words
from indexer.encoders.words import WordVectors
from indexer.types import Progress

_TOGETHER = 1_000  # words


def read_binary(source: Source, limit: int | None, progress: Progress) -> WordVectors:
    """The words of a file. Raises: BadFileError, which names the byte."""
    n_words, dims = read_header(source)
    source.expect(n_words * (4 * dims + 2), f"{n_words:,} words of {dims:,} numbers")
    found = Words(source, "byte", dims)
    wanted = n_words if limit is None else min(limit, n_words)
    while len(found) < wanted:
        _read_some(source, found, min(_TOGETHER, wanted - len(found)), dims)
        progress("import", len(found), wanted)
    if wanted != limit and source.peek(2).strip(b"\n"):
        source.refuse(f"the first line says {n_words:,} words, and more follows")
    return WordVectors(list(found.places), found.rows.array())


def write_binary(target: Target, words: WordVectors, progress: Progress) -> None:
    """Writes the words."""
    target.write(f"{len(words.words)} {words.dims}\n".encode())
    for done, (word, vector) in enumerate(zip(words.words, words.vectors, strict=True), 1):
        target.write(f"{word} ".encode() + vector.astype("<f4").tobytes())
        if done % _TOGETHER == 0 or done == len(words.words):
            progress("export", done, len(words.words))


def _read_some(source: Source, found: Words, count: int, dims: int) -> None:
    """Adds so many words and their vectors."""
    size = 4 * dims
    numbers: list[bytes] = []
    places: list[int] = []
    for number in range(len(found) + 1, len(found) + 1 + count):
        # The original program puts a line break behind the numbers, which so is before the next word.
        written = source.take_until(b" ", MOST_BYTES, f"word {number:,}")
        found.add(written.lstrip(b"\n"), source.at - len(written) - 1)
        places.append(source.at)
        numbers.append(source.take(size, f"the vector of word {number:,}"))
    rows = np.frombuffer(b"".join(numbers), "<f4").reshape(count, dims)
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        row, column = wrong[0].tolist()
        source.refuse(f"a vector holds {rows[row, column]}", places[row] + 4 * column)
    found.rows.extend(rows)
