"""`textprism evaluate`: how good the rankings are on judged queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, Fusion, IndexArgument, Profile, Retrievers, names, settings_of
from app.cli.output import console, print_json, progress_bar
from app.evaluation import evaluate, parse_metric, read_judgements, read_queries
from app.search.answer import Stopwatch
from app.search.engines import Engine, Engines
from app.search.listing import list_hits
from app.search.request import SearchRequest, search_request
from app.search.searcher import served_ids
from app.settings import open_catalogue
from indexer.database import Catalogue
from indexer.types import Progress

METRICS = "ndcg@10,recall@100,mrr@10"


@dataclass(frozen=True, slots=True)
class Report:
    """The quality of one way to rank, and what it was measured on."""

    index: str
    generation: str
    profile: str
    retrievers: Sequence[str]
    fusion: str | None
    queries: int
    metrics: Mapping[str, float]
    seconds: float


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("evaluate")(evaluate_command)


def measure(
    catalogue: Catalogue,
    engine: Engine,
    request: SearchRequest,
    queries: Path,
    qrels: Path,
    metrics: str,
    progress: Progress,
) -> Report:
    """The quality of a request's retrievers and fusion on judged queries."""

    def served(text: str, depth: int) -> list[str]:
        return served_ids(catalogue, engine, request.model_copy(update={"q": text, "limit": depth}))

    wanted = [parse_metric(name) for name in names(metrics) or []]
    result = evaluate(served, read_queries(queries), read_judgements(qrels), wanted, progress)
    listing = list_hits(catalogue, engine, request, Stopwatch())
    assert listing.ranker is not None
    retrievers, fusion = listing.ranker.retrievers, listing.ranker.fusion
    means = {name: round(value, 6) for name, value in result.metrics.items()}
    return Report(
        index=engine.generation.manifest.index,
        generation=engine.generation.name,
        profile=str(listing.profile),
        retrievers=[each.name for each in retrievers],
        fusion=None if fusion is None else fusion.method,
        queries=result.queries,
        metrics=means,
        seconds=round(result.seconds, 3),
    )


def evaluate_command(
    index: IndexArgument,
    queries: Annotated[Path, typer.Option(help="BEIR queries.jsonl.")],
    qrels: Annotated[Path, typer.Option(help="BEIR or TREC judgements.")],
    retrievers: Retrievers = None,
    fusion: Fusion = None,
    profile: Profile = None,
    metrics: Annotated[str, typer.Option(help="Parted by commas.")] = METRICS,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Measure the served order on judged queries; a query without hits counts 0."""
    settings = settings_of(data_dir)
    request = search_request(retrievers=names(retrievers), fusion=fusion, profile=profile, explain="none")
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        catalogue.indexes.get(index)
        engine = Engines(catalogue, settings.data_dir).get(index)
        report = measure(catalogue, engine, request, queries, qrels, metrics, progress)
    if as_json:
        print_json(report)
        return
    out = console()
    label = " + ".join(report.retrievers) + (f" by {report.fusion}" if report.fusion else "")
    out.print(
        f"{index} ({report.generation}), {label}, {report.queries:,} queries, {report.seconds:.1f} s",
        markup=False,
    )
    for name, value in report.metrics.items():
        out.print(f"  {name:<12} {value:.4f}")
