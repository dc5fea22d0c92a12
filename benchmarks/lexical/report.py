"""The figures as markdown, each beside its goal."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.lexical.corpora import SYNTHETIC
from benchmarks.lexical.figures import Figures, Timing
from benchmarks.lexical.worker import OURS

_TIMES_LESS_CPU = {  # how many times our CPU time another engine's should be
    "mix@10": {"tantivy": 2.0, "lucene": 3.0, "bm25s": 3.0},
    "stop@10": {"tantivy": 10.0, "lucene": 3.0, "bm25s": 5.0},
    "mix@1000": {"tantivy": 1.5, "lucene": 1.5, "bm25s": 1.5},
    "stop@1000": {"tantivy": 1.5, "lucene": 1.5, "bm25s": 1.2},
}
_REAL_TIMES_LESS_CPU = dict.fromkeys(
    ("mix@10", "stop@10"), dict.fromkeys(("tantivy", "lucene", "bm25s"), 1.0)
)
_MOST_OF_PLAIN = 1.5  # what a filter, tombstones or another variant may cost
_BUILD_SPEED = 1.5  # documents a CPU second, in those of tantivy
_SIZE = 1.5  # of our file, in the size of tantivy's index
_SIZE_SERVING = 3.5  # of all our files, likewise
_FIRST_ANSWER = 0.3  # seconds
_LEAST_OVERLAP = 0.8

_OUR_FILE = "lexical.sqlite"
_PEER = "tantivy"


def errors(figures: Figures) -> list[str]:
    """What is wrong with the answers; where something is, the times mean nothing."""
    found = []
    for what, engines in figures.agreement.items():
        for name, agreement in engines.items():
            if name == OURS and not agreement.exact:
                found.append(f"{figures.corpus} {what}: our ranking is not the exact one")
            elif agreement.overlap < _LEAST_OVERLAP:
                found.append(f"{figures.corpus} {what}: {name} finds {agreement.overlap:.0%} of the best")
    return found


def text(figures: Figures) -> str:
    """Markdown tables."""
    sections = [
        f"## {figures.corpus}: {figures.n_docs:,} documents, {figures.n_terms:,} terms",
        _table(
            ("query", "engine", "median ms", "mean ms", "CPU ms", "median ÷ ours", "CPU ÷ ours", "goal"),
            _queries(figures),
        ),
        _table(("query", "our variant", "median ÷ plain", "CPU ÷ plain", "goal"), _variants(figures)),
        _table(
            (
                "engine",
                "docs / CPU s",
                "build s",
                "build MB",
                "disk MB",
                "first answer s",
                "open MB",
                "overlap@10",
            ),
            _builds(figures),
        ),
        _table(("beside tantivy", "figure", "goal"), _beside(figures)),
    ]
    return "\n\n".join(section for section in sections if section)


def _queries(figures: Figures) -> Iterator[Sequence[str]]:
    goals = _TIMES_LESS_CPU if figures.corpus == SYNTHETIC else _REAL_TIMES_LESS_CPU
    for what, engines in figures.queries.items():
        ours = engines.get(OURS)
        for name, timing in engines.items():
            goal = goals.get(what, {}).get(name)
            yield (what, name, *_milliseconds(timing), *_times(timing, ours, goal))


def _milliseconds(timing: Timing) -> list[str]:
    return [f"{1e3 * value:.3f}" for value in (timing.median, timing.mean, timing.cpu)]


def _times(timing: Timing, ours: Timing | None, goal: float | None) -> Sequence[str]:
    if ours is None or timing is ours:
        return ("", "", "")
    cpu = timing.cpu / ours.cpu
    return (f"{timing.median / ours.median:.2f}", f"{cpu:.2f}", _least(cpu, goal))


def _variants(figures: Figures) -> Iterator[Sequence[str]]:
    for what, timings in figures.variants.items():
        plain, *others = timings
        for name in others:
            cpu = timings[name].cpu / timings[plain].cpu
            wall = timings[name].median / timings[plain].median
            yield (what, name, f"{wall:.2f}", f"{cpu:.2f}", _most(cpu, _MOST_OF_PLAIN))


def _builds(figures: Figures) -> Iterator[Sequence[str]]:
    for name, build in figures.builds.items():
        first = figures.first[name]
        overlaps = (f"{found[name].overlap:.3f}" for found in figures.agreement.values())
        yield (
            name,
            f"{figures.n_docs / build.cpu:,.0f}",
            f"{build.wall:.1f}",
            _megabytes(build.peak_memory),
            _megabytes(sum(build.files.values())),
            f"{first.wall:.3f}",
            _megabytes(first.peak_memory),
            " / ".join(overlaps),
        )


def _beside(figures: Figures) -> Iterator[Sequence[str]]:
    if OURS not in figures.builds:
        return
    first = figures.first[OURS].wall
    yield ("first answer, seconds", f"{first:.3f}", _most(first, _FIRST_ANSWER))
    if _PEER not in figures.builds:
        return
    ours, peer = figures.builds[OURS], figures.builds[_PEER]
    speed = peer.cpu / ours.cpu
    size = sum(peer.files.values())
    file, serving = ours.files[_OUR_FILE] / size, sum(ours.files.values()) / size
    yield ("documents a CPU second", f"{speed:.2f}", _least(speed, _BUILD_SPEED))
    yield (f"bytes, {_OUR_FILE}", f"{file:.2f}", _most(file, _SIZE))
    yield ("bytes, all files", f"{serving:.2f}", _most(serving, _SIZE_SERVING))


def _least(value: float, goal: float | None) -> str:
    return "" if goal is None else f"≥ {goal:g} {_mark(value >= goal)}"


def _most(value: float, goal: float) -> str:
    return f"≤ {goal:g} {_mark(value <= goal)}"


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows under their head; empty where there are none."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]) if lines else ""
