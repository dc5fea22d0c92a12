"""`textprism train`."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.cli.options import AsJson, DataDir, IndexArgument, settings_of, unicode
from app.cli.output import console, print_json, print_report, progress_bar
from app.evaluation import answered_examples, judged_examples, read_judgements, read_queries, read_squad
from app.search.engines import Engines
from app.settings import open_catalogue
from indexer.build import READERS, TrainingReport, train_reader, train_reranker
from indexer.build import train as train_job
from indexer.build.finetuning import READER, RERANKER
from indexer.database import Catalogue
from indexer.errors import InputError
from indexer.pretraining import Answered, Judged, require_train_extra
from indexer.types import Progress


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("train")(train)


def train(
    index: IndexArgument,
    encoder: Annotated[
        str,
        typer.Argument(
            help="An encoder of the index, or word2vec, glove, fasttext, bert or rnn; or reranker, reader, "
            "classifier, autoencoder.",
            callback=unicode,
        ),
    ],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", metavar="NAME=VALUE", help="For example dims=200; else as the settings have it."
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            help="Of a classifier, tfidf or an encoder [default: the best]; of an autoencoder, which."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="What the result is kept as. [default: INDEX-ENCODER]")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option(help="BEIR queries.jsonl to learn from; of a reader with answers.")
    ] = None,
    qrels: Annotated[Path | None, typer.Option(help="Their BEIR or TREC judgements.")] = None,
    squad: Annotated[Path | None, typer.Option(help="Of a reader, a SQuAD file in their place.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Train word vectors, a BERT or an RNN on the documents of an index; the next reindex uses them.

    A reranker and a reader begin with the BERT of the index, and learn from judged queries. A classifier
    learns the labels of a field, an autoencoder to compress the vectors of an encoder."""
    settings = settings_of(data_dir)
    options = _options(option or []) | ({} if on is None else {"on": on})
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        if encoder == RERANKER:
            judged = _judged(catalogue, settings.data_dir, index, queries, qrels, progress)
            trained = train_reranker(catalogue, settings.data_dir, index, judged, options, model, progress)
        elif encoder == READER:
            answered = _answered(catalogue, index, queries, qrels, squad)
            trained = train_reader(catalogue, settings.data_dir, index, answered, options, model, progress)
        else:
            if queries or qrels or squad:
                raise InputError(f"`{encoder}` learns from documents alone: leave queries, qrels, squad out.")
            trained = train_job(catalogue, settings.data_dir, index, encoder, options, model, progress)
    if as_json:
        print_json({"index": index, "training": trained})
    else:
        _print(index, trained)


def _print(index: str, trained: TrainingReport) -> None:
    out = console()
    speed = "" if trained.encoder in READERS else f", {trained.words_per_second:,.0f} words a second"
    out.print(f"{trained.model}{speed}, {trained.seconds:.1f} s", markup=False)
    print_report(trained.report)
    if trained.encoder not in (RERANKER, READER, *READERS):
        out.print(f"next: textprism reindex {index}", markup=False)


def _judged(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    queries: Path | None,
    qrels: Path | None,
    progress: Progress,
) -> list[Judged]:
    """What a reranker learns from. Raises: InputError where a file is not named."""
    require_train_extra()
    if queries is None or qrels is None:
        raise InputError("A reranker learns from judged queries: name --queries and --qrels.")
    catalogue.indexes.get(index)
    engine = Engines(catalogue, data_dir).get(index)
    return judged_examples(catalogue, engine, list(read_queries(queries)), read_judgements(qrels), progress)


def _answered(
    catalogue: Catalogue, index: str, queries: Path | None, qrels: Path | None, squad: Path | None
) -> list[Answered]:
    """What a reader learns from. Raises: InputError where a file is not named."""
    if squad is not None:
        return read_squad(squad)
    if queries is None or qrels is None:
        raise InputError("A reader learns from answers: name --squad, or --queries and --qrels.")
    return answered_examples(catalogue, index, queries, read_judgements(qrels))


def _options(given: list[str]) -> dict[str, Any]:
    """The options of NAME=VALUE; a value is JSON, or else a word as it stands."""
    options: dict[str, Any] = {}
    for each in given:
        name, equals, written = each.partition("=")
        if not equals or not name:
            raise InputError(f"`{each}`: wanted NAME=VALUE, for example dims=200.")
        try:
            options[name] = orjson.loads(written)
        except orjson.JSONDecodeError:
            options[name] = written
    return options
