"""What goes in: the words of an index's analysis, or pieces of words, with their numbers.

Special ones come first: [PAD], [UNK] for what is not known, [BOS] before a text, [EOS] behind it. WordPiece
has its own for these, [CLS] and [SEP], and [MASK]."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.errors import BadFileError, CorruptError
from indexer.pretraining.pieces import Pieces
from indexer.pretraining.vocabulary import SPECIALS as PIECE_SPECIALS
from indexer.pretraining.vocabulary import TOKENIZER, UNKNOWN, Vocabulary, read_vocabulary
from indexer.storage.files import write_file
from indexer.storage.terms import load_terms, save_terms

SPECIALS = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
TERMS, FORMS = "terms.txt", "forms.txt"

Spans = Sequence[tuple[int, int]]


class Lexis(Protocol):
    """A vocabulary of an RNN. Numbers below `ordinary` are special."""

    @property
    def size(self) -> int:
        """How many words there are, with the special ones."""

    @property
    def ordinary(self) -> int:
        """The first number of a word."""

    @property
    def begin(self) -> int:
        """The number before a text."""

    @property
    def end(self) -> int:
        """The number behind it."""

    @property
    def unknown(self) -> int:
        """The number of what is not known."""

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the words of each text."""

    def spans(self, text: str) -> tuple[list[int], Spans]:
        """The same of one text, with where each stands."""

    def save(self, folder: Path) -> None:
        """Writes it."""

    def content(self) -> bytes:
        """All of it, for a checkpoint to be known by."""


@dataclass(frozen=True)
class Words:
    """The words of an analysis. `terms`: by number, the special ones first; `forms`: how each is mostly
    written."""

    terms: Sequence[str]
    forms: Sequence[str]
    analyzer: Analyzer

    unknown, begin, end = 1, 2, 3
    ordinary = len(SPECIALS)

    @property
    def size(self) -> int:
        """How many words there are, with the special ones."""
        return len(self.terms)

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the words of each text."""
        return [self.spans(text)[0] for text in texts]

    def spans(self, text: str) -> tuple[list[int], Spans]:
        """The same of one text, with where each stands."""
        tokens = self.analyzer.analyse(text)
        ids = [self._numbers.get(term, self.unknown) for term in tokens.terms]
        return ids, list(zip(tokens.starts, tokens.ends, strict=True))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.terms) if number >= self.ordinary}

    def save(self, folder: Path) -> None:
        """Writes it."""
        save_terms(folder / TERMS, self.terms)
        save_terms(folder / FORMS, self.forms)

    def content(self) -> bytes:
        """All of it."""
        return "\n".join([*self.terms, *self.forms]).encode()


@dataclass(frozen=True, slots=True)
class WordPieces:
    """Pieces of words."""

    vocabulary: Vocabulary

    ordinary = len(PIECE_SPECIALS)

    @property
    def size(self) -> int:
        """How many pieces there are, with the special ones."""
        return self.vocabulary.size

    @property
    def begin(self) -> int:
        """The number before a text."""
        return self.vocabulary.cls

    @property
    def end(self) -> int:
        """The number behind it."""
        return self.vocabulary.sep

    @property
    def unknown(self) -> int:
        """The number of what is not known."""
        number = self.vocabulary.tokenizer.token_to_id(UNKNOWN)
        assert number is not None
        return number

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the pieces of each text."""
        return self.vocabulary.pieces(texts)

    def spans(self, text: str) -> tuple[list[int], Spans]:
        """The same of one text, with where each stands."""
        found = self.vocabulary.tokenizer.encode(text, add_special_tokens=False)
        return found.ids, found.offsets

    def save(self, folder: Path) -> None:
        """Writes it."""
        write_file(folder / TOKENIZER, [self.content()])

    def content(self) -> bytes:
        """All of it."""
        return self.vocabulary.tokenizer.to_str(pretty=True).encode()


class WordCounter:
    """Cuts texts into words as they come, and knows then which were frequent: one walk for both."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._batches = BatchAnalyzer(analyzer, ["words", "forms"])
        self._counts: Counter[tuple[int, int]] = Counter()

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The words of each text, numbered as they come."""
        found = self._batches.analyse(texts)
        words, forms = found["words"], found["forms"]
        pairs, counts = np.unique(np.stack([words.terms, forms.terms]), axis=1, return_counts=True)
        self._counts.update(dict(zip(zip(*pairs.tolist(), strict=True), counts.tolist(), strict=True)))
        return [
            words.terms[begin:end].tolist()
            for begin, end in zip(words.begins[:-1].tolist(), words.begins[1:].tolist(), strict=True)
        ]

    def words(self, pieces: Pieces, size: int, min_count: int) -> tuple[Words, Pieces]:
        """The most frequent words, with the special ones `size` of them at most, and what was cut in their
        numbers. Ties: the smaller term."""
        terms = self._batches.vocabulary("words").terms()
        forms = self._batches.vocabulary("forms").terms()
        counts: Counter[int] = Counter()
        mostly: dict[int, tuple[int, str]] = {}
        for (term, form), count in self._counts.items():
            counts[term] += count
            mostly[term] = min(mostly.get(term, (0, "")), (-count, forms[form]))
        chosen = sorted(
            (each for each, count in counts.items() if count >= min_count),
            key=lambda each: (-counts[each], terms[each]),
        )[: size - len(SPECIALS)]
        numbers = np.full(len(terms), Words.unknown, np.int32)
        numbers[chosen] = np.arange(len(SPECIALS), len(SPECIALS) + len(chosen))
        words = Words(
            [*SPECIALS, *(terms[each] for each in chosen)],
            [*SPECIALS, *(mostly[each][1] for each in chosen)],
            self._analyzer,
        )
        return words, replace(pieces, ids=_renumbered(pieces.ids, numbers))


def _renumbered(ids: NDArray[np.int32], numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    return numbers[ids] if len(ids) else ids


def read_lexis(folder: Path, analyzer: Analyzer) -> Lexis:
    """The vocabulary of a model folder. Raises: BadFileError where it is not there or damaged."""
    if (folder / TOKENIZER).is_file():
        return WordPieces(read_vocabulary(folder))
    try:
        terms, forms = load_terms(folder / TERMS), load_terms(folder / FORMS)
    except CorruptError as error:
        raise BadFileError(f"{error.message}") from None
    if tuple(terms[: len(SPECIALS)]) != SPECIALS or len(forms) != len(terms):
        raise BadFileError(
            f"{folder / TERMS}: wanted {', '.join(SPECIALS)} first, and as many lines as {FORMS} has: they "
            "do not belong together."
        )
    return Words(terms, forms, analyzer)
