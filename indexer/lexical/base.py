"""The seam of the inverted index: raw counts by term, whoever keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from indexer.types import Counts, Postings, TermKey


class Column(NamedTuple):
    """One view of one field: the unit that has lengths of its own."""

    field: str
    view: str


class TermCount(NamedTuple):
    """A term of a document with its count in it."""

    key: TermKey
    tf: int


Analysed = Mapping[Column, Sequence[str]]
"""A document as its terms by column, in order and repeated as they stand."""


class LexicalStore(Protocol):
    """Counts of terms in documents, read by key. Ordinals ascend with `doc_id` by its UTF-8 bytes."""

    @property
    def n_docs(self) -> int:
        """Number of documents, also of those without any term."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns there are."""

    def postings(self, keys: Iterable[TermKey]) -> dict[TermKey, Postings]:
        """Postings of those of the keys that occur at all."""

    def frequencies(self, keys: Iterable[TermKey]) -> dict[TermKey, tuple[int, int]]:
        """(df, cf) of those of the keys that occur at all: in how many documents, how often in all."""

    def lengths(self, column: Column) -> Counts:
        """Length of each document in terms of the column. Shape: (n_docs,). Zeros for an unknown column."""

    def terms_of(self, ordinal: int) -> list[TermCount]:
        """The terms of one document with their counts, by column, then in order of first occurrence."""

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""

    def ordinal(self, doc_id: str) -> int | None:
        """The place of a document, or None where it is not in this index."""
