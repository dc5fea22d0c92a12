"""The first pass over the documents: analysed once, counted, their words put aside and written down."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import tee
from pathlib import Path

import orjson

from indexer.analysis import TokenColumns
from indexer.build.analysing import LocalAnalysis, ProcessAnalysis, open_analysis
from indexer.build.spool import WordSpool
from indexer.completion import FOLDER as COMPLETION
from indexer.completion import NgramCounter, write_ngrams
from indexer.lexical import FILE_NAME, POSITIONED_VIEWS, LexicalBuilder
from indexer.spelling import FOLDER, FormCounter, write_forms
from indexer.storage.sqlite import writing
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
    *,
    completion: bool = True,
) -> Counted:
    """Writes `lexical.sqlite`, `spelling/` and, if wanted, `completion/`, fills the spool; documents come in
    ascending order of their key."""
    fields, views = settings.text_fields, settings.views
    positioned = [view for view in views if settings.positions and view in POSITIONED_VIEWS]
    counter = FormCounter(len(fields))
    ngrams = NgramCounter(len(fields)) if completion else None
    digest = sha256()
    done = 0
    with (
        writing(folder / FILE_NAME),
        closing(LexicalBuilder(folder / FILE_NAME, fields, views, positioned)) as builder,
        analysis_in(settings, [*views, "words", "forms"], total) as analysis,
    ):
        for batch, columns in analysed(documents, fields, analysis):
            builder.add([document.doc_id for document in batch], columns)
            spool.add(columns["words"])
            counter.add(columns["forms"])
            if ngrams is not None:
                ngrams.add(columns["forms"], analysis.vocabulary("forms"))
            for document in batch:
                digest.update(orjson.dumps([document.doc_id, document.fields], option=orjson.OPT_SORT_KEYS))
            done += len(batch)
            progress("analyse", done, total)
        spool.finish(analysis.vocabulary("words").terms())
        forms = analysis.vocabulary("forms").terms()
        write_forms(folder / FOLDER, forms, counter.df, counter.cf)
        if ngrams is not None:
            write_ngrams(folder / COMPLETION, forms, counter.df, counter.cf, *ngrams.finish())
        builder.finish({view: analysis.vocabulary(view).terms() for view in views}, progress)
    return Counted(done, f"sha256:{digest.hexdigest()}")


def spool_words(
    documents: Iterable[Document],
    total: int,
    settings: IndexSettings,
    spool: WordSpool,
    progress: Progress,
) -> None:
    """Fills the spool alone, for those who only want the words."""
    done = 0
    with analysis_in(settings, ["words"], total) as analysis:
        for batch, columns in analysed(documents, settings.text_fields, analysis):
            spool.add(columns["words"])
            done += len(batch)
            progress("analyse", done, total)
        spool.finish(analysis.vocabulary("words").terms())


def analysis_in(
    settings: IndexSettings, views: Iterable[str], n_documents: int
) -> LocalAnalysis | ProcessAnalysis:
    """The analysis of an index in these views, each of which may be named twice."""
    n_texts = n_documents * len(settings.text_fields)
    return open_analysis(settings.analysis, list(dict.fromkeys(views)), n_texts)


def analysed(
    documents: Iterable[Document], fields: list[str], analysis: LocalAnalysis | ProcessAnalysis
) -> Iterator[tuple[list[Document], dict[str, TokenColumns]]]:
    """Batches of documents, each with the tokens of all fields of the first document, of the next …"""
    batches, ahead = tee(_batches(documents, fields))
    texts = ([document.text(field) for document in batch for field in fields] for batch in ahead)
    return zip(batches, analysis.analyse(texts), strict=True)


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
