"""Files and streams of documents: read, checked, and stored in the catalogue."""

from indexer.documents.importing import ImportReport, import_documents
from indexer.documents.sources import Format, Source, find_sources

__all__ = ["Format", "ImportReport", "Source", "find_sources", "import_documents"]
