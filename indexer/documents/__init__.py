"""Files and streams of documents: read, checked, and stored in the catalogue."""

from indexer.documents.importing import ImportReport, import_as_task, import_documents
from indexer.documents.labelling import label_documents
from indexer.documents.sources import Format, Source, find_sources
from indexer.documents.writing import delete_document, patch_document, put_document

__all__ = [
    "Format",
    "ImportReport",
    "Source",
    "delete_document",
    "find_sources",
    "import_as_task",
    "import_documents",
    "label_documents",
    "patch_document",
    "put_document",
]
