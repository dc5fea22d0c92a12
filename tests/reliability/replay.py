"""What a power cut would have left of a folder whose changes were recorded (`recorder.c`).

A file keeps its bytes up to its last fsync, and of the writes after it any, some of them torn. A folder keeps
its names up to its last fsync, and of the changes after it a beginning (`strict`); or all folders keep theirs
up to the last fsync of anything, as by a file system with a journal of its metadata (`ext4`)."""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

_HEAD = struct.Struct("<cIIqI")
_SECTOR = 512
TORN = 0.3

Mode = Literal["strict", "ext4"]


class Record(NamedTuple):
    """One change: c created, w written, t cut, s synced, e a failed sync, r renamed, l linked, u removed,
    m a folder made, A acknowledged to a client (`data`)."""

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


@dataclass(slots=True)
class _Folder:
    """The names in a folder: as they are, and as they are durable."""

    names: dict[str, int] = field(default_factory=dict)
    durable: dict[str, int] = field(default_factory=dict)


class _Named(NamedTuple):
    """That a name in a folder means a file or folder of that number; None: it means nothing any more."""

    folder: int
    name: str
    number: int | None

    def apply(self, names: dict[str, int]) -> None:
        if self.number is None:
            names.pop(self.name, None)
        else:
            names[self.name] = self.number


class Disk:
    """A folder as the records say, and what of it is durable."""

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._nodes: list[_File | _Folder] = [_Folder()]
        self._pending: list[_Named] = []

    def take(self, record: Record) -> None:
        """The next record."""
        kind, path = record.kind, record.path
        if kind in "cm":
            self._nodes.append(_File() if kind == "c" else _Folder())
            self._name(path, len(self._nodes) - 1)
        elif kind in "wt":
            file = self._node(path)
            assert isinstance(file, _File)
            file.pending.append((record.offset, record.data if kind == "w" else None))
        elif kind in "lr":
            self._name(record.other, self._number(path))
        if kind in "ur":
            self._name(path, None)

    def sync(self, path: str, mode: Mode) -> None:
        """An fsync of a file or a folder."""
        number = self._number(path)
        node = self._nodes[number]
        if isinstance(node, _File):
            node.sync()
        kept = []
        for each in self._pending:
            if mode == "ext4" or each.folder == number:
                each.apply(self._folder(each.folder).durable)
            else:
                kept.append(each)
        self._pending = kept

    def cut(self, folder: Path, mode: Mode, chance: random.Random) -> None:
        """Makes the folder as the disk is after a power cut now."""
        names: dict[int, dict[str, int]] = {
            number: dict(node.durable) for number, node in enumerate(self._nodes) if isinstance(node, _Folder)
        }
        groups = [self._pending]
        if mode == "strict":
            numbers = sorted({each.folder for each in self._pending})
            groups = [[each for each in self._pending if each.folder == number] for number in numbers]
        for group in groups:
            for each in group[: chance.randrange(len(group) + 1)]:
                each.apply(names[each.folder])
        self._write(folder, 0, names, chance)

    def _write(
        self, folder: Path, number: int, names: dict[int, dict[str, int]], chance: random.Random
    ) -> None:
        for name, held in sorted(names[number].items()):
            node = self._nodes[held]
            if isinstance(node, _File):
                (folder / name).write_bytes(node.after_cut(chance))
            else:
                (folder / name).mkdir()
                self._write(folder / name, held, names, chance)

    def _name(self, path: str, number: int | None) -> None:
        parent, _, name = path.rpartition("/")
        each = _Named(self._number(parent), name, number)
        each.apply(self._folder(each.folder).names)
        self._pending.append(each)

    def _number(self, path: str) -> int:
        number = 0
        for name in path[len(self._root) + 1 :].split("/"):
            if name:
                number = self._folder(number).names[name]
        return number

    def _node(self, path: str) -> _File | _Folder:
        return self._nodes[self._number(path)]

    def _folder(self, number: int) -> _Folder:
        node = self._nodes[number]
        assert isinstance(node, _Folder)
        return node
