"""The analysis of all texts, by as many processes as there are cores; the result is that of one."""

import os
import resource
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

import numpy as np

from indexer.analysis import Analyzer, BatchAnalyzer, TokenColumns, Vocabulary
from indexer.build.frames import Result, lacked_memory, read_result, write_json
from indexer.errors import WorkerError
from indexer.types import AnalysisSettings

LEAST_TEXTS = 200_000
"""Below it the processes take longer to start than one takes for all: some 100,000 short texts a second."""

_AHEAD = 2  # batches that each process may have waiting


class LocalAnalysis:
    """Analyses batches in this process."""

    def __init__(self, settings: AnalysisSettings, views: Sequence[str]) -> None:
        self._analyzer = BatchAnalyzer(Analyzer(settings), views)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def analyse(self, batches: Iterable[Sequence[str]]) -> Iterator[dict[str, TokenColumns]]:
        """The tokens of each batch by view, in the order of the batches."""
        return map(self._analyzer.analyse, batches)

    def vocabulary(self, view: str) -> Vocabulary:
        """The terms of the numbers in what was analysed so far."""
        return self._analyzer.vocabulary(view)


class ProcessAnalysis:
    """The same by several processes.

    Each numbers the terms that it meets; here they get the number of their first occurrence in all."""

    def __init__(self, settings: AnalysisSettings, views: Sequence[str], n_processes: int) -> None:
        self._vocabularies = {view: Vocabulary() for view in views}
        self._start = [settings.model_dump(), list(views)]
        self._n_processes = n_processes
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as held:
            self._workers = [held.enter_context(_Worker(self._start)) for _ in range(self._n_processes)]
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.__exit__(kind, error, trace)

    @property
    def process_ids(self) -> list[int]:
        """The processes at work."""
        return [worker.process_id for worker in self._workers]

    def analyse(self, batches: Iterable[Sequence[str]]) -> Iterator[dict[str, TokenColumns]]:
        """The tokens of each batch by view, in the order of the batches. Raises: WorkerError, MemoryError."""
        waiting: deque[tuple[_Worker, Future[Result]]] = deque()
        for number, batch in enumerate(batches):
            worker = self._workers[number % self._n_processes]
            waiting.append((worker, worker.submit(batch)))
            if len(waiting) == _AHEAD * self._n_processes:
                yield self._numbered(*waiting.popleft())
        while waiting:
            yield self._numbered(*waiting.popleft())

    def vocabulary(self, view: str) -> Vocabulary:
        """The terms of the numbers in what was analysed so far."""
        return self._vocabularies[view]

    def _numbered(self, worker: "_Worker", future: Future[Result]) -> dict[str, TokenColumns]:
        columns: dict[str, TokenColumns] = {}
        for view, (found, new_terms) in future.result().items():
            known = worker.numbers.get(view, np.empty(0, np.int32))
            new = self._vocabularies[view].number_all(new_terms)
            worker.numbers[view] = numbers = np.concatenate([known, new])
            columns[view] = TokenColumns(numbers[found.terms], found.positions, found.begins)
        return columns


class _Worker:
    """A process that analyses, and the thread that talks to it. It ends when its input does."""

    def __init__(self, start: object) -> None:
        self.numbers: dict[str, np.ndarray[tuple[int], np.dtype[np.int32]]] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "indexer.build.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._started = self._thread.submit(self._send, start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    @property
    def process_id(self) -> int:
        """The number that the system gave to the process."""
        return self._process.pid

    def submit(self, batch: Sequence[str]) -> Future[Result]:
        """What the process makes of a batch, once it has."""
        return self._thread.submit(self._ask, list(batch))

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        write_json(self._process.stdin, message)
        self._process.stdin.flush()

    def _ask(self, batch: list[str]) -> Result:
        assert self._process.stdout is not None
        try:
            self._started.result()
            self._send(batch)
            return read_result(self._process.stdout)
        except (BrokenPipeError, EOFError):
            status = self._process.wait()
            limited = resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY
            if lacked_memory(status, limited=limited):
                raise MemoryError from None
            raise WorkerError(
                f"A process that analyses texts ended with status {status} before it was done: "
                "there may be too little memory; run `textprism reindex` again."
            ) from None


def open_analysis(
    settings: AnalysisSettings, views: Sequence[str], n_texts: int
) -> LocalAnalysis | ProcessAnalysis:
    """The analysis of about so many texts: by one process a core where there are enough of both."""
    n_processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if n_processes == 1 or n_texts < LEAST_TEXTS:
        return LocalAnalysis(settings, views)
    return ProcessAnalysis(settings, views, n_processes)
