"""`textprism demo`: the sample corpus through everything."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.evaluating import METRICS, Report, measure
from app.cli.options import AsJson, DataDir, settings_of
from app.cli.output import console, print_hits, print_json, progress_bar
from app.search.answer import SearchResult
from app.search.engines import Engine, Engines
from app.search.request import search_request
from app.search.searcher import search
from app.settings import open_catalogue
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.documents import find_sources, import_documents
from indexer.types import IndexSettings

INDEX = "examples"
FOLDER = Path(__file__).parents[2] / "examples"
QUERIES = (
    "猫 喜欢 吃什么",
    "sourdough 发酵 temperature",
    "機器學習",
    "river bank",
    "dim stars through a telescope",
    "怎样保护视力",
    "node.js memory",
    "古筝 strings 调音",
)
WAYS: dict[str, dict[str, object]] = {
    "bm25": {"retrievers": ["bm25"]},
    "word2vec": {"retrievers": ["word2vec"]},
    "hybrid": {"retrievers": ["bm25", "word2vec"]},
}
MEASURED = WAYS | {
    "hybrid by rrf": {"retrievers": ["bm25", "word2vec"], "fusion": "rrf"},
    "tfidf": {"retrievers": ["tfidf"]},
    "bow": {"retrievers": ["bow"]},
    "lm": {"retrievers": ["lm"]},
    "ngrams": {"retrievers": ["ngrams"]},
}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("demo")(demo)


def demo(
    corpus: Annotated[Path, typer.Argument(help="A BEIR folder.", metavar="[FOLDER]")] = FOLDER,
    limit: Annotated[int, typer.Option(help="Hits shown for each query.")] = 3,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import the sample corpus, build it, search it in every way, and measure the quality."""
    settings = settings_of(data_dir)
    with open_catalogue(settings, create=True) as catalogue, progress_bar() as progress:
        if catalogue.indexes.find(INDEX) is None:
            views = [*IndexSettings().views, "word_bigrams"]
            catalogue.indexes.create(INDEX, IndexSettings(views=views))
        imported = import_documents(catalogue, INDEX, find_sources([str(corpus)]), progress=progress)
        built = build_generation(catalogue, settings.data_dir, INDEX, progress=progress)
        engine = Engines(catalogue, settings.data_dir).get(INDEX)
        found = {query: _search(catalogue, engine, query, limit) for query in QUERIES}
        queries, qrels = corpus / "queries.jsonl", corpus / "qrels" / "test.tsv"
        quality = {
            way: measure(catalogue, engine, search_request(**given), queries, qrels, METRICS, progress)
            for way, given in MEASURED.items()
        }
    if as_json:
        print_json({"import": imported, "build": built, "searches": found, "quality": quality})
        return
    out = console()
    out.print(f"{built.documents} documents, generation {built.generation}, built in {built.seconds:.1f} s")
    for query, results in found.items():
        out.rule(f"[bold]{query}[/bold]", align="left")
        for way, result in results.items():
            print_hits(result, way)
    _print_quality(quality)
    out.print("\nNext: `make serve`, then http://127.0.0.1:8000/docs", markup=False)


def _search(catalogue: Catalogue, engine: Engine, query: str, limit: int) -> dict[str, SearchResult]:
    return {
        way: search(catalogue, engine, search_request(q=query, limit=limit, explain="full", **given))
        for way, given in WAYS.items()
    }


def _print_quality(quality: dict[str, Report]) -> None:
    out = console()
    queries = next(iter(quality.values())).queries
    out.rule(f"[bold]Quality on {queries} judged queries[/bold]", align="left")
    out.print(f"{'':<18}" + "".join(f"{name:>12}" for name in METRICS.split(",")))
    for way, report in quality.items():
        out.print(f"{way:<18}" + "".join(f"{value:>12.4f}" for value in report.metrics.values()))
