"""What a power cut would have left of a folder whose changes were recorded (`recorder.c`).

A file keeps its bytes up to its last fsync, and of the writes after it any, some of them torn. A folder keeps its names up
to its last fsync, and of the changes after it a beginning (`strict`); or the names of all folders up to the last fsync of
anything, as of a file system with a journal of its metadata (`ext4`)."""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

_HEAD = struct.Struct("<cIIqI")
_SECTOR = 512
TORN = 0.3

Mode = Literal["strict", "ext4"]


class Record(NamedTuple):
    """One change: c created, w written, t cut, s synced, e a sync that failed, r renamed, l linked, u removed, m a folder
    made, A acknowledged to a client (`data`)."""

    kind: str
    path: str
    other: str
    offset: int
    data: bytes


def records(log: Path) -> Iterator[Record]:
    """All that was recorded, in order."""
    content = log.read_bytes()
    at = 0
    while at + _HEAD.size <= len(content):
        kind, n_path, n_other, offset, n_data = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        path = content[at : at + n_path].decode()
        other = content[at + n_path : at + n_path + n_other].decode()
        at += n_path + n_other
        yield Record(kind.decode(), path, other, offset, content[at : at + n_data])
        at += n_data


def acknowledge(log: Path, data: bytes) -> None:
    """Notes that a client was told something, after all that was recorded before."""
    with log.open("ab", buffering=0) as file:
        file.write(_HEAD.pack(b"A", 0, 0, 0, len(data)) + data)


@dataclass(slots=True)
class _File:
    """The bytes that are durable, and the writes and cuts since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, *change)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """The durable bytes with some of what was pending."""
        found = bytearray(self.durable)
        for offset, data in self.pending:
            if chance.random() < 0.5:
                continue
            if data is not None and len(data) > _SECTOR and chance.random() < TORN:
                data = data[: _SECTOR * chance.randrange(1, len(data) // _SECTOR + 1)]
            _apply(found, offset, data)
        return bytes(found)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    size = offset if data is None else offset + len(data)
    if data is None:
        del content[offset:]
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if data is not None:
        content[offset : offset + len(data)] = data


_FOLDER = -1
Change = tuple[str, int | None]
"""A name, and the number of the file that has it now; None: nobody has it."""


class Disk:
    """A folder as the records say, and what of it is durable."""

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._files: list[_File] = []
        self._names: dict[str, int] = {}
        self._durable: dict[str, int] = {}
        self._pending: list[Change] = []

    def take(self, record: Record) -> None:
        """The next record."""
        kind, path = record.kind, record.path
        if kind == "c":
            self._files.append(_File())
            self._name(path, len(self._files) - 1)
        elif kind == "m":
            self._name(path, _FOLDER)
        elif kind in "wt" and (file := self._file(path)):
            file.pending.append((record.offset, record.data if kind == "w" else None))
        elif kind == "l" and path in self._names:
            self._name(record.other, self._names[path])
        elif kind == "u":
            self._name(path, None)
        elif kind == "r":
            moved = [name for name in self._names if name == path or name.startswith(f"{path}/")]
            for name in moved:
                self._name(record.other + name[len(path) :], self._names[name])
            for name in reversed(moved):
                self._name(name, None)

    def sync(self, path: str, mode: Mode) -> None:
        """An fsync of a file or a folder."""
        file = self._file(path)
        if file is not None:
            file.sync()
        if mode == "ext4":
            self._keep(lambda _: True)
        elif file is None:
            self._keep(lambda name: name.rpartition("/")[0] == path.rstrip("/"))

    def cut(self, folder: Path, mode: Mode, chance: random.Random) -> None:
        """Makes the folder as the disk is after a power cut now."""
        names = dict(self._durable)
        if mode == "ext4":
            _rename(names, self._pending[: chance.randrange(len(self._pending) + 1)])
        else:
            for parent in {name.rpartition("/")[0] for name, _ in self._pending}:
                own = [change for change in self._pending if change[0].rpartition("/")[0] == parent]
                _rename(names, own[: chance.randrange(len(own) + 1)])
        for name in sorted(names):
            path = folder / name[len(self._root) + 1 :]
            if not path.parent.is_dir():
                continue  # its folder was lost
            if names[name] == _FOLDER:
                path.mkdir()
            else:
                path.write_bytes(self._files[names[name]].after_cut(chance))

    def _file(self, path: str) -> _File | None:
        number = self._names.get(path, _FOLDER)
        return None if number == _FOLDER else self._files[number]

    def _name(self, path: str, number: int | None) -> None:
        if path.startswith(f"{self._root}/"):
            self._pending.append((path, number))
            _rename(self._names, [(path, number)])

    def _keep(self, wanted: Callable[[str], bool]) -> None:
        _rename(self._durable, [change for change in self._pending if wanted(change[0])])
        self._pending = [change for change in self._pending if not wanted(change[0])]


def _rename(names: dict[str, int], changes: list[Change]) -> None:
    for name, number in changes:
        if number is None:
            names.pop(name, None)
        else:
            names[name] = number
