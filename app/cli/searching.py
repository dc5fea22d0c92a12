"""`textprism search` and `textprism features`."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import (
    AsJson,
    DataDir,
    Filter,
    Fusion,
    IndexArgument,
    Profile,
    Retrievers,
    names,
    settings_of,
    unicode,
)
from app.cli.output import console, print_hits, print_json
from app.features import AllFeatures, DenseFeatures, Features, feature_names, features
from app.search.engines import Engines
from app.search.request import search_request
from app.search.searcher import search
from app.settings import open_catalogue

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("search")(search_command)
    app.command("features")(features_command)


def search_command(
    index: IndexArgument,
    query: Annotated[str | None, typer.Argument(help="What to look for; '': all documents.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="DOC_ID", help="Instead: what is like a document.")
    ] = None,
    retrievers: Retrievers = None,
    fusion: Fusion = None,
    profile: Profile = None,
    filter: Filter = None,
    sort: Annotated[str | None, typer.Option(help="Fields, parted by commas: year:desc.")] = None,
    facets: Annotated[str | None, typer.Option(help="Fields, parted by commas.")] = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="Look for the neighbours of the query's words too.")
    ] = False,
    highlight: Annotated[str | None, typer.Option(help="Text fields, parted by commas.")] = None,
    limit: Annotated[int, typer.Option(help="Hits wanted.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show each term's share of the score.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a broken query; else it is read as plain words.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Search, and say why each hit is where it is."""
    if query is None and like is None:
        raise typer.BadParameter("a QUERY is wanted, or --like DOC_ID.")
    settings = settings_of(data_dir)
    detail = "full" if explain else "parts"
    request = search_request(
        q=query,
        like=like,
        limit=limit,
        retrievers=names(retrievers),
        fusion=fusion,
        profile=profile,
        filter=filter,
        sort=names(sort),
        facets=names(facets),
        highlight=names(highlight),
        expansion={} if expand else None,
        explain=detail,
        strict=strict,
    )
    with open_catalogue(settings) as catalogue:
        result = search(catalogue, Engines(catalogue, settings.data_dir).get(index), request)
    if as_json:
        print_json(result)
        return
    print_hits(
        result,
        f"{query if like is None else f'like {like}'} — {result.total.value:,} found, {result.generation}",
    )


def features_command(
    index: IndexArgument,
    doc_id: Annotated[str, typer.Argument(help="Key of the document.", callback=unicode)],
    name: Annotated[
        str | None, typer.Argument(help="bow, tfidf, bm25, ngrams, word2vec; all if left out.")
    ] = None,
    variant: Annotated[str | None, typer.Option(help="Of the weighting of NAME, for example bm25+.")] = None,
    view: Annotated[str | None, typer.Option(help="Views of NAME, parted by commas.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what each representation makes of a document."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue:
        document = catalogue.documents.get(index, doc_id)
        generation = Engines(catalogue, settings.data_dir).get(index).generation
        wanted = feature_names(generation) if name is None else [name]
        found = [features(generation, document, each, variant=variant, views=names(view)) for each in wanted]
    if as_json:
        print_json(AllFeatures(doc_id, found) if name is None else found[0])
        return
    for each in found:
        _print_features(each)


def _print_features(each: Features) -> None:
    out = console()
    if isinstance(each, DenseFeatures):
        vector = (
            "none: no known word" if each.vector is None else " ".join(f"{x:+.3f}" for x in each.vector[:12])
        )
        out.print(f"[bold]{escape(each.name)}[/bold], {each.dims} dimensions: {vector} …")
        if each.oov:
            out.print(f"  no vector for: {', '.join(each.oov[:SHOWN])}", markup=False)
        return
    table = Table(title=f"{each.name} ({each.variant}), {len(each.terms)} terms", title_justify="left")
    for column in ("field", "view", "term", "tf", "df", "idf", "weight", "at"):
        table.add_column(column, justify="left" if column in ("field", "view", "term", "at") else "right")
    for term in each.terms[:SHOWN]:
        df = "–" if term.df is None else str(term.df)
        idf = "–" if term.idf is None else f"{term.idf:.3f}"
        places = " ".join(f"{start}–{end}" for start, end in term.offsets[:3])
        counts = (str(term.tf), df, idf, f"{term.weight:.4f}", places)
        table.add_row(escape(term.field), term.view, escape(term.term), *counts)
    out.print(table)
    if len(each.terms) > SHOWN:
        out.print(f"  … and {len(each.terms) - SHOWN} more; --json shows all")
