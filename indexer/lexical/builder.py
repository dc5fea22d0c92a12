"""Writes `lexical.sqlite` from analysed documents in one pass; memory: the vocabulary and one run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.analysis import TokenColumns
from indexer.lexical.format import INDEXES, PAGE_DOCUMENTS, PAGE_POSTINGS, PAGE_TERMS, TABLES
from indexer.lexical.packing import ordinal_steps, pack, pack_lists
from indexer.lexical.runs import Run, join
from indexer.storage.files import sync_file
from indexer.storage.sqlite import open_new
from indexer.types import Progress, no_progress

RUN_TOKENS = 8_000_000
"""Tokens kept in memory before they are inverted and put aside: 8 bytes each, and 16 more while inverted."""

_BATCH_TERMS = 5_000
_BATCH_POSTINGS = 1_000_000


class _ViewTokens:
    """What has been added of one view and is not inverted yet, and the names of the runs put aside."""

    def __init__(self) -> None:
        self.terms: list[NDArray[np.int32]] = []
        self.positions: list[NDArray[np.int32]] = []
        self.lengths: list[NDArray[np.int64]] = []  # of each field of each document
        self.all_lengths: list[NDArray[np.uint32]] = []
        self.spilled: list[str] = []

    def take(self, n_fields: int, first_ordinal: int, keep_positions: bool) -> Run:
        """The run of what was added since the last one."""
        lengths = np.concatenate([np.zeros(1, np.int64), *self.lengths])
        run = Run.of(
            np.concatenate([np.empty(0, np.int32), *self.terms]),
            np.concatenate([np.empty(0, np.int32), *self.positions]),
            np.cumsum(lengths),
            n_fields,
            first_ordinal,
            keep_positions,
        )
        self.terms, self.positions, self.lengths = [], [], []
        return run


class LexicalBuilder:
    """Takes documents in ascending order of `doc_id`; `finish` writes what they add up to.

    `positions` names the views in which it is kept where terms stand. The same documents give the same
    file, byte for byte, however they are cut into batches."""

    def __init__(
        self,
        path: Path,
        fields: Sequence[str],
        views: Sequence[str],
        positions: Collection[str] = (),
        run_tokens: int = RUN_TOKENS,
    ) -> None:
        self._path = path
        self._fields = list(fields)
        self._views = {name: _ViewTokens() for name in views}
        self._positions = frozenset(positions)
        self._run_tokens = run_tokens
        self._n_docs = 0
        self._doc_ids: list[str] = []  # not written yet
        self._first_ordinal = 0  # of the run that is being collected
        self._n_tokens = 0
        self._connection = open_new(path)
        self._connection.executescript(TABLES)
        self._connection.execute("BEGIN")

    def add(self, doc_ids: Sequence[str], columns: Mapping[str, TokenColumns]) -> None:
        """Takes a batch: the tokens of its texts by view, all fields of the first document, then the next."""
        self._doc_ids.extend(doc_ids)
        self._n_docs += len(doc_ids)
        self._write_documents(PAGE_DOCUMENTS)
        for name, view in self._views.items():
            tokens = columns[name]
            view.terms.append(tokens.terms)
            if name in self._positions:
                view.positions.append(tokens.positions)
            lengths = np.diff(tokens.begins)
            view.lengths.append(lengths)
            view.all_lengths.append(lengths.astype(np.uint32))
            self._n_tokens += len(tokens.terms)
        if self._n_tokens >= self._run_tokens:
            self._spill()

    def finish(self, vocabularies: Mapping[str, Sequence[str]], progress: Progress = no_progress) -> None:
        """Writes terms and postings, makes the file durable and closes it.

        `vocabularies`: the term of each number, by view."""
        self._write_documents(1)
        self._connection.executemany("INSERT INTO fields VALUES (?, ?)", list(enumerate(self._fields)))
        total = sum(map(len, vocabularies.values()))
        done = 0
        for view_id, name in enumerate(self._views):
            self._write_view(view_id, name)
            for n_terms in self._write_terms(view_id, name, vocabularies[name]):
                done += n_terms
                progress("write postings", done, total)
        self._connection.execute("COMMIT")
        self._connection.executescript(INDEXES)
        self.close()
        sync_file(self._path)

    def close(self) -> None:
        """Lets go of the file; what an unfinished build has left is for the caller to remove."""
        self._connection.close()

    def _write_documents(self, least: int) -> None:
        """Writes keys in pages, while at least so many are left."""
        while len(self._doc_ids) >= least:
            page, self._doc_ids = self._doc_ids[:PAGE_DOCUMENTS], self._doc_ids[PAGE_DOCUMENTS:]
            first = self._n_docs - len(self._doc_ids) - len(page)
            self._connection.execute(
                "INSERT INTO documents VALUES (?, ?)", (first, orjson.dumps(page).decode())
            )

    def _spill(self) -> None:
        """Puts a run of every view aside on disk: a later run holds later ordinals."""
        for view_id, name in enumerate(self._views):
            view = self._views[name]
            run = view.take(len(self._fields), self._first_ordinal, name in self._positions)
            view.spilled.append(f"run-{view_id}-{len(view.spilled)}")
            run.save(self._path.parent, view.spilled[-1])
        self._first_ordinal = self._n_docs
        self._n_tokens = 0

    def _write_view(self, view_id: int, name: str) -> None:
        self._connection.execute(
            "INSERT INTO views VALUES (?, ?, ?)", (view_id, name, int(name in self._positions))
        )
        lengths = np.concatenate([np.empty(0, np.uint32), *self._views[name].all_lengths])
        by_field = lengths.reshape(self._n_docs, len(self._fields)).T
        self._connection.executemany(
            "INSERT INTO lengths VALUES (?, ?, ?)",
            [(view_id, field_id, pack(each)) for field_id, each in enumerate(by_field)],
        )

    def _write_terms(self, view_id: int, name: str, vocabulary: Sequence[str]) -> Iterator[int]:
        """Writes the terms of one view in their order; yields how many were written, batch by batch."""
        view = self._views[name]
        folder = self._path.parent
        runs = [Run.load(folder, each) for each in view.spilled]
        runs.append(view.take(len(self._fields), self._first_ordinal, name in self._positions))
        order = sorted(range(len(vocabulary)), key=vocabulary.__getitem__)
        sizes = np.zeros(len(vocabulary), np.int64)
        for run in runs:
            sizes[: len(run.begins) - 1] += np.diff(run.begins)
        for first, last in _cut(sizes[order], _BATCH_TERMS, _BATCH_POSTINGS):
            numbers = order[first:last]
            joined = join(runs, np.array(numbers, np.int32))
            self._insert(view_id, [vocabulary[each] for each in numbers], joined)
            yield last - first
        for each in view.spilled:
            Run.remove(folder, each)

    def _insert(self, view_id: int, terms: Sequence[str], postings: Run) -> None:
        df = np.diff(postings.begins)
        cf = np.add.reduceat(postings.counts[0].astype(np.int64), postings.begins[:-1])
        ordinals, counts, positions = _encoded(postings)
        self._connection.executemany(
            "INSERT INTO terms VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    view_id,
                    terms[first],
                    orjson.dumps(terms[first:last]).decode(),
                    pack(df[first:last].astype(np.uint32)),
                    pack(cf[first:last].astype(np.uint32)),
                    ordinals.cut(first, last),
                    counts.cut(first, last),
                    None if positions is None else positions.cut(first, last),
                )
                for first, last in _cut(df, PAGE_TERMS, PAGE_POSTINGS)
            ),
        )


class _Heap(NamedTuple):
    """The packed lists of terms; ends (n_terms,): where the bytes of each end."""

    octets: bytes
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, begins: NDArray[np.int64], streams: NDArray[np.uint32]) -> "_Heap":
        """The values of each stream, packed term by term."""
        wanted = np.ones(len(begins) - 1, np.bool_)
        octets, ends = pack_lists(begins, np.ascontiguousarray(streams), wanted)
        return cls(octets.tobytes(), ends)

    def cut(self, first: int, last: int) -> bytes:
        """The bytes of the terms from `first` to before `last`."""
        return self.octets[self.ends[first - 1] if first else 0 : self.ends[last - 1]]


def _cut(sizes: NDArray[np.int64], most_terms: int, most_postings: int) -> Iterator[tuple[int, int]]:
    """Runs of consecutive terms, bounded in terms and in postings; a term with more stands alone."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + most_postings, side="right"))
        last = min(max(last, first + 1), first + most_terms, len(sizes))
        yield first, last
        first = last


def _encoded(postings: Run) -> tuple[_Heap, _Heap, _Heap | None]:
    """Ordinals, counts and positions of each term."""
    totals = postings.counts.copy()
    totals[0] -= np.uint32(1)
    return (
        _Heap.of(postings.begins, ordinal_steps(postings.begins, postings.ordinals)[None]),
        _Heap.of(postings.begins, totals),
        _Heap.of(postings.step_begins, postings.steps[None]) if len(postings.steps) else None,
    )
