"""What tests of indexes are made with: a catalogue of few documents, built without training."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from indexer.database import Catalogue, migrate, sqlite_url
from indexer.documents import Source, import_documents
from indexer.types import EncoderSettings, IndexSettings

HASHING = IndexSettings(encoders={"hashing": EncoderSettings(type="hashing")})
"""Settings whose one encoder needs no training."""

CATS_AND_DOGS = [
    {"id": "1", "title": "猫", "text": "猫 喜欢 鱼", "lang": "zh"},
    {"id": "2", "title": "狗", "text": "狗 不 喜欢 鱼", "lang": "zh"},
    {"id": "3", "title": "Cats", "text": "Cats like fish, dogs do not.", "lang": "en"},
]


def new_catalogue(data_dir: Path) -> Catalogue:
    """An empty catalogue in a folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    migrate(sqlite_url(data_dir))
    return Catalogue.open(data_dir)


def store(
    catalogue: Catalogue,
    index: str,
    documents: Iterable[Mapping[str, Any]],
    settings: IndexSettings = HASHING,
) -> None:
    """Stores documents in an index, which is created with the settings where it is not there."""
    if catalogue.indexes.find(index) is None:
        catalogue.indexes.create(index, settings)
    body = b"".join(orjson.dumps(each) + b"\n" for each in documents)
    import_documents(catalogue, index, [Source("test", "jsonl", lambda: BytesIO(body))])
