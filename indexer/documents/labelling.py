"""Labels of documents, written into one field."""

from collections import Counter
from collections.abc import Mapping, Sequence

from indexer.database.bodies import encode
from indexer.database.catalogue import Catalogue
from indexer.database.records import StoredDocument
from indexer.database.writing import NewBody, Write
from indexer.errors import MissingError, PreconditionError
from indexer.types import Document, FieldSettings


def label_documents(
    catalogue: Catalogue, index: str, documents: Sequence[Document], field: str, labels: Mapping[str, str]
) -> Mapping[str, int]:
    """How many documents got a label, `labelled`, had it already, `unchanged`, or are not as they were read
    any more, `changed`, which are left alone. Who has no label loses what stands in the field.

    labels: by the keys of documents. All are written in one transaction, unless one is not as it was read."""
    writes = [_write(index, document, field, labels.get(document.doc_id)) for document in documents]
    try:
        records = catalogue.writes.apply_all(writes)
    except (MissingError, PreconditionError):
        records, changed = [], 0
        for write in writes:
            try:
                records.append(catalogue.writes.apply(write))
            except (MissingError, PreconditionError):
                changed += 1
    else:
        changed = 0
    outcomes = Counter(record.outcome for record in records if record.id in labels)
    return {"labelled": outcomes["updated"], "unchanged": outcomes["unchanged"], "changed": changed}


def _write(index: str, read: Document, field: str, label: str | None) -> Write:
    def labelled(stored: StoredDocument | None, _: Mapping[str, FieldSettings]) -> NewBody:
        if stored is None:
            raise MissingError("document", read.doc_id)
        if stored.document != read:
            raise PreconditionError(f"Document `{read.doc_id[:100]}` has changed: label it again.")
        others = {name: value for name, value in read.fields.items() if name != field}
        return NewBody(
            encode(Document(read.doc_id, others if label is None else {**others, field: label})), {}
        )

    return Write(index, read.doc_id, labelled)
