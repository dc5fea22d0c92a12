"""The binary form of word2vec: the line `WORDS DIMS`, then each word, a space and its numbers."""

import numpy as np

from indexer.encoders.formats.source import Source
from indexer.encoders.formats.target import Target
from indexer.encoders.formats.text import check_word, read_header
from indexer.encoders.formats.words import Words
from indexer.encoders.words import WordVectors
from indexer.types import Progress

MOST_BYTES = 10_000
"""Of a word: what is longer is none, and the file another than it says."""
_TOGETHER = 1_000  # words


def read_binary(source: Source, limit: int | None, progress: Progress) -> WordVectors:
    """The words of a file. Raises: BadFileError, which names the byte."""
    n_words, dims = read_header(source)
    source.expect(n_words * (4 * dims + 2), f"{n_words:,} words of {dims:,} numbers")
    found = Words(source, "byte")
    wanted = n_words if limit is None else min(limit, n_words)
    while len(found) < wanted:
        block = np.empty((min(_TOGETHER, wanted - len(found)), dims), np.float32)
        for row in block:
            place, number = source.at, len(found) + 1
            # The original program puts a line break behind the numbers, which so is before the next word.
            found.add(source.take_until(b" ", MOST_BYTES, f"word {number:,}").lstrip(b"\n"), place)
            row[:] = source.take_floats((dims,), f"the vector of word {number:,}")
        found.extend(block)
        progress("import", len(found), wanted)
    if limit is None and source.peek(2).strip(b"\n"):
        source.refuse(f"the first line says {n_words:,} words, and more follows")
    return WordVectors(list(found.places), found.vectors())


def write_binary(target: Target, words: WordVectors, progress: Progress) -> None:
    """Writes the words. Raises: InputError for a word with a space in it."""
    target.write(f"{len(words.words)} {words.dims}\n".encode())
    for done, (word, vector) in enumerate(zip(words.words, words.vectors, strict=True), 1):
        check_word(word)
        target.write(f"{word} ".encode() + vector.astype("<f4").tobytes())
        if done % _TOGETHER == 0 or done == len(words.words):
            progress("export", done, len(words.words))
