"""The generation that an index has before its first one is built: no document, and no encoder."""

import numpy as np

from indexer.analysis import Analyzer
from indexer.completion import Completer, Ngrams
from indexer.generation import FORMAT, Generation, Manifest
from indexer.lexical import POSITIONED_VIEWS, LexicalIndex, MemoryLexical, Segment, arrays_in_memory
from indexer.metadata import Metadata
from indexer.spelling import Corrector, Forms
from indexer.types import IndexSettings

NAME = "gen-000000"
"""No generation that is built has this name."""


def empty_generation(index: str, settings: IndexSettings, *, degraded: bool = False) -> Generation:
    """The beginning of an index with these settings: all that is ever stored has changed since.

    degraded: it stands in for generations that cannot be read."""
    analyzer = Analyzer(settings.analysis)
    positioned = [view for view in settings.views if settings.positions and view in POSITIONED_VIEWS]
    store = MemoryLexical(settings.text_fields, settings.views, positioned)
    manifest = Manifest(
        format=FORMAT,
        index=index,
        name=NAME,
        documents=0,
        through_seq=0,
        corpus_hash="",
        created_at="",
        settings=settings,
        analysis=analyzer.fingerprint(),
        encoders={},
        warnings=[],
        files={},
    )
    counts = np.empty(0, np.int64)
    return Generation(
        name=NAME,
        manifest=manifest,
        lexical=LexicalIndex([Segment(store, arrays_in_memory(store))]),
        analyzer=analyzer,
        dense={},
        metadata=Metadata(0, {}),
        corrector=Corrector(Forms([], counts, counts), analyzer),
        completer=Completer(Ngrams.none(), analyzer),
        degraded=degraded,
    )
