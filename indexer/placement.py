"""Where the documents of one segment stand among all documents of an index.

An index is read as segments: its generation, and what changed since. Each numbers its documents by itself;
together they are numbered as one, by `doc_id`, without those that were replaced or deleted: the ordinals
are those that a full rebuild would give."""

import numpy as np

from indexer.types import Allowed, Ordinals

GONE = -1
"""The place of a document that was replaced or deleted."""


class Placement:
    """The place among all of each document of a segment. Safe for any number of threads.

    live, gone: the ordinals in the segment of the documents that are, and are not, among all; ascending ·
    plain: the segment is the whole, so that nothing has to be converted."""

    def __init__(self, places: Ordinals, n_all: int) -> None:
        """places (n,): ascending, `GONE` where a document is not among all."""
        self.n_all = n_all
        self.n_docs = len(places)
        self.live = np.flatnonzero(places >= 0).astype(np.int32)
        self.gone = np.flatnonzero(places < 0).astype(np.int32)
        self.plain = self.n_docs == len(self.live) == n_all
        self._places = places
        self._live_places = places if len(self.live) == self.n_docs else places[self.live]

    @classmethod
    def whole(cls, n_docs: int) -> "Placement":
        """That of a segment which is all there is."""
        return cls(np.arange(n_docs, dtype=np.int32), n_docs)

    def outward(self, ordinals: Ordinals) -> Ordinals:
        """The places of documents of the segment; those that are gone are left out."""
        if self.plain:
            return ordinals
        found = self._places[ordinals]
        return found[found >= 0] if len(self.gone) else found

    def places_of(self, ordinals: Ordinals) -> Ordinals:
        """The place of each document of the segment, `GONE` where it has none."""
        return self._places[ordinals]

    def outward_mask(self, mask: Allowed) -> Allowed:
        """A set of documents of the segment as one of all documents, (n_all,)."""
        if self.plain:
            return mask
        found = np.zeros(self.n_all, np.bool_)
        found[self._live_places] = mask[self.live] if len(self.gone) else mask
        return found

    def inward_mask(self, mask: Allowed) -> Allowed:
        """A set of all documents as one of documents of the segment, (n_docs,)."""
        if self.plain:
            return mask
        found = np.zeros(self.n_docs, np.bool_)
        found[self.live] = mask[self._live_places]
        return found

    def located(self, ordinals: Ordinals) -> tuple[Ordinals, Ordinals]:
        """Which of some documents are of this segment: their places in `ordinals`, and in the segment."""
        if self.plain:
            return np.arange(len(ordinals), dtype=np.int32), ordinals
        if not len(self.live):
            return np.empty(0, np.int32), np.empty(0, np.int32)
        found = np.searchsorted(self._live_places, ordinals)
        found = np.minimum(found, len(self._live_places) - 1)
        held = np.flatnonzero(self._live_places[found] == ordinals)
        return held.astype(np.int32), self.live[found[held]]
