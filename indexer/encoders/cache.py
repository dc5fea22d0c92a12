"""Texts that were encoded once, kept beside the indexes: no encoder is asked for the same again.

cache/embeddings.sqlite   key: which encoder and which text; its vectors behind a digest of both

It may be deleted at any time. Where it is damaged, cannot be written or is held by others, texts are encoded
as if it were not there."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from indexer.encoders.base import TextEncoder
from indexer.storage.sqlite import sqlite_module
from indexer.types import Vectors

logger = logging.getLogger(__name__)

FOLDER = "cache"
FILE = "embeddings.sqlite"
SECONDS = 2.0
"""So long another process that writes is waited for."""

_DIGEST = 16  # bytes
_AT_ONCE = 500  # keys asked for by one statement

EncodeRows = Callable[[Sequence[str]], list[Vectors]]
"""The vectors of texts. Shapes: (n, dims) each."""


class EmbeddingCache:
    """The vectors of texts by encoder and text, of a data folder; opened when it is first asked."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER
        self._connection: Any = None
        self._usable = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file; it is opened again when it is asked again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, encoder: TextEncoder, encode: EncodeRows) -> EncodeRows:
        """The same as `encode`, which is asked for those texts alone that are not known, each once."""
        seed = f"{encoder.fingerprint}:rows".encode()

        def cached(texts: Sequence[str]) -> list[Vectors]:
            keys = [_key(seed, text) for text in texts]
            known = self._known(sorted(set(keys)), encoder.dims)
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if new:
                made = dict(zip(new, encode(list(new.values())), strict=True))
                self._keep(made)
                known |= made
            return [known[key] for key in keys]

        return cached

    def _known(self, keys: Sequence[bytes], dims: int) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            marks = ",".join("?" * len(some))
            for key, content in self._run(
                f"SELECT key, vectors FROM embeddings WHERE key IN ({marks})", some
            ):
                vectors = _vectors(key, content, dims)
                if vectors is not None:
                    found[key] = vectors
        return found

    def _keep(self, made: dict[bytes, Vectors]) -> None:
        rows = [(key, _digest(key, each.tobytes()) + each.tobytes()) for key, each in made.items()]
        self._run("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows, many=True)

    def _run(self, statement: str, values: Sequence[Any], *, many: bool = False) -> list[tuple[Any, Any]]:
        """What a statement answers; nothing where the file cannot be used."""
        if not self._usable:
            return []
        sqlite = sqlite_module()
        try:
            if self._connection is None:
                self._connection = self._opened()
            if not many:
                return list(self._connection.execute(statement, values))
            with self._connection:
                self._connection.executemany(statement, values)
        except (sqlite.OperationalError, OSError) as error:  # held by others, or no room: another time
            logger.warning("the cache of embeddings is left alone: %s", error)
            self._usable = False
        except sqlite.DatabaseError as error:
            logger.warning("the cache of embeddings is begun anew: %s", error)
            self._begin_anew()
        return []

    def _opened(self) -> Any:
        self._folder.mkdir(exist_ok=True)
        connection = sqlite_module().connect(self._folder / FILE, timeout=SECONDS, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vectors BLOB) WITHOUT ROWID"
        )
        return connection

    def _begin_anew(self) -> None:
        """Removes what cannot be read; for now texts are encoded without it."""
        self._usable = False
        self.close()
        with suppress(OSError):
            for end in ("", "-wal", "-shm"):
                (self._folder / f"{FILE}{end}").unlink(missing_ok=True)


def _key(seed: bytes, text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=blake2b(seed).digest(), digest_size=32).digest()


def _digest(key: bytes, content: bytes) -> bytes:
    return blake2b(content, key=key, digest_size=_DIGEST).digest()


def _vectors(key: bytes, content: object, dims: int) -> Vectors | None:
    """What was kept under a key; None where it is not what was kept."""
    if not isinstance(content, bytes):
        return None
    digest, values = content[:_DIGEST], content[_DIGEST:]
    if digest != _digest(key, values) or len(values) % (4 * dims):
        return None
    return np.frombuffer(values, np.float32).reshape(-1, dims)
