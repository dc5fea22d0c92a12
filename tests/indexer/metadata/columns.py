"""Documents to their metadata, by way of the files."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from indexer.build.metadata import MetadataPass
from indexer.metadata import FOLDER, Metadata, merged_metadata
from indexer.placement import GONE, Placement
from indexer.types import Document, FieldSettings, FieldType


def write(folder: Path, documents: Iterable[Mapping[str, Any]], types: Mapping[str, FieldType]) -> list[str]:
    """Writes the metadata of documents without keys into a folder; the warnings of that."""
    taken = MetadataPass({name: FieldSettings(type=type) for name, type in types.items()})
    for _ in taken.through(Document(str(number), fields) for number, fields in enumerate(documents)):
        pass
    return taken.finish(folder)


def kinds(metadata: Metadata) -> dict[str, tuple[str, ...]]:
    """The kinds of values that each path holds, `text` for a text field, none for what is an object alone."""
    return {
        path: ("text",) if data.text and not data.columns else tuple(each.kind for each in data.columns)
        for path, data in metadata.paths.items()
    }


def metadata(documents: Iterable[Mapping[str, Any]], types: Mapping[str, FieldType]) -> Metadata:
    """The metadata of documents without keys; the arrays outlive their files."""
    with TemporaryDirectory() as folder:
        assert write(Path(folder), documents, types) == []
        return Metadata.open(Path(folder) / FOLDER)


def segmented(
    documents: Sequence[Mapping[str, Any]],
    types: Mapping[str, FieldType],
    segments: Sequence[int],
    gone: Sequence[tuple[int, Mapping[str, Any]]],
) -> Metadata:
    """The same of documents that lie in several segments, with others that were replaced or deleted.

    segments: that of each document · gone: segment and fields of what stands before all that is left."""
    parts = []
    for number in range(max([*segments, *(segment for segment, _ in gone)], default=0) + 1):
        lost = [fields for segment, fields in gone if segment == number]
        held = [ordinal for ordinal, segment in enumerate(segments) if segment == number]
        places = np.array([GONE] * len(lost) + held, np.int32)
        columns = metadata([*lost, *(documents[ordinal] for ordinal in held)], types)
        parts.append((columns, Placement(places, len(documents))))
    fields = {name: FieldSettings(type=type) for name, type in types.items()}
    return merged_metadata(parts, len(documents), fields)
