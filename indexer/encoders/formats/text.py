"""Word vectors as text: a word and its numbers a line, parted by spaces."""

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.encoders.formats.source import BLOCK, Source
from indexer.encoders.formats.target import Target
from indexer.encoders.formats.words import MOST_DIMS, Words
from indexer.encoders.words import WordVectors
from indexer.types import Progress, Vectors

_HEADER = 100  # bytes, and more than two numbers take
_OF_NUMBERS = b"+-.0123456789Ee "


def read_text(source: Source, limit: int | None, progress: Progress) -> WordVectors:
    """The words of a file that begins with a line `WORDS DIMS`. Raises: BadFileError."""
    n_words, dims = read_header(source)
    wanted = n_words if limit is None else min(limit, n_words)
    found = _read_lines(source, 2, dims, wanted, progress)
    if len(found) < wanted:
        said = f"the file ends after {len(found):,} words, its first line says {n_words:,}: it was cut off"
        found.refuse(len(found) + 2, said)
    if wanted != limit and source.peek(1):
        found.refuse(n_words + 2, f"the first line says {n_words:,} words, and more follow")
    return WordVectors(list(found.places), found.rows.array())


def read_glove(source: Source, limit: int | None, progress: Progress) -> WordVectors:
    """The words of a file without such a line. Raises: BadFileError."""
    fields = source.peek(BLOCK).partition(b"\n")[0].split()
    # From the end, for a word may hold spaces.
    numbers = sum(1 for _ in takewhile(lambda field: numbers_of(field) is not None, reversed(fields)))
    dims = min(numbers, len(fields) - 1)
    if not 1 <= dims <= MOST_DIMS:
        source.refuse("a word and its numbers are wanted in the first line")
    found = _read_lines(source, 1, dims, limit, progress)
    return WordVectors(list(found.places), found.rows.array())


def read_header(source: Source) -> tuple[int, int]:
    """Words and dimensions, as the first line says. Raises: BadFileError."""
    line = source.peek(_HEADER).partition(b"\n")[0]
    fields = line.split()
    if len(fields) != 2 or not all(each.isdigit() and len(each) < 12 for each in fields):
        source.refuse("a first line `WORDS DIMS` is wanted")
    n_words, dims = map(int, fields)
    if not n_words or not 1 <= dims <= MOST_DIMS:
        source.refuse(f"{n_words:,} words of {dims:,} dimensions cannot be: at most {MOST_DIMS:,} are read")
    source.take(len(line) + 1, "the first line")
    return n_words, dims


def write_text(target: Target, words: WordVectors, progress: Progress) -> None:
    """Writes the line `WORDS DIMS`, then the words."""
    target.write(f"{len(words.words)} {words.dims}\n".encode())
    write_glove(target, words, progress)


def write_glove(target: Target, words: WordVectors, progress: Progress) -> None:
    """Writes the words, each number as short as it can be for the same float32 to be read again."""
    for done, (word, vector) in enumerate(zip(words.words, words.vectors, strict=True), 1):
        numbers = orjson.dumps(np.ascontiguousarray(vector), option=orjson.OPT_SERIALIZE_NUMPY)
        target.write(word.encode() + b" " + numbers[1:-1].replace(b",", b" ") + b"\n")
        if done % 1_000 == 0 or done == len(words.words):
            progress("export", done, len(words.words))


def numbers_of(text: bytes) -> NDArray[np.float32] | None:
    """The numbers that are written there, parted by single spaces; None where one is none, or not finite.

    Strict: neither `nan` nor `1_000` nor `0x1p3` is a number. Shape: (n,)."""
    if text.translate(None, _OF_NUMBERS) or not text:
        return None
    try:
        values = np.fromstring(text, np.float64, sep=" ")
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        numbers = values.astype(np.float32)
    whole = len(numbers) == text.count(b" ") + 1 and np.isfinite(numbers).all()
    return numbers if whole else None


def _read_lines(source: Source, first: int, dims: int, most: int | None, progress: Progress) -> Words:
    """The words of the lines, of which the next is number `first`; at most so many."""
    found = Words(source, "line", dims)
    number = first
    while most is None or len(found) < most:
        lines = source.lines(None if most is None else most - len(found))
        if not lines:
            break
        found.rows.extend(_parsed(found, lines, number, dims))
        number += len(lines)
        progress("import", len(found), most)
    if not len(found):
        source.refuse("there is no word in it")
    return found


def _parsed(found: Words, lines: Sequence[bytes], first: int, dims: int) -> Vectors:
    """Adds the words of lines; their vectors. Shapes: (n_lines, dims). Raises: BadFileError."""
    written: list[bytes] = []
    for place, line in enumerate(lines, first):
        word, space, numbers = line.rstrip().partition(b" ")
        if numbers.count(b" ") != dims - 1:  # a word may hold spaces; numbers do not
            word, space, numbers = _parted(line, dims)
        if not space:
            found.refuse(place, f"a word and {dims} numbers are wanted, found {len(line.split()) - 1}")
        found.add(word, place)
        written.append(numbers)
    values = numbers_of(b" ".join(written))
    if values is None:
        place = next(place for place, each in enumerate(written, first) if numbers_of(each) is None)
        found.refuse(place, f"there are not {dims} finite numbers behind the word")
    return values.reshape(len(lines), dims)


def _parted(line: bytes, dims: int) -> tuple[bytes, bytes, bytes]:
    """A line as its word, a space and its numbers; without a space where there are not so many numbers."""
    word, *numbers = line.rstrip().rsplit(b" ", dims)
    enough = len(numbers) == dims and numbers_of(word.rsplit(b" ", 1)[-1]) is None
    return (word, b" ", b" ".join(numbers)) if enough else (word, b"", b"")
