"""How often words stand near each other: the cells of a symmetric matrix, counted in bounded memory.

X_ij = Σ 1/distance over all places where i and j stand at most `window` words apart in one sentence, as the
original program of GloVe has it. What is added are integers in units of 2⁻³², so that a sum depends neither
on its order nor on how often the counts had to be put on disk on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.corpus import Corpus
from indexer.jit import Int, compiled
from indexer.storage.arrays import ArrayFile, load_array, save_array
from indexer.types import Progress

UNIT = 2**32

Keys = NDArray[np.uint64]
"""i · 2³² + j + 1 with i ≤ j; 0 is a free slot."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_FULL = 0.6  # share of the slots
_BYTES_PER_SLOT = 16
_SENTENCES = 2_000  # counted between two looks at the table and reports


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of the upper half, by (i, j), i ≤ j. Shapes: firsts, seconds, counts (n_cells,)."""

    firsts: NDArray[np.int32]
    seconds: NDArray[np.int32]
    counts: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.counts)


def count_cells(corpus: Corpus, window: int, memory: int, folder: Path, progress: Progress) -> Cells:
    """The cells of a corpus; `folder` holds what does not fit into `memory` bytes.

    Units of progress: words. Raises: what `progress` raises to stop."""
    slots = _slots_for(min(memory, _BYTES_PER_SLOT * 2 * window * len(corpus.ids)))
    keys, sums = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    weights = np.rint(UNIT / np.arange(1, window + 1)).astype(np.int64)
    used, runs = 0, list[Path]()
    total = int(corpus.offsets[-1])
    at = 0
    while at < total:
        end = _piece_end(corpus, at)
        at, used = _count(corpus.ids, corpus.offsets, at, end, weights, keys, sums, used, int(_FULL * slots))
        if at < end:
            runs.append(_spill(folder / f"run-{len(runs)}", keys, sums))
            used = 0
        progress("count co-occurrences", at, total)
    found = [_sorted(keys, sums)] if used else []
    if not runs:
        return _as_cells(*found[0]) if found else _as_cells(keys[:0], sums[:0])
    runs.append(_spill(folder / f"run-{len(runs)}", keys, sums))
    return _merged(runs, slots // 2, folder)


def _slots_for(memory: int) -> int:
    """As many as fit, a power of two."""
    return 1 << max(10, (memory // _BYTES_PER_SLOT).bit_length() - 1)


def _piece_end(corpus: Corpus, at: int) -> int:
    sentence = int(np.searchsorted(corpus.offsets, at, side="right")) - 1
    return int(corpus.offsets[min(sentence + _SENTENCES, corpus.n_sentences)])


@compiled
def _count(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    start: Int,
    end: Int,
    weights: NDArray[np.int64],
    keys: Keys,
    sums: NDArray[np.int64],
    used: Int,
    most: Int,
) -> tuple[int, int]:
    """Counts from a word on; where it stopped, the table being full or all done, and the slots in use."""
    sentence = np.searchsorted(offsets, start, side="right") - 1
    mask = np.uint64(len(keys) - 1)
    place = start
    while place < end:
        while offsets[sentence + 1] <= place:
            sentence += 1
        if used + len(weights) > most:
            break
        first = max(offsets[sentence], place - len(weights))
        one = np.uint64(ids[place])
        for other in range(first, place):
            two = np.uint64(ids[other])
            key = (min(one, two) << _HALF | max(one, two)) + np.uint64(1)
            slot = (key * _GOLDEN >> _HALF) & mask
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            if keys[slot] == 0:
                keys[slot] = key
                used += 1
            sums[slot] += weights[place - other - 1]
        place += 1
    return int(place), int(used)


def _sorted(keys: Keys, sums: NDArray[np.int64]) -> tuple[Keys, NDArray[np.int64]]:
    """What is in the table, by key."""
    here = np.flatnonzero(keys)
    order = here[np.argsort(keys[here])]
    return keys[order], sums[order]


def _spill(path: Path, keys: Keys, sums: NDArray[np.int64]) -> Path:
    """Puts what is in the table on disk, and empties it."""
    found, counts = _sorted(keys, sums)
    save_array(path.with_suffix(".keys.npy"), found)
    save_array(path.with_suffix(".sums.npy"), counts)
    keys[:] = 0
    sums[:] = 0
    return path


def _merged(runs: list[Path], together: int, folder: Path) -> Cells:
    """All runs as one, about `together` entries in memory at a time; the cells are memory-mapped."""
    keys = [load_array(run.with_suffix(".keys.npy")) for run in runs]
    sums = [load_array(run.with_suffix(".sums.npy")) for run in runs]
    files = {
        name: ArrayFile(folder / f"{name}.npy", dtype)
        for name, dtype in (("firsts", np.int32), ("seconds", np.int32), ("counts", np.float32))
    }
    for bounds in _ranges(keys, together):
        parts = [slice(*np.searchsorted(each, bounds).tolist()) for each in keys]
        some = np.concatenate([each[part] for each, part in zip(keys, parts, strict=True)])
        counts = np.concatenate([each[part] for each, part in zip(sums, parts, strict=True)])
        order = np.argsort(some, kind="stable")
        first = np.flatnonzero(np.diff(some[order], prepend=np.uint64(0)))
        cells = _as_cells(some[order][first], np.add.reduceat(counts[order], first))
        for name, file in files.items():
            file.append(getattr(cells, name))
    for file in files.values():
        file.close()
    return Cells(*(load_array(folder / f"{name}.npy") for name in files))


def _ranges(keys: list[Keys], together: int) -> Iterator[NDArray[np.uint64]]:
    """Ranges [from, to) of keys, in each of which about so many entries of all runs lie; none is empty."""
    step = max(1, together // len(keys))
    cuts = np.unique(np.concatenate([each[::step] for each in keys]))
    ends = np.append(cuts[1:], np.uint64(2**64 - 1))
    yield from np.stack([cuts, ends], axis=1)


def _as_cells(keys: Keys, sums: NDArray[np.int64]) -> Cells:
    both = keys - np.uint64(1)
    firsts, seconds = (both >> _HALF).astype(np.int32), (both & np.uint64(2**32 - 1)).astype(np.int32)
    return Cells(firsts, seconds, (sums / UNIT).astype(np.float32))
