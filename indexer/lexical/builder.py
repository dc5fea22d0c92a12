"""Writes `lexical.sqlite` from documents in one pass, with memory bounded by the vocabulary and one run."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.lexical.base import Analysed, Column
from indexer.lexical.format import INDEXES, TABLES, pack
from indexer.storage.files import sync_file
from indexer.storage.sqlite import open_new
from indexer.types import Progress, no_progress

RUN_POSTINGS = 8_000_000
"""Postings kept in memory before they are sorted and put aside: 12 bytes each, and as much for sorting."""

_BATCH = 1_000

Run = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]
"""Postings sorted by term: where each term begins (n_terms + 1,), ordinals (n,), counts (n,)."""


class _Ids(dict[str, int]):
    """Gives each new key of a column the next number of a counter shared by all columns."""

    def __init__(self, column_id: int, terms: list[tuple[int, str]]) -> None:
        super().__init__()
        self._column_id = column_id
        self._terms = terms

    def __missing__(self, term: str) -> int:
        self[term] = number = len(self._terms)
        self._terms.append((self._column_id, term))
        return number


class LexicalBuilder:
    """Takes documents in ascending order of `doc_id`; `finish` writes what they add up to.

    The same documents give the same file, byte for byte."""

    def __init__(self, path: Path, columns: Sequence[Column], run_postings: int = RUN_POSTINGS) -> None:
        self._path = path
        self._connection = open_new(path)
        self._connection.executescript(TABLES)
        self._connection.execute("BEGIN")
        self._terms: list[tuple[int, str]] = []  # term_id → (column_id, term)
        self._columns = {column: _Ids(number, self._terms) for number, column in enumerate(columns)}
        self._lengths = {column: array("I") for column in columns}
        self._n_docs = 0
        self._documents: list[tuple[int, str, bytes, bytes]] = []
        self._run_postings = run_postings
        self._pending = (array("I"), array("I"), array("I"))  # term ids, ordinals, counts
        self._spilled: list[list[Path]] = []

    def add(self, doc_id: str, analysed: Analysed) -> None:
        """Takes one document."""
        ids, ordinals, counts = self._pending
        first = len(ids)
        for column, numbers in self._columns.items():
            terms = analysed.get(column, ())
            self._lengths[column].append(len(terms))
            counted = Counter(terms)
            ids.extend(map(numbers.__getitem__, counted))
            counts.extend(counted.values())
        ordinals.extend([self._n_docs] * (len(ids) - first))
        self._documents.append((self._n_docs, doc_id, ids[first:].tobytes(), counts[first:].tobytes()))
        self._n_docs += 1
        if len(self._documents) == _BATCH:
            self._write_documents()
        if len(ids) >= self._run_postings:
            self._spill()

    def finish(self, progress: Progress = no_progress) -> None:
        """Writes terms and postings, makes the file durable and closes it."""
        self._write_documents()
        self._connection.executemany(
            "INSERT INTO columns VALUES (?, ?, ?, ?)",
            [
                (number, *column, self._lengths[column].tobytes())
                for number, column in enumerate(self._columns)
            ],
        )
        self._write_terms(progress)
        self._connection.execute("COMMIT")
        self._connection.executescript(INDEXES)
        self.close()
        for path in chain.from_iterable(self._spilled):
            path.unlink()
        sync_file(self._path)

    def close(self) -> None:
        """Lets go of the file; what an unfinished build has left is for the caller to remove."""
        self._connection.close()

    def _write_documents(self) -> None:
        self._connection.executemany("INSERT INTO documents VALUES (?, ?, ?, ?)", self._documents)
        self._documents.clear()

    def _sorted_run(self) -> Run:
        ids, ordinals, counts = (np.frombuffer(each, dtype=np.uint32) for each in self._pending)
        order = np.argsort(ids, kind="stable")  # ordinals stay ascending within a term
        begins = np.zeros(len(self._terms) + 1, np.uint32)
        np.cumsum(np.bincount(ids, minlength=len(self._terms)), out=begins[1:])
        return begins, ordinals[order], counts[order]

    def _spill(self) -> None:
        """Puts a run aside on disk: a later run holds later ordinals, so that joining them needs no sort."""
        paths = [self._path.with_name(f"run-{len(self._spilled)}-{part}.npy") for part in range(3)]
        for path, values in zip(paths, self._sorted_run(), strict=True):
            np.save(path, values, allow_pickle=False)
        self._spilled.append(paths)
        self._pending = (array("I"), array("I"), array("I"))

    def _runs(self) -> Iterator[Run]:
        for paths in self._spilled:
            begins, ordinals, counts = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
            yield begins, ordinals, counts
        yield self._sorted_run()

    def _write_terms(self, progress: Progress) -> None:
        runs = list(self._runs())
        write = self._connection.executemany
        total = len(self._terms)
        for first in range(0, total, _BATCH):
            progress("write postings", first, total)
            rows = [(number, *_joined(runs, number)) for number in range(first, min(first + _BATCH, total))]
            write(
                "INSERT INTO terms VALUES (?, ?, ?, ?, ?)",
                [(number, *self._terms[number], len(o), int(c.sum())) for number, o, c in rows],
            )
            write(
                "INSERT INTO postings VALUES (?, ?, ?)", [(number, pack(o), pack(c)) for number, o, c in rows]
            )
        progress("write postings", total, total)


def _joined(runs: Sequence[Run], number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Ordinals and counts of one term over all runs; an early run does not know a term met later."""
    ordinals, counts = [], []
    for begins, run_ordinals, run_counts in runs:
        if number + 1 < len(begins) and begins[number] < begins[number + 1]:
            here = slice(int(begins[number]), int(begins[number + 1]))
            ordinals.append(run_ordinals[here])
            counts.append(run_counts[here])
    if len(ordinals) == 1:
        return ordinals[0], counts[0]
    return np.concatenate(ordinals), np.concatenate(counts)
