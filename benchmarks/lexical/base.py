"""What an engine offers to be measured."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Hits = list[tuple[int, float]]
"""Documents by their line in the corpus, with their scores; best first."""

Answer = Callable[[Sequence[str], int], Any]
"""Gives the k best documents for the terms, in whatever form an engine hands them out."""


class UnavailableError(Exception):
    """An engine cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a set of queries. Units: seconds; `wall` by query, `cpu` of the whole pass."""

    wall: list[float]
    cpu: float


class Engine(Protocol):
    """A search engine in a process of its own. It ranks by BM25 with k1 = 1.2 and b = 0.75."""

    def version(self) -> str:
        """Name and version of what is measured."""

    def pids(self) -> list[int]:
        """The processes whose CPU time and memory are this engine's."""

    def build(self, documents: Path, folder: Path) -> None:
        """Nothing; `folder`, which is there and empty, then holds an index of the lines of `documents`."""

    def open(self, folder: Path) -> None:
        """Nothing; what `build` has left in the folder is then searched."""

    def search(self, terms: Sequence[str], k: int) -> Hits:
        """The k best documents."""

    def round(self, queries: Sequence[Sequence[str]], k: int) -> Round:
        """How long each query took."""


class VariedEngine(Engine, Protocol):
    """An engine that can also be asked in other ways."""

    def variants(self) -> list[str]:
        """Names of the ways, the plain one first."""

    def round_of(self, variant: str, queries: Sequence[Sequence[str]], k: int) -> Round:
        """How long each query took in that way."""


def timed(answer: Answer, queries: Sequence[Sequence[str]], k: int) -> Round:
    """How long each query took in this process."""
    wall = []
    cpu_before = time.process_time()
    for terms in queries:
        before = time.perf_counter()
        answer(terms, k)
        wall.append(time.perf_counter() - before)
    return Round(wall, time.process_time() - cpu_before)


class PythonEngine(ABC):
    """An engine that runs inside this process.

    Only `answer` is timed: it gives the hits in whatever form the engine itself hands them out."""

    @abstractmethod
    def answer(self, terms: Sequence[str], k: int) -> Any:
        """The k best documents, as the engine gives them."""

    @abstractmethod
    def hits(self, answer: Any) -> Hits:
        """The same in the common form."""

    def pids(self) -> list[int]:
        """This process."""
        return [os.getpid()]

    def search(self, terms: Sequence[str], k: int) -> Hits:
        """The k best documents."""
        return self.hits(self.answer(terms, k))

    def round(self, queries: Sequence[Sequence[str]], k: int) -> Round:
        """How long each query took."""
        return timed(self.answer, queries, k)
