"""The published formats of word vectors: read in a stream, written so that their own programs read them.

word2vec         text: a line `WORDS DIMS`, then a line a word; fastText's `.vec` is the same
word2vec-binary  the same line, then each word, a space and its numbers as they lie in memory
glove            text without the first line
fasttext-bin     Facebook's `.bin`, with the vectors of n-grams"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.encoders.formats.binary import read_binary, write_binary
from indexer.encoders.formats.fasttext import MAGIC, read_fasttext, write_fasttext
from indexer.encoders.formats.source import BLOCK, Source, open_source
from indexer.encoders.formats.target import Target, open_target
from indexer.encoders.formats.text import numbers_of, read_glove, read_text, write_glove, write_text
from indexer.encoders.formats.words import WHITE
from indexer.encoders.words import WordVectors
from indexer.errors import BadFileError, InputError, UnknownNameError
from indexer.types import Progress, no_progress

_UNFIT = re.compile(f"[{WHITE}\0]")


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is read and written, and the type of the encoders that are made of it."""

    type: str
    read: Callable[[Source, int | None, Progress], WordVectors]
    write: Callable[[Target, WordVectors, Progress], None]


FORMATS: Mapping[str, Format] = {
    "word2vec": Format("word2vec", read_text, write_text),
    "word2vec-binary": Format("word2vec", read_binary, write_binary),
    "glove": Format("glove", read_glove, write_glove),
    "fasttext-vec": Format("fasttext", read_text, write_text),
    "fasttext-bin": Format("fasttext", read_fasttext, write_fasttext),
}


def read_vectors(
    path: Path, format: str | None = None, limit: int | None = None, progress: Progress = no_progress
) -> tuple[str, WordVectors]:
    """The format of a file, plain or gzipped, and its words, most frequent first as they stand there; only so
    many where there is a limit. The format is recognised by what is in the file where it is not named.

    Raises: BadFileError with the line or byte where the file is none; UnknownNameError, InputError."""
    if limit is not None and limit < 1:
        raise InputError(f"A limit of at least 1 word is wanted, found {limit}.", pointer="/limit")
    named = None if format is None else _find(format)
    with open_source(path) as source:
        if source.peek(len(BOM_UTF8)) == BOM_UTF8:
            source.take(len(BOM_UTF8), "the byte order mark")
        name = format or recognise(source)
        return name, (named or _find(name)).read(source, limit, progress)


def write_vectors(path: Path, words: WordVectors, format: str, progress: Progress = no_progress) -> None:
    """Writes a file, gzipped where its name ends so; there as a whole or not at all.

    Raises: UnknownNameError; InputError where the words do not fit the format."""
    chosen = _find(format)
    _check(words)
    with open_target(path) as target:
        chosen.write(target, words, progress)


def recognise(source: Source) -> str:
    """The format of a file by its beginning. Raises: BadFileError where it is none."""
    begin = source.peek(BLOCK)
    if begin[:4] == MAGIC:
        return "fasttext-bin"
    first, _, rest = begin.partition(b"\n")
    fields = first.split()
    if len(fields) == 2 and all(each.isdigit() for each in fields):
        return "word2vec" if _is_text(rest.partition(b"\n")[0].rstrip()) else "word2vec-binary"
    if len(fields) > 2 and numbers_of(b" ".join(fields[-2:])) is not None:
        return "glove"
    raise BadFileError(
        f"{source.name} begins like no file of word vectors: name its format, one of {', '.join(FORMATS)}."
    )


def _is_text(line: bytes) -> bool:
    """Whether a line ends in a written number, or could be printed and has a fault there."""
    last = line.rpartition(b" ")[2]
    return numbers_of(last) is not None or (line.isascii() and line.decode().isprintable())


def _check(words: WordVectors) -> None:
    """Raises InputError for what no file can hold so that it is read again."""
    for row, word in enumerate(words.words):
        if not word or _UNFIT.search(word):
            raise InputError(
                f"{word[:100]!r} is empty or has a space, a line break or a zero byte in it, which these "
                "formats cannot hold."
            )
        if not np.isfinite(words.vectors[row]).all():
            raise InputError(f"The vector of {word[:100]!r} is not finite, which these formats cannot hold.")


def _find(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownNameError("format", name, FORMATS, pointer="/format")
    return FORMATS[name]
