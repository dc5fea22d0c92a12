import io

import pytest

from indexer.documents.importing import import_documents
from indexer.documents.sources import Source
from tests.indexer.database.catalogues import new_catalogue


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def import_bytes(catalogue):
    """Imports some bytes into the index `news`, as an upload does."""

    def run(content, format="jsonl", name="upload", gzipped=False, **options):
        source = Source(name, format, lambda: io.BytesIO(content), gzipped, doc_id=name)
        return import_documents(catalogue, "news", [source], **options)

    return run
