"""A generation and the segments beside it, read as one generation."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from indexer.encoders import DocumentEncoder
from indexer.generation import Dense, Generation
from indexer.lexical import LexicalIndex
from indexer.live.placing import placements
from indexer.live.segment import LiveSegment
from indexer.metadata import merged_metadata
from indexer.placement import Placement
from indexer.types import IndexSettings, Ordinals
from indexer.vectors import SegmentedVectors


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A segment beside a generation. before (n,): how many documents of the generation have a smaller key
    than each of its own · gone: those of its own that were replaced or deleted since, ascending."""

    segment: LiveSegment
    before: Ordinals
    gone: Ordinals = field(default_factory=lambda: np.empty(0, np.int32))

    def without(self, doc_ids: Sequence[str]) -> "Held":
        """The same after these documents changed."""
        own = self.segment.doc_ids
        found = ((bisect_left(own, each), each) for each in doc_ids)
        gone = [place for place, each in found if place < len(own) and own[place] == each]
        return replace(self, gone=also(self.gone, gone)) if gone else self


def also(gone: Ordinals, more: Sequence[int]) -> Ordinals:
    """These documents too, ascending."""
    return np.union1d(gone, np.array(more, np.int32))


def document_encoder(dense: Dense, name: str, settings: IndexSettings) -> DocumentEncoder:
    """How an encoder of a generation reads documents with the fields of these settings."""
    return DocumentEncoder(dense.encoder, settings.text_fields, settings.encoders[name].fields)


def read_as_one(
    base: Generation, gone: Ordinals, segments: Sequence[Held], through: int, settings: IndexSettings
) -> Generation:
    """A generation, less the documents that are gone, with segments, all changes up to `through`.

    What is in it costs time when it is asked for, not before."""
    [whole] = base.lexical.segments
    of_base, placed = placements(
        whole.store.n_docs, gone, [(each.segment.doc_ids, each.before, each.gone) for each in segments]
    )
    parts = [(each.segment, placement) for each, placement in zip(segments, placed, strict=True)]
    # What has to be put together is put into the first, so that it is the largest.
    lexical = [whole.placed(of_base), *(segment.lexical.placed(placement) for segment, placement in parts)]
    lexical.sort(key=lambda each: -each.store.n_docs)
    metadata = [(base.metadata, of_base), *((segment.metadata, placement) for segment, placement in parts)]
    metadata.sort(key=lambda each: -each[0].n_docs)
    manifest = {"documents": of_base.n_all, "through_seq": through, "settings": settings}
    return replace(
        base,
        manifest=base.manifest.model_copy(update=manifest),
        lexical=LexicalIndex(lexical),
        metadata=merged_metadata(metadata, of_base.n_all, settings.fields),
        dense={name: _dense(base, name, of_base, parts, settings) for name in base.dense},
        corrector=base.corrector.knowing(form for segment, _ in parts for form in segment.forms),
    )


def _dense(
    base: Generation,
    name: str,
    of_base: Placement,
    parts: Sequence[tuple[LiveSegment, Placement]],
    settings: IndexSettings,
) -> Dense:
    dense = base.dense[name]
    vectors = [
        (dense.vectors, of_base),
        *((segment.vectors[name], placement) for segment, placement in parts if name in segment.vectors),
    ]
    return Dense(dense.encoder, SegmentedVectors(vectors), document_encoder(dense, name, settings))
