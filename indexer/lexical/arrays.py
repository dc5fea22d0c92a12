"""The serving form of an inverted index: flat arrays made from its counts, in memory or memory-mapped.

They hold nothing that the store does not: where they are missing or damaged they are made anew."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.errors import CorruptError
from indexer.lexical.base import LexicalStore
from indexer.lexical.dictionary import find, key, make_slots
from indexer.lexical.layout import DTYPES, GROWING, SHARES, WINDOW, Layout, PostingArrays, Shares
from indexer.lexical.packing import PADDING
from indexer.storage.arrays import ArrayFile, load_array, save_array
from indexer.storage.files import checksum, sync_folder, write_file

ARRAYS = "lexical.arrays"
VERSION = 2
_SUMMARY = "arrays.json"
_WRITTEN = (*GROWING, "key_bytes", "key_lengths")
_KEYS = ("key_bytes", "key_begins", "key_slots")


@dataclass(frozen=True, slots=True)
class Arrays:
    """Postings by term number, and the table that gives a term its number.

    window: documents that are scored together, a power of two from 64 to 65,536 · key_bytes: the terms, each
    behind the number of its view · key_begins (n_terms + 1,) · key_slots: the table of `dictionary.find`."""

    views: Sequence[str]
    fields: Sequence[str]
    n_docs: int
    window: int
    postings: PostingArrays
    key_bytes: NDArray[np.uint8]
    key_begins: NDArray[np.int64]
    key_slots: NDArray[np.uint32]

    def numbers(self, view: str, terms: Sequence[str]) -> NDArray[np.int64]:
        """The number of each term of a view; -1 where it does not occur."""
        if view not in self.views or not terms:
            return np.full(len(terms), -1, np.int64)
        number = self.views.index(view)
        return find(self.key_slots, self.key_bytes, self.key_begins, [key(number, term) for term in terms])


def arrays_in_memory(store: LexicalStore, shares: Shares = SHARES, window: int = WINDOW) -> Arrays:
    """The serving form of a small store."""
    layout = Layout(store.n_docs, len(store.fields), len(store.views), shares, window)
    parts: dict[str, list[NDArray[Any]]] = {}
    for added in _batches(store, layout):
        for name, values in added.items():
            parts.setdefault(name, []).append(values)
    parts.setdefault("packed", []).append(np.zeros(PADDING, np.uint8))
    joined = {name: _joined(name, parts.get(name, []), store, window) for name in _WRITTEN}
    return _assembled(store, joined, layout.tuples, window)


def write_arrays(store: LexicalStore, folder: Path, source: str, shares: Shares = SHARES) -> None:
    """Writes the serving form of a store; `source` says what it was made from: opening asks for it.

    It takes the place of what was there when it is whole, so that several processes may do this at once."""
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}."))
    try:
        _write(store, made, source, shares)
        if folder.is_dir():
            shutil.rmtree(folder)
        folder.unlink(missing_ok=True)
        made.chmod(folder.parent.stat().st_mode & 0o777)  # a reader may be another user than the builder
        made.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(store: LexicalStore, folder: Path, source: str, shares: Shares) -> None:
    layout = Layout(store.n_docs, len(store.fields), len(store.views), shares, WINDOW)
    files = {name: ArrayFile(folder / f"{name}.npy", *_shape(name, store, WINDOW)) for name in _WRITTEN}
    for added in _batches(store, layout):
        for name, values in added.items():
            files[name].append(values)
    files["packed"].append(np.zeros(PADDING, np.uint8))
    for file in files.values():
        file.close()
    lengths = load_array(folder / "key_lengths.npy")
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    (folder / "key_lengths.npy").unlink()
    save_array(folder / "key_begins.npy", begins)
    save_array(folder / "key_slots.npy", make_slots(load_array(folder / "key_bytes.npy"), begins))
    save_array(folder / "tuples.npy", layout.tuples)
    summary = {
        "version": VERSION,
        "source": source,
        "files": {path.name: checksum(path) for path in sorted(folder.iterdir())},
    }
    write_file(folder / _SUMMARY, [orjson.dumps(summary)])
    sync_folder(folder)


def open_arrays(store: LexicalStore, folder: Path, source: str) -> Arrays:
    """The serving form in a folder, memory-mapped, after every file was checked against its sha256.

    Raises: CorruptError where it is damaged, or was not made from `source`."""
    try:
        summary = orjson.loads((folder / _SUMMARY).read_bytes())
        expected = {"version": VERSION, "source": source, "files": _checksums(folder)}
    except (OSError, ValueError) as error:
        raise CorruptError(f"{folder} cannot be read ({error}).") from None
    if summary != expected:
        raise CorruptError(f"{folder} is damaged, or belongs to another index.")
    loaded = {name: load_array(folder / f"{name}.npy") for name in (*GROWING, "tuples", *_KEYS)}
    postings = PostingArrays(**{name: loaded[name] for name in PostingArrays._fields})
    keys = (loaded[name] for name in _KEYS)
    return Arrays(store.views, store.fields, store.n_docs, WINDOW, postings, *keys)


def _checksums(folder: Path) -> dict[str, str]:
    return {path.name: checksum(path) for path in sorted(folder.iterdir()) if path.name != _SUMMARY}


def _batches(store: LexicalStore, layout: Layout) -> Iterator[dict[str, NDArray[Any]]]:
    """What each batch of terms adds to each array, the keys' bytes and lengths among them."""
    for batch in store.every_term():
        view = store.views.index(batch.view)
        keys = [key(view, term) for term in batch.terms]
        yield {
            **layout.add(batch, view),
            "key_bytes": np.frombuffer(b"".join(keys), np.uint8),
            "key_lengths": np.array([len(each) for each in keys], np.int64),
        }


def _shape(name: str, store: LexicalStore, window: int) -> tuple[Any, tuple[int, ...]]:
    """The dtype of an array, and the shape of one row of it."""
    rows = {
        "list_begins": (-(-store.n_docs // window) + 1,),
        "bits": (-(-store.n_docs // 64),),
        "ranks": (-(-store.n_docs // 64),),
        "odd_counts": (len(store.fields),),
    }
    dtypes = {**DTYPES, "key_bytes": np.uint8, "key_lengths": np.int64}
    return dtypes[name], rows.get(name, ())


def _joined(name: str, parts: Sequence[NDArray[Any]], store: LexicalStore, window: int) -> NDArray[Any]:
    dtype, row = _shape(name, store, window)
    return np.concatenate([np.empty((0, *row), dtype), *parts])


def _assembled(
    store: LexicalStore, joined: dict[str, NDArray[Any]], tuples: NDArray[np.int32], window: int
) -> Arrays:
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(joined["key_lengths"])])
    postings = PostingArrays(**{name: joined[name] for name in GROWING}, tuples=tuples)
    slots = make_slots(joined["key_bytes"], begins)
    keys = joined["key_bytes"], begins, slots
    for array in (*postings, *keys):
        array.flags.writeable = False  # as of a memory-mapped one: code compiled for these serves both
    return Arrays(store.views, store.fields, store.n_docs, window, postings, *keys)
