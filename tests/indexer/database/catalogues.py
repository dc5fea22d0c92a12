"""Catalogues to test with, and documents put into them by hand."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.database.bodies import encode
from indexer.database.catalogue import Catalogue
from indexer.database.engine import sqlite_url
from indexer.database.migrate import migrate
from indexer.database.records import Place
from indexer.database.staging import StagedDocument
from indexer.types import Document, FieldSettings

TEXT = {"text": FieldSettings(type="text")}


@cache
def _empty_database():
    with TemporaryDirectory() as folder:
        migrate(sqlite_url(Path(folder)))
        return (Path(folder) / "textprism.db").read_bytes()


def new_catalogue(data_dir):
    """An empty catalogue; migrated once, then copied."""
    data_dir.mkdir(exist_ok=True)
    (data_dir / "textprism.db").write_bytes(_empty_database())
    return Catalogue.open(data_dir)


def staged(documents, source="file", first_line=1):
    return [
        StagedDocument(each.doc_id, Place(source, line), encode(each))
        for line, each in enumerate(documents, start=first_line)
    ]


def store(catalogue, index, documents):
    with catalogue.documents.staging(index) as staging:
        staging.add(staged(documents))
        return staging.commit(TEXT)


def texts(**by_id):
    return [Document(doc_id, {"text": text}) for doc_id, text in by_id.items()]
