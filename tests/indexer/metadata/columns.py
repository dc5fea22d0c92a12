"""Documents to their metadata, by way of the files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indexer.build.metadata import MetadataPass
from indexer.metadata import FOLDER, Metadata
from indexer.types import Document, FieldSettings, FieldType


def write(folder: Path, documents: Iterable[Mapping[str, Any]], types: Mapping[str, FieldType]) -> list[str]:
    """Writes the metadata of documents without keys into a folder; the warnings of that."""
    taken = MetadataPass({name: FieldSettings(type=type) for name, type in types.items()})
    for _ in taken.through(Document(str(number), fields) for number, fields in enumerate(documents)):
        pass
    return taken.finish(folder)


def metadata(documents: Iterable[Mapping[str, Any]], types: Mapping[str, FieldType]) -> Metadata:
    """The metadata of documents without keys; the arrays outlive their files."""
    with TemporaryDirectory() as folder:
        assert write(Path(folder), documents, types) == []
        return Metadata.open(Path(folder) / FOLDER)
