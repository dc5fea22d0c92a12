"""Measures engines on one corpus: building, agreement, query times, variants, the first answer."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from itertools import islice, product
from pathlib import Path
from statistics import fmean, median

from benchmarks.lexical import jobs
from benchmarks.lexical.base import Round
from benchmarks.lexical.corpora import Corpus
from benchmarks.lexical.figures import Agreement, Build, Figures, Plan, Timing
from benchmarks.lexical.queries import MODES, Query, draw, frequent_terms
from benchmarks.lexical.reference import Reference, is_exact, overlap
from benchmarks.lexical.worker import OURS, Worker

DEPTHS = (10, 1000)
_REHEARSED = 1_000  # documents
_CHECKED = 40  # queries a mode whose answers are compared

Queries = Mapping[str, Sequence[Query]]
"""The queries by mode."""


def measure(corpus: Corpus, plan: Plan, tell: Callable[[str], None]) -> Figures:
    """The figures of the plan's engines on the corpus; `tell` hears what is being done."""
    figures = Figures(corpus.name, corpus.n_docs, len(corpus.terms))
    frequent = frequent_terms(corpus)
    queries = {mode: drawn for mode in MODES if (drawn := draw(corpus, mode, plan.queries, frequent))}
    folders = {name: plan.work / "indexes" / corpus.folder.name / name for name in plan.engines}
    for name, folder in folders.items():
        tell(f"{corpus.name}: build {name}")
        figures.builds[name] = _built(name, corpus, folder, plan.work)
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(name, plan.work)) for name in plan.engines]
        for worker in workers:
            worker.do(jobs.load, _index(folders[worker.name]))
        tell(f"{corpus.name}: compare answers")
        figures.agreement = _agreement(corpus, queries, workers)
        for mode, k in product(queries, DEPTHS):
            tell(f"{corpus.name}: time {mode}, top {k}")
            terms = [query.terms for query in queries[mode]]
            figures.queries[f"{mode}@{k}"] = _engines_timed(workers, terms, k, plan)
            figures.variants[f"{mode}@{k}"] = _variants_timed(workers, terms, k, plan)
    [some_query, *_] = queries[MODES[0]]
    for name, folder in folders.items():  # last, when whatever an engine compiles and keeps has been kept
        with Worker(name, plan.work) as worker:
            figures.first[name] = worker.do(jobs.first, _index(folder), some_query.terms, DEPTHS[0])
    return figures


def _index(folder: Path) -> Path:
    """Where in an engine's folder its index is; the record of its building lies beside it."""
    return folder / "index"


def _built(name: str, corpus: Corpus, folder: Path, work: Path) -> Build:
    """What building took, now or before: another engine's index is kept while its version is the same."""
    record = folder / "build.json"
    if name != OURS and record.exists():
        kept = Build(**json.loads(record.read_text()))
        with Worker(name, work) as worker:
            if kept.version == worker.do(jobs.version):
                return kept
    shutil.rmtree(folder, ignore_errors=True)
    _rehearse(name, corpus, folder / "rehearsal", work)
    _index(folder).mkdir()
    with Worker(name, work) as worker:
        made = worker.do(jobs.build, corpus.documents, _index(folder))
    record.write_text(json.dumps(asdict(made)))
    return made


def _rehearse(name: str, corpus: Corpus, folder: Path, work: Path) -> None:
    """Builds from a few documents, so that what an engine compiles once a machine is not counted."""
    index = _index(folder)
    index.mkdir(parents=True)
    with corpus.documents.open(encoding="ascii") as lines:
        few = folder / corpus.documents.name
        few.write_text("".join(islice(lines, _REHEARSED)), encoding="ascii")
    with Worker(name, work) as worker:
        worker.do(jobs.build, few, index)
    shutil.rmtree(folder)


def _agreement(
    corpus: Corpus, queries: Queries, workers: Sequence[Worker]
) -> dict[str, dict[str, Agreement]]:
    reference = Reference(corpus)
    k = DEPTHS[0]
    found: dict[str, dict[str, Agreement]] = {}
    for mode, drawn in queries.items():
        checked = drawn[:_CHECKED]
        scores = [reference.scores(query) for query in checked]
        for worker in workers:
            answers = worker.do(jobs.search, [query.terms for query in checked], k)
            pairs = list(zip(checked, scores, answers, strict=True))
            found.setdefault(f"{mode}@{k}", {})[worker.name] = Agreement(
                fmean(overlap(exact, hits, k) for _, exact, hits in pairs),
                all(is_exact(exact, hits, k, len(query.terms)) for query, exact, hits in pairs),
            )
    return found


def _engines_timed(
    workers: Sequence[Worker], terms: Sequence[Sequence[str]], k: int, plan: Plan
) -> dict[str, Timing]:
    return _timed({each.name: partial(each.do, jobs.run, terms, k) for each in workers}, plan)


def _variants_timed(
    workers: Sequence[Worker], terms: Sequence[Sequence[str]], k: int, plan: Plan
) -> dict[str, Timing]:
    """Our variants, the plain one first; empty where our engine is not among those measured."""
    ours = {
        variant: partial(worker.do, jobs.run_variant, variant, terms, k)
        for worker in workers
        if worker.name == OURS
        for variant in worker.do(jobs.variants)
    }
    return _timed(ours, plan)


def _timed(entrants: Mapping[str, Callable[[], Round]], plan: Plan) -> dict[str, Timing]:
    """All take turns, so that what else the machine does falls on all alike. The first turn warms up."""
    taken: dict[str, list[Round]] = {name: [] for name in entrants}
    for turn in range(plan.rounds + 1):
        for name, entrant in entrants.items():
            one = entrant()
            if turn:
                taken[name].append(one)
    return {name: _timing(each) for name, each in taken.items()}


def _timing(rounds: Sequence[Round]) -> Timing:
    by_query = [median(walls) for walls in zip(*(one.wall for one in rounds), strict=True)]
    return Timing(median(by_query), fmean(by_query), median(one.cpu for one in rounds) / len(by_query))
