"""The inverted index in memory: small, written and read at once."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.lexical.base import Postings, TermBatch
from indexer.lexical.occurrences import Occurrences
from indexer.lexical.packing import pack
from indexer.types import Counts

Places = dict[int, dict[int, list[int]]]  # ordinal → number of the field → positions


class MemoryLexical:
    """Counts kept in dictionaries."""

    def __init__(self, fields: Sequence[str], views: Sequence[str], positions: Iterable[str] = ()) -> None:
        self._fields = list(fields)
        self._terms: dict[str, dict[str, Places]] = {view: {} for view in views}
        self.positioned = frozenset(positions)
        self._doc_ids: list[str] = []
        self._lengths: dict[tuple[str, str], dict[int, int]] = {}

    def add(self, doc_id: str, tokens: Mapping[tuple[str, str], Sequence[tuple[str, int]]]) -> None:
        """Takes one document: by view and field its terms, each with its position, in order.

        Documents come in ascending order of their key."""
        ordinal = len(self._doc_ids)
        self._doc_ids.append(doc_id)
        for (view, field), found in tokens.items():
            self._lengths.setdefault((view, field), {})[ordinal] = len(found)
            for term, position in found:
                places = self._terms[view].setdefault(term, {}).setdefault(ordinal, {})
                places.setdefault(self._fields.index(field), []).append(position)

    @property
    def n_docs(self) -> int:
        """Number of documents."""
        return len(self._doc_ids)

    @property
    def fields(self) -> Sequence[str]:
        """The text fields."""
        return self._fields

    @property
    def views(self) -> Sequence[str]:
        """The views."""
        return list(self._terms)

    def frequencies(self, view: str, terms: Iterable[str]) -> Mapping[str, tuple[int, int]]:
        """(df, cf) of those of the terms that occur at all."""
        found = self.postings(view, terms)
        return {term: (len(each.ordinals), int(each.counts[0].sum())) for term, each in found.items()}

    def postings(self, view: str, terms: Iterable[str]) -> Mapping[str, Postings]:
        """Postings of those of the terms that occur at all."""
        known = self._terms.get(view, {})
        return {term: self._of(known[term]) for term in terms if term in known}

    def positions(self, view: str, term: str) -> NDArray[np.uint32]:
        """Where a term stands, by posting, then by field."""
        places = self._terms.get(view, {}).get(term, {}) if view in self.positioned else {}
        return np.array(
            [each for by_field in places.values() for field in sorted(by_field) for each in by_field[field]],
            np.uint32,
        )

    def occurrences(self, view: str, term: str) -> Occurrences | None:
        """The same, to be looked at posting by posting."""
        places = self._terms.get(view, {}).get(term, {})
        if not places or view not in self.positioned:
            return None
        steps = [
            position - before
            for by_field in places.values()
            for field in sorted(by_field)
            for before, position in pairwise([0, *by_field[field]])
        ]
        return Occurrences(pack(np.array(steps, np.uint32)), self._of(places).by_field())

    def terms_from(self, view: str, first: str, limit: int) -> Sequence[str]:
        """At most `limit` terms from `first` on."""
        ordered = sorted(self._terms.get(view, {}))
        begin = bisect_left(ordered, first)
        return ordered[begin : begin + limit]

    def every_term(self, *, positions: bool = False) -> Iterator[TermBatch]:
        """All terms with their postings."""
        for view, known in self._terms.items():
            if not known:
                continue
            terms = sorted(known)
            each = [self._of(known[term]) for term in terms]
            begins = np.cumsum([0, *(len(one.ordinals) for one in each)], dtype=np.int64)
            ordinals = np.concatenate([np.empty(0, np.int32), *(one.ordinals for one in each)])
            empty = np.empty((len(self._fields), 0), np.int32)
            counts = np.concatenate([empty, *(one.counts for one in each)], axis=1)
            batch = TermBatch(view, terms, begins, ordinals.astype(np.uint32), counts.astype(np.uint32))
            if positions and view in self.positioned:
                found = [self.positions(view, term) for term in terms]
                batch = replace(batch, positions=np.concatenate([np.empty(0, np.uint32), *found]))
            yield batch

    def lengths(self, view: str, field: str) -> Counts:
        """Length of each document in terms of a view of a field."""
        lengths = np.zeros(self.n_docs, np.int32)
        for ordinal, length in self._lengths.get((view, field), {}).items():
            lengths[ordinal] = length
        return lengths

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""
        return [self._doc_ids[ordinal] for ordinal in ordinals]

    def place(self, doc_id: str) -> tuple[int, bool]:
        """The place of a document, or where it would stand; and whether it is there."""
        place = bisect_left(self._doc_ids, doc_id)
        return place, place < self.n_docs and self._doc_ids[place] == doc_id

    def close(self) -> None:
        """Nothing: no file is open."""

    def _of(self, places: Places) -> Postings:
        counts = np.zeros((len(self._fields), len(places)), np.int32)
        for column, by_field in enumerate(places.values()):
            for field, found in by_field.items():
                counts[0, column] += len(found)
                if field:
                    counts[field, column] = len(found)
        return Postings(np.array(list(places), np.int32), counts)
