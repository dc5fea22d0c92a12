"""The first pass over the documents: analysed once, counted, their words put aside."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import tee
from pathlib import Path

import orjson

from indexer.build.analysing import LocalAnalysis, ProcessAnalysis, open_analysis
from indexer.build.spool import WordSpool
from indexer.lexical import FILE_NAME, POSITIONED_VIEWS, LexicalBuilder
from indexer.types import Document, IndexSettings, Progress

BATCH_DOCUMENTS = 1_000
BATCH_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents there were, and a hash over all of them."""

    documents: int
    corpus_hash: str


def build_lexical(
    documents: Iterable[Document],
    total: int,
    settings: IndexSettings,
    folder: Path,
    spool: WordSpool,
    progress: Progress,
) -> Counted:
    """Writes `lexical.sqlite` and fills the spool; documents come in ascending order of their key."""
    fields, views = settings.text_fields, settings.views
    positioned = [view for view in views if settings.positions and view in POSITIONED_VIEWS]
    builder = LexicalBuilder(folder / FILE_NAME, fields, views, positioned)
    digest = sha256()
    done = 0
    with closing(builder), _analysis(settings, total) as analysis:
        batches, ahead = tee(_batches(documents, fields))
        texts = ([document.text(field) for document in batch for field in fields] for batch in ahead)
        for batch, columns in zip(batches, analysis.analyse(texts), strict=True):
            builder.add([document.doc_id for document in batch], columns)
            spool.add(columns["words"])
            for document in batch:
                digest.update(orjson.dumps([document.doc_id, document.fields], option=orjson.OPT_SORT_KEYS))
            done += len(batch)
            progress("analyse", done, total)
        spool.finish(analysis.vocabulary("words").terms())
        builder.finish({view: analysis.vocabulary(view).terms() for view in views}, progress)
    return Counted(done, f"sha256:{digest.hexdigest()}")


def _analysis(settings: IndexSettings, n_documents: int) -> LocalAnalysis | ProcessAnalysis:
    """The analysis in the views of the index, and in words, which encoders read."""
    views = list(dict.fromkeys([*settings.views, "words"]))
    return open_analysis(settings.analysis, views, n_documents * len(settings.text_fields))


def _batches(documents: Iterable[Document], fields: list[str]) -> Iterator[list[Document]]:
    """The documents in batches, bounded in number and in characters."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += sum(len(document.text(field)) for field in fields)
        if len(batch) == BATCH_DOCUMENTS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
