"""One index as it is searched: its generation, and in segments beside it what changed since."""

import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path

import numpy as np

from indexer.database import Catalogue, Snapshot
from indexer.encoders import DocumentEncoder, EmbeddingCache
from indexer.generation import Generation
from indexer.live.folder import SegmentFolder
from indexer.live.merging import Held, also, document_encoder, read_as_one
from indexer.live.segment import LiveSegment, build_segment, read_texts, with_vectors
from indexer.types import IndexSettings, Ordinals

FANOUT = 4
"""A segment is made anew together with new documents unless it has more than so many times theirs: then no
document is indexed more often than the logarithm of their number, and few segments are searched."""

FOLD_SHARE, FOLD_LEAST = 0.25, 20_000
"""Of the generation's documents so many, and at least so many, may be searched beside it; then it is time to
fold them in."""

LARGEST = 50_000
"""Documents of a segment that is left as it is, and changes that are taken in at once."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is searched: changes up to `through` in segments, the oldest first, and which documents of the
    generation are gone."""

    through: int
    gone: Ordinals
    segments: Sequence[Held] = ()


class LiveIndex:
    """The generation of an index with the changes since. `current` is exchanged by one assignment, so that
    any number of threads may read it; one at a time calls `refresh`, and one `encode`, which is slow."""

    def __init__(self, base: Generation, index_folder: Path) -> None:
        """index_folder: where the generations of the index are; a folder is made there when it is needed."""
        self.base = base
        self.current = base
        self._index_folder = index_folder
        self._numbers = count(1)
        self._changing = threading.Lock()
        self._state = _State(base.manifest.through_seq, np.empty(0, np.int32))

    @property
    def seq(self) -> int:
        """The last change that is searched."""
        return self._state.through

    @property
    def encoded(self) -> int:
        """The last change that is searched by every encoder."""
        return min((each.after for each in self._unread()), default=self.seq)

    @property
    def missing(self) -> Sequence[str]:
        """What is not searched in full yet, and why."""
        unread = self._unread()
        names = sorted({f"`{name}`" for each in unread for name in each.unread})
        count = sum(len(each.doc_ids) for each in unread)
        return [f"Changed documents that {', '.join(names)} must still read: {count:,}."] if unread else []

    @property
    def n_beside(self) -> int:
        """Documents that are searched beside the generation, and those of it that are gone."""
        return len(self._state.gone) + sum(len(each.segment.doc_ids) for each in self._state.segments)

    @property
    def is_outgrown(self) -> bool:
        """Whether what changed is so much that it should be folded in."""
        return self.n_beside > max(FOLD_LEAST, FOLD_SHARE * self.base.manifest.documents)

    def refresh(self, catalogue: Catalogue) -> bool:
        """Takes in what changed since the last time, all of it or nothing; whether anything did. What
        encoders that read texts make of it is for `encode`.

        Raises: MissingError where the index is not there any more."""
        with self._changing:
            return self._refreshed(catalogue)

    def encode(self, unwanted: Callable[[], bool] = lambda: False) -> bool:
        """Has texts read that no encoder has read yet, until it is `unwanted`; whether there were any."""
        if not (unread := self._unread()):
            return False
        segment = unread[0]
        encoders = self._encoders(segment.settings)

        def is_left() -> bool:
            return unwanted() or segment not in self._unread()

        try:
            found = read_texts(segment, encoders, EmbeddingCache(self._index_folder.parent.parent), is_left)
        except FileNotFoundError:  # made anew with others meanwhile
            if not is_left():
                raise
            return True
        with self._changing:
            if found is not None and not is_left():
                self._exchange(segment, with_vectors(segment, encoders, found))
        return True

    def _unread(self) -> Sequence[LiveSegment]:
        return [each.segment for each in self._state.segments if each.segment.unread]

    def _exchange(self, former: LiveSegment, segment: LiveSegment) -> None:
        segments = [
            replace(each, segment=segment) if each.segment is former else each
            for each in self._state.segments
        ]
        state = replace(self._state, segments=segments)
        settings = self.current.manifest.settings
        self.current = read_as_one(self.base, state.gone, state.segments, state.through, settings)
        self._state = state

    def _refreshed(self, catalogue: Catalogue) -> bool:
        former = self._state
        made: list[LiveSegment] = []
        with catalogue.documents.snapshot(self.base.manifest.index) as snapshot:
            if snapshot.seq == former.through:
                return False
            settings = self._settings(catalogue)
            try:
                state = former
                while state.through < snapshot.seq:
                    state = self._advanced(state, snapshot, settings, made)
                current = read_as_one(self.base, state.gone, state.segments, state.through, settings)
            except BaseException:
                _remove(made)
                raise
        self._state, self.current = state, current
        kept = [each.segment for each in state.segments]
        before = [each.segment for each in former.segments]
        _remove(each for each in (*before, *made) if each not in kept)
        return True

    def _settings(self, catalogue: Catalogue) -> IndexSettings:
        """Those of the generation, with the fields that the index got since."""
        built = self.base.manifest.settings
        now = catalogue.indexes.get(self.base.manifest.index).settings.fields
        return built.model_copy(update={"fields": built.fields | (now | built.fields)})

    def _advanced(
        self, state: _State, snapshot: Snapshot, settings: IndexSettings, made: list[LiveSegment]
    ) -> _State:
        """The state with the next changes; a segment that is built for them is added to `made`."""
        through = min(state.through + LARGEST, snapshot.seq)
        changed = snapshot.changed_ids(state.through, through)
        in_base = (self.base.lexical.segments[0].store.place(each) for each in changed)
        gone = also(state.gone, [place for place, there in in_base if there])
        kept = [
            each.without(changed)
            for each in _kept(state.segments, snapshot.changed_count(state.through, through))
        ]
        after = kept[-1].segment.through if kept else self.base.manifest.through_seq
        if n_documents := snapshot.changed_count(after, through):
            folder = self._folder.path / f"{next(self._numbers):06d}"
            documents = snapshot.changed(after, through)
            span = (after, through)
            encoders = self._encoders(settings)
            made.append(build_segment(documents, n_documents, span, settings, encoders, folder))
            kept.append(Held(made[-1], self._before(made[-1].doc_ids)))
        return _State(through, gone, kept)

    def _encoders(self, settings: IndexSettings) -> dict[str, DocumentEncoder]:
        return {name: document_encoder(each, name, settings) for name, each in self.base.dense.items()}

    @cached_property
    def _folder(self) -> SegmentFolder:
        return SegmentFolder(self._index_folder)

    def _before(self, doc_ids: Iterable[str]) -> Ordinals:
        """How many documents of the generation have a smaller key than each of these."""
        store = self.base.lexical.segments[0].store
        return np.array([store.place(each)[0] for each in doc_ids], np.int32)


def _kept(segments: Sequence[Held], n_new: int) -> Sequence[Held]:
    """The segments that are left as they are when so many documents come; the others are made anew."""
    n_kept = len(segments)
    while n_kept and len(segments[n_kept - 1].segment.doc_ids) <= min(FANOUT * n_new, LARGEST // FANOUT):
        n_kept -= 1
        n_new += len(segments[n_kept].segment.doc_ids)
    return segments[:n_kept]


def _remove(segments: Iterable[LiveSegment]) -> None:
    """Removes their files; who still reads them has them open."""
    for each in segments:
        shutil.rmtree(each.folder)
