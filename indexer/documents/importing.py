"""The import: sources in, documents in the catalogue, all of them or, where a line is bad, none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import orjson

from indexer.database.bodies import encode
from indexer.database.catalogue import Catalogue
from indexer.database.receipts import Receipt
from indexer.database.records import Place, TaskRecord
from indexer.database.staging import StagedDocument, Staging
from indexer.documents.faults import Fault
from indexer.documents.fields import fit_fields, infer_fields
from indexer.documents.parsing import Draft
from indexer.documents.readers import Record, read_records
from indexer.documents.sources import Source
from indexer.errors import BadLine, BadLinesError
from indexer.types import Document, FieldSettings, Progress, no_progress

DOCUMENT_BYTES = 8 << 20
BATCH_DOCUMENTS = 1000
BATCH_BYTES = 16 << 20
LISTED = 1000
"""Bad lines that a report lists; all of them are counted."""

BadLineSink = Callable[[BadLine, bytes], None]
"""Told each bad line with its bytes, of which a line over the bound has only the first."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import changed, and the lines that it left out."""

    added: int
    updated: int
    unchanged: int
    bad: Sequence[BadLine]
    bad_total: int
    index_created: bool


def import_documents(
    catalogue: Catalogue,
    index: str,
    sources: Iterable[Source],
    *,
    skip_bad: bool = False,
    progress: Progress = no_progress,
    max_document_bytes: int = DOCUMENT_BYTES,
    on_bad_line: BadLineSink | None = None,
) -> ImportReport:
    """What was stored: every document of the sources, in one transaction; the index is created if need be.

    Fields that the index does not know yet get a type from the first documents that have them. With
    `skip_bad`, bad lines are left out and the rest is stored.
    Raises: BadLinesError, after all was read, where a line is bad; nothing is stored then."""
    bad = _BadLines(LISTED, on_bad_line)
    records = (record for each in sources for record in read_records(each, max_document_bytes))
    with _collected(catalogue, index, records, bad, skip_bad, progress) as (staging, fields, good):
        progress("store", 0, good)
        stored = staging.commit(fields)
    progress("store", good, good)
    return ImportReport(
        added=stored.added,
        updated=stored.updated,
        unchanged=stored.unchanged,
        bad=bad.lines,
        bad_total=bad.total,
        index_created=stored.index_created,
    )


def import_as_task(
    catalogue: Catalogue,
    index: str,
    source: Source,
    receipt: Receipt,
    *,
    skip_bad: bool,
    max_document_bytes: int,
    max_errors: int,
) -> TaskRecord:
    """The task of an import that is stored: it has succeeded, and keeps up to `max_errors` bad lines.

    Where the same request was answered before, the task that it got then. Raises: as `import_documents`."""
    if (task := catalogue.documents.former_task(receipt)) is not None:
        return task
    bad = _BadLines(max_errors)
    records = read_records(source, max_document_bytes)
    with _collected(catalogue, index, records, bad, skip_bad, no_progress) as (staging, fields, _):
        return staging.commit_as_task(fields, replace(receipt, errors=bad.lines), bad.total)


@contextmanager
def _collected(
    catalogue: Catalogue,
    index: str,
    records: Iterator[Record],
    bad: "_BadLines",
    skip_bad: bool,
    progress: Progress,
) -> Iterator[tuple[Staging, dict[str, FieldSettings], int]]:
    """Good records in a staging, the fields of the index with theirs, and how many they are."""
    existing = catalogue.indexes.find(index)
    fields = dict(existing.settings.fields) if existing else {}
    done = 0
    with catalogue.documents.staging(index) as staging:
        for batch in _batches(records):
            drafts = (each.content for each in batch if isinstance(each.content, Draft))
            fields |= infer_fields(drafts, fields)
            bad.add(_stage(staging, batch, fields))
            done += len(batch)
            progress("read", done, None)
        if bad.total and not skip_bad:
            raise BadLinesError(bad.lines, bad.total)
        yield staging, fields, done - bad.total


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.raw)
        if len(batch) == BATCH_DOCUMENTS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _stage(
    staging: Staging, batch: Sequence[Record], fields: Mapping[str, FieldSettings]
) -> list[tuple[Record, Fault]]:
    """The records of a batch that cannot be taken, in their order; the others are staged."""
    faults: dict[int, Fault] = {}
    good: list[int] = []
    documents: list[StagedDocument] = []
    for i, record in enumerate(batch):
        try:
            documents.append(_document(record, fields))
            good.append(i)
        except Fault as fault:
            faults[i] = fault
    for i, first in staging.add(documents).items():
        doc_id = documents[i].doc_id
        detail = f"each `id` once was expected, `{doc_id}` is at {first.source}:{first.line} already"
        faults[good[i]] = Fault("duplicate_id", detail, doc_id)
    return [(batch[i], faults[i]) for i in sorted(faults)]


def _document(record: Record, fields: Mapping[str, FieldSettings]) -> StagedDocument:
    draft = record.content
    if isinstance(draft, Fault):
        raise draft
    document = Document(draft.doc_id, fit_fields(draft, fields))
    try:
        body = encode(document)
    except orjson.JSONEncodeError:
        detail = "lists and objects at most 250 deep were expected, these are deeper"
        raise Fault("nested_too_deeply", detail, draft.doc_id) from None
    return StagedDocument(document.doc_id, Place(record.source, record.line), body)


class _BadLines:
    """Bad lines: the first of them, `listed` at most, and how many there are."""

    def __init__(self, listed: int, sink: BadLineSink | None = None) -> None:
        self.lines: list[BadLine] = []
        self.total = 0
        self._listed = listed
        self._sink = sink

    def add(self, faults: Iterable[tuple[Record, Fault]]) -> None:
        for record, fault in faults:
            line = BadLine(record.source, record.line, fault.code, fault.detail, fault.doc_id)
            self.total += 1
            if len(self.lines) < self._listed:
                self.lines.append(line)
            if self._sink is not None:
                self._sink(line, record.raw)
