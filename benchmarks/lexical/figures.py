"""What is asked for and what is found, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `rounds` are those that count; `queries` are of each mode."""

    engines: Sequence[str]
    rounds: int
    queries: int
    work: Path


@dataclass(frozen=True, slots=True)
class Build:
    """What building took. Units: seconds and bytes; `files` has the size of each file by its name."""

    version: str
    wall: float
    cpu: float
    peak_memory: int
    files: dict[str, int]


@dataclass(frozen=True, slots=True)
class First:
    """From opening to the first answer, in a process that has loaded the engine's code and nothing else."""

    wall: float
    peak_memory: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a query: median and mean over the queries of each one's median over the rounds; CPU time."""

    median: float
    mean: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the ten best documents compare with the exact ones: share found, and whether in the same order."""

    overlap: float
    exact: bool


@dataclass(slots=True)
class Figures:
    """All that was measured on one corpus. Keys: engine, or `mode@k` and then engine or variant."""

    corpus: str
    n_docs: int
    n_terms: int
    builds: dict[str, Build] = field(default_factory=dict)
    first: dict[str, First] = field(default_factory=dict)
    agreement: dict[str, dict[str, Agreement]] = field(default_factory=dict)
    queries: dict[str, dict[str, Timing]] = field(default_factory=dict)
    variants: dict[str, dict[str, Timing]] = field(default_factory=dict)
