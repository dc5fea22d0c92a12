"""`textprism explain`."""

from typing import Annotated

import typer

from app.cli.explained import effect_tables, tables
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
from app.cli.output import console, print_json
from app.cli.tables import in_markdown, on_terminal
from app.search.counterfactuals import counterfactuals
from app.search.engines import Engines
from app.search.request import search_request
from app.search.whynot import ExplainRequest, explain
from app.settings import open_catalogue


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("explain")(explain_command)


def explain_command(
    index: IndexArgument,
    doc_id: Annotated[str, typer.Argument(help="Key of the document.", callback=unicode)],
    query: Annotated[str, typer.Argument(help="What was looked for.")],
    retrievers: Retrievers = None,
    fusion: Fusion = None,
    profile: Profile = None,
    filter: Filter = None,
    limit: Annotated[int, typer.Option(help="Among how many first hits it should be.")] = 10,
    effects: Annotated[
        bool, typer.Option("--effects", help="Show too what each word and retriever does to the first hits.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print tables in Markdown.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say why a document is among the first hits, or why not, and what would bring it there."""
    settings = settings_of(data_dir)
    request = search_request(
        q=query,
        limit=limit,
        retrievers=names(retrievers),
        fusion=fusion,
        profile=profile,
        filter=filter,
    )
    asked = ExplainRequest.model_validate({"id": doc_id, **request.model_dump(exclude_unset=True)})
    with open_catalogue(settings) as catalogue:
        engine = Engines(catalogue, settings.data_dir).get(index)
        found = explain(catalogue, engine, asked, settings.max_hits)
        depends = counterfactuals(catalogue, engine, request) if effects else None
    if as_json:
        print_json(found if depends is None else {"explanation": found, "counterfactuals": depends})
        return
    shown = [*tables(found), *([] if depends is None else effect_tables(depends))]
    title = f"{doc_id} for {query}: {found.reason}"
    if markdown:
        console().print(in_markdown(title, shown), markup=False, soft_wrap=True, end="")
    else:
        on_terminal(title, shown)
