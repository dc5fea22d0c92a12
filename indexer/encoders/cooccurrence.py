"""How often words stand near each other: the cells of a symmetric matrix, counted in bounded memory.

X_ij = Σ 1/distance over all places of i and of j that are at most `window` words apart in one sentence, as in
the original program of GloVe; a word beside itself is counted from either place, so that X_ii goes by twos.
What is added are integers in units of 2⁻³², so that a sum depends neither on its order nor on how often the
counts had to be put on disk on the way."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.corpus import Corpus
from indexer.jit import Int, compiled
from indexer.storage.arrays import ArrayFile, load_array, save_array
from indexer.types import Progress

UNIT = 2**32

Keys = NDArray[np.uint64]
"""i · 2³² + j + 1 with i ≤ j; 0 is a free slot."""

Sums = NDArray[np.uint64]

Table = NDArray[np.uint64]
"""A key and its sum in each slot. Shape: (slots, 2), a power of two."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_FULL = 0.6  # share of the slots
_BYTES_PER_SLOT = 36  # while the table is sorted
_BYTES_PER_KEY = 128  # while runs are merged
_WORDS = 200_000  # counted between two reports


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of the upper half, by (i, j), i ≤ j. Shapes: firsts, seconds, counts (n_cells,)."""

    firsts: NDArray[np.int32]
    seconds: NDArray[np.int32]
    counts: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, some: slice | NDArray[Any]) -> "Cells":
        return Cells(self.firsts[some], self.seconds[some], self.counts[some])


class CellsFile:
    """Cells on disk that grow; `load` them when it is closed."""

    def __init__(self, path: Path) -> None:
        columns = {"firsts": np.int32, "seconds": np.int32, "counts": np.float32}
        self._paths = {name: path.with_suffix(f".{name}.npy") for name in columns}
        self._files = {name: ArrayFile(self._paths[name], dtype) for name, dtype in columns.items()}

    def append(self, cells: Cells) -> None:
        """Adds cells."""
        for name, file in self._files.items():
            file.append(getattr(cells, name))

    def close(self) -> None:
        """Ends the files."""
        for file in self._files.values():
            file.close()

    def load(self) -> Cells:
        """All cells, memory-mapped."""
        return Cells(**{name: load_array(path) for name, path in self._paths.items()})


def count_cells(corpus: Corpus, window: int, memory: int, folder: Path, progress: Progress) -> Cells:
    """The cells of a corpus; `folder` holds what does not fit into `memory` bytes.

    Units of progress: words, and then parts of the matrix. Raises: what `progress` raises to stop."""
    runs = list(_counted(corpus, window, memory, folder, progress))
    if len(runs) == 1:
        return _as_cells(*runs[0])
    return _merged(runs, memory // _BYTES_PER_KEY, folder, progress)


def _counted(
    corpus: Corpus, window: int, memory: int, folder: Path, progress: Progress
) -> Iterator[tuple[Keys, Sums]]:
    """Runs of sorted keys with their sums: one in memory, or several that are memory-mapped."""
    total = len(corpus.ids)
    table = _empty_table(min(memory, _BYTES_PER_SLOT * 2 * window * total))
    weights = np.rint(UNIT / np.arange(1, window + 1)).astype(np.uint64)
    at = used = n_runs = 0
    while at < total:
        end = min(at + _WORDS, total)
        at, used = _count(corpus.ids, corpus.offsets, at, end, weights, table, used, int(_FULL * len(table)))
        if at < end:
            yield _on_disk(folder / f"run-{n_runs}", *_sorted(table, used))
            n_runs, used = n_runs + 1, 0
            table[:] = 0
        progress("count co-occurrences", at, total)
    last = _sorted(table, used)
    yield _on_disk(folder / f"run-{n_runs}", *last) if n_runs else last


def _empty_table(memory: int) -> Table:
    """As many slots as fit, a power of two."""
    return np.zeros((1 << max(10, (memory // _BYTES_PER_SLOT).bit_length() - 1), 2), np.uint64)


@compiled
def _count(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    start: Int,
    end: Int,
    weights: Sums,
    table: Table,
    used: Int,
    most: Int,
) -> tuple[int, int]:
    """Counts from a word on; where it stopped, the table being full or all done, and the slots in use."""
    sentence = np.searchsorted(offsets, start, side="right") - 1
    mask = np.uint64(len(table) - 1)
    place = start
    while place < end:
        while offsets[sentence + 1] <= place:
            sentence += 1
        if used + len(weights) > most:
            break
        one = np.uint64(ids[place])
        for other in range(max(offsets[sentence], place - len(weights)), place):
            two = np.uint64(ids[other])
            key = (min(one, two) << _HALF | max(one, two)) + np.uint64(1)
            slot = (key * _GOLDEN >> _HALF) & mask
            while table[slot, 0] != 0 and table[slot, 0] != key:
                slot = (slot + np.uint64(1)) & mask
            if table[slot, 0] == 0:
                table[slot, 0] = key
                used += 1
            weight = weights[place - other - 1]
            table[slot, 1] += weight + weight if one == two else weight
        place += 1
    return int(place), int(used)


def _sorted(table: Table, used: int) -> tuple[Keys, Sums]:
    """What is in the table, by key; the table is no longer one."""
    _move_up(table)
    order = np.argsort(table[:used, 0])
    return table[order, 0], table[order, 1]


@compiled
def _move_up(table: Table) -> None:
    """Moves what is in use to the front."""
    used = 0
    for slot in range(len(table)):
        if table[slot, 0] != 0:
            table[used, 0], table[used, 1] = table[slot, 0], table[slot, 1]
            used += 1


def _on_disk(path: Path, keys: Keys, sums: Sums) -> tuple[Keys, Sums]:
    files = path.with_suffix(".keys.npy"), path.with_suffix(".sums.npy")
    save_array(files[0], keys)
    save_array(files[1], sums)
    return load_array(files[0]), load_array(files[1])


def _merged(runs: list[tuple[Keys, Sums]], together: int, folder: Path, progress: Progress) -> Cells:
    """All runs as one, about `together` keys in memory at a time; the cells are memory-mapped."""
    ranges = list(_ranges([keys for keys, _ in runs], together))
    with closing(CellsFile(folder / "cells")) as file:
        for done, bounds in enumerate(ranges, 1):
            parts = [slice(*np.searchsorted(keys, bounds).tolist()) for keys, _ in runs]
            keys = np.concatenate([keys[part] for (keys, _), part in zip(runs, parts, strict=True)])
            sums = np.concatenate([sums[part] for (_, sums), part in zip(runs, parts, strict=True)])
            order = np.argsort(keys)
            keys, sums = keys[order], sums[order]
            first = np.flatnonzero(np.diff(keys, prepend=np.uint64(0)))
            file.append(_as_cells(keys[first], np.add.reduceat(sums, first)))
            progress("merge co-occurrences", done, len(ranges))
    return file.load()


def _ranges(keys: list[Keys], together: int) -> Iterator[NDArray[np.uint64]]:
    """Ranges [from, to) of keys, in each of which at most twice so many of all runs lie; none is empty."""
    step = max(1, together // len(keys))
    samples = np.sort(np.concatenate([each[::step] for each in keys]))
    cuts = np.unique(samples[:: len(keys)])
    ends = np.append(cuts[1:], np.uint64(2**64 - 1))
    yield from np.stack([cuts, ends], axis=1)


def _as_cells(keys: Keys, sums: Sums) -> Cells:
    both = keys - np.uint64(1)
    firsts, seconds = (both >> _HALF).astype(np.int32), (both & np.uint64(2**32 - 1)).astype(np.int32)
    return Cells(firsts, seconds, (sums / UNIT).astype(np.float32))
