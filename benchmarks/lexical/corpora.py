"""The corpora: documents as lines of tokens that every engine's whitespace tokenizer reads alike."""

import gzip
import json
import shutil
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SYNTHETIC = "zipf"
REAL = ("wordnet-en", "modern-sent-zh")
NAMES = (SYNTHETIC, *REAL)

_VOCABULARY = 500_000
_EXPONENT = 1.07
_DOCUMENT_TERMS = 60
_SEED = 20_240_229
_BATCH = 10_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class MissingError(Exception):
    """A corpus cannot be had here; the message says why."""


@dataclass(frozen=True)
class Corpus:
    """A corpus in its folder: as text for the engines, and as numbers of terms for this side."""

    name: str
    folder: Path

    @property
    def documents(self) -> Path:
        """The text, one document a line; none is empty."""
        return self.folder / "documents.txt"

    @cached_property
    def terms(self) -> NDArray[np.int32]:
        """The terms of all documents, one after another. Shape: (n_terms,)."""
        terms: NDArray[np.int32] = np.load(self.folder / "terms.npy")
        return terms

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where in `terms` each document begins, and where the last one ends. Shape: (n_docs + 1,)."""
        starts: NDArray[np.int64] = np.load(self.folder / "starts.npy")
        return starts

    @cached_property
    def places(self) -> NDArray[np.int32]:
        """The document that each of `terms` stands in. Shape: (n_terms,)."""
        return np.repeat(np.arange(self.n_docs, dtype=np.int32), np.diff(self.starts))

    def counts(self, number: int) -> NDArray[np.int64]:
        """How often a term stands in each document. Shape: (n_docs,)."""
        found = np.flatnonzero(self.terms == number)
        return np.bincount(self.places[found], minlength=self.n_docs)

    @property
    def n_docs(self) -> int:
        """Number of documents."""
        return len(self.starts) - 1


def word(number: int) -> str:
    """The token that stands for a term: no stemmer changes it, because of the digit after the `t`.

    Example: word(0) == "t0", word(123) == "t3c"."""
    rest, first = divmod(number, 10)
    tail = ""
    while rest:
        rest, digit = divmod(rest, len(_DIGITS))
        tail = _DIGITS[digit] + tail
    return f"t{first}{tail}"


def load(name: str, n_docs: int, data: Path, work: Path) -> Corpus:
    """The corpus of that name, made if the work folder does not have it. `n_docs` is of the synthetic one.

    Raises: MissingError."""
    if name == SYNTHETIC:
        corpus = Corpus(name, work / "corpora" / f"{name}-{n_docs}")
        made = _synthetic(n_docs)
    else:
        corpus = Corpus(name, work / "corpora" / name)
        made = _real(data / name / "corpus.jsonl.gz")
    if not corpus.folder.is_dir():
        _write(corpus.folder, made)
    return corpus


def _synthetic(n_docs: int) -> Iterator[list[int]]:
    """Documents of independent terms, the r-th most frequent with a probability in proportion to 1 / r^s."""
    rng = np.random.default_rng(_SEED)
    share = np.cumsum(np.arange(1, _VOCABULARY + 1, dtype=np.float64) ** -_EXPONENT)
    share /= share[-1]
    for first in range(0, n_docs, _BATCH):
        drawn = rng.random((min(_BATCH, n_docs - first), _DOCUMENT_TERMS))
        yield from np.searchsorted(share, drawn).tolist()


def _real(path: Path) -> Iterator[list[int]]:
    """Documents as TextPrism's own analysis sees them, their terms numbered as they come."""
    if not path.is_file():
        raise MissingError(f"{path} is not there")
    return _analysed(path)


def _analysed(path: Path) -> Iterator[list[int]]:
    from indexer.analysis import analyse  # loads dictionaries, which only the first run needs

    numbers: dict[str, int] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            terms = analyse(f"{record.get('title', '')}\n{record['text']}", "words").terms
            if terms:
                yield [numbers.setdefault(term, len(numbers)) for term in terms]


def _write(folder: Path, documents: Iterable[Sequence[int]]) -> None:
    """Puts the corpus into its folder, which is there only once it is whole."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    words = _Words()
    terms, starts = array("i"), array("q", [0])
    with (partial / "documents.txt").open("w", encoding="ascii") as text:
        for document in documents:
            text.write(" ".join([words[number] for number in document]) + "\n")
            terms.extend(document)
            starts.append(len(terms))
    np.save(partial / "terms.npy", np.frombuffer(terms, np.int32))
    np.save(partial / "starts.npy", np.frombuffer(starts, np.int64))
    partial.rename(folder)


class _Words(dict[int, str]):
    """Tokens by number, each worked out once."""

    def __missing__(self, number: int) -> str:
        self[number] = made = word(number)
        return made
