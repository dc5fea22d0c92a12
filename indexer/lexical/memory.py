"""The inverted index in memory: small, written and read at once."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from indexer.lexical.base import Analysed, Column, TermCount
from indexer.types import Counts, Postings, TermKey


class MemoryLexical:
    """Counts kept in dictionaries."""

    def __init__(self) -> None:
        self._doc_ids: list[str] = []
        self._ordinals: dict[str, int] = {}
        self._forward: list[list[TermCount]] = []
        self._postings: dict[TermKey, tuple[list[int], list[int]]] = {}
        self._lengths: dict[Column, dict[int, int]] = {}

    def add(self, doc_id: str, analysed: Analysed) -> None:
        """Takes one document; documents come in ascending order of their key."""
        ordinal = len(self._doc_ids)
        self._doc_ids.append(doc_id)
        self._ordinals[doc_id] = ordinal
        forward: list[TermCount] = []
        for column, terms in analysed.items():
            self._lengths.setdefault(column, {})[ordinal] = len(terms)
            for term, tf in Counter(terms).items():
                key = TermKey(*column, term)
                ordinals, counts = self._postings.setdefault(key, ([], []))
                ordinals.append(ordinal)
                counts.append(tf)
                forward.append(TermCount(key, tf))
        self._forward.append(forward)

    @property
    def n_docs(self) -> int:
        """Number of documents."""
        return len(self._doc_ids)

    @property
    def columns(self) -> Sequence[Column]:
        """The columns there are."""
        return list(self._lengths)

    def postings(self, keys: Iterable[TermKey]) -> dict[TermKey, Postings]:
        """Postings of those of the keys that occur at all."""
        return {
            key: Postings(np.array(entry[0], np.int32), np.array(entry[1], np.int32))
            for key in keys
            if (entry := self._postings.get(key)) is not None
        }

    def frequencies(self, keys: Iterable[TermKey]) -> dict[TermKey, tuple[int, int]]:
        """(df, cf) of those of the keys that occur at all."""
        return {
            key: (len(entry[0]), sum(entry[1]))
            for key in keys
            if (entry := self._postings.get(key)) is not None
        }

    def lengths(self, column: Column) -> Counts:
        """Length of each document in terms of the column."""
        lengths = np.zeros(self.n_docs, np.int32)
        for ordinal, length in self._lengths.get(column, {}).items():
            lengths[ordinal] = length
        return lengths

    def terms_of(self, ordinal: int) -> list[TermCount]:
        """The terms of one document with their counts."""
        return list(self._forward[ordinal])

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""
        return [self._doc_ids[ordinal] for ordinal in ordinals]

    def ordinal(self, doc_id: str) -> int | None:
        """The place of a document, or None."""
        return self._ordinals.get(doc_id)
