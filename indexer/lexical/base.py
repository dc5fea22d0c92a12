"""The seam of the inverted index: raw counts by term, whoever keeps them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.lexical.occurrences import Occurrences
from indexer.types import Counts, Ordinals


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term stands. Shapes: ordinals (n,), ascending and unique; counts (n_fields, n), row 0 in all
    fields together, row f in field f (so that field 0 has what is left)."""

    ordinals: Ordinals
    counts: Counts

    def by_field(self) -> Counts:
        """The count in each field. Shape: (n_fields, n)."""
        return np.concatenate([self.counts[:1] - self.counts[1:].sum(axis=0), self.counts[1:]])


@dataclass(frozen=True, slots=True)
class TermBatch:
    """Consecutive terms of one view with all their postings.

    begins (n_terms + 1,): where those of each term begin in ordinals (n,) and counts (n_fields, n) ·
    positions: where they stand, by term, posting and field, where that was asked for and is kept."""

    view: str
    terms: Sequence[str]
    begins: NDArray[np.int64]
    ordinals: NDArray[np.uint32]
    counts: NDArray[np.uint32]
    positions: NDArray[np.uint32] | None = None


class LexicalStore(Protocol):
    """Counts of terms in documents. Ordinals ascend with `doc_id` by its UTF-8 bytes."""

    @property
    def n_docs(self) -> int:
        """Number of documents, also of those without any term."""

    @property
    def fields(self) -> Sequence[str]:
        """The text fields, in the order in which counts have them."""

    @property
    def views(self) -> Sequence[str]:
        """The views, in the order in which `every_term` has them."""

    @property
    def positioned(self) -> frozenset[str]:
        """The views that are kept with the positions of their terms."""

    def frequencies(self, view: str, terms: Iterable[str]) -> Mapping[str, tuple[int, int]]:
        """(df, cf) of those of the terms that occur at all: in how many documents, how often in all."""

    def postings(self, view: str, terms: Iterable[str]) -> Mapping[str, Postings]:
        """Postings of those of the terms that occur at all."""

    def positions(self, view: str, term: str) -> NDArray[np.uint32]:
        """Where a term stands: its positions by posting, then by field, ascending. Shape: (cf,).

        Empty where the term does not occur, or where the view is kept without positions."""

    def occurrences(self, view: str, term: str) -> Occurrences | None:
        """The same, to be looked at posting by posting; None where `positions` is empty."""

    def terms_from(self, view: str, first: str, limit: int) -> Sequence[str]:
        """At most `limit` terms, in their order, from the first that is not less than `first`."""

    def every_term(self, *, positions: bool = False) -> Iterator[TermBatch]:
        """All terms with their postings: view by view, terms ascending by their UTF-8 bytes."""

    def lengths(self, view: str, field: str) -> Counts:
        """Length of each document in terms. Shape: (n_docs,). Zeros for a view or field that is not there."""

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""

    def place(self, doc_id: str) -> tuple[int, bool]:
        """The place of a document, or where it would stand; and whether it is there."""

    def close(self) -> None:
        """Lets go of what it holds open."""
