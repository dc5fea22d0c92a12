"""Tables for people: on a terminal, or in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from app.cli.output import console


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of texts; a column whose name begins with `#` holds numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def on_terminal(title: str, tables: Sequence[Shown]) -> None:
    """Prints what has rows."""
    out = console()
    out.print(title, markup=False)
    for each in tables:
        if not each.rows:
            continue
        table = Table(title=escape(each.title), title_justify="left", show_edge=False)
        for column in each.columns:
            table.add_column(
                escape(column.lstrip("#")),
                justify="right" if column.startswith("#") else "left",
                overflow="fold",
            )
        for row in each.rows:
            table.add_row(*map(escape, row))
        out.print(table)


def in_markdown(title: str, tables: Sequence[Shown]) -> str:
    """The same as Markdown: a heading, and a table each."""
    written = [f"## {_plain(title)}\n"]
    for each in tables:
        if each.rows:
            names = [column.lstrip("#") for column in each.columns]
            rule = ["---:" if column.startswith("#") else "---" for column in each.columns]
            lines = [_row(names), _row(rule), *(_row(map(_plain, row)) for row in each.rows)]
            written.append(f"\n### {_plain(each.title)}\n\n" + "".join(lines))
    return "".join(written)


def _row(cells: "Sequence[str] | map[str]") -> str:
    return f"| {' | '.join(cells)} |\n"


def _plain(text: str) -> str:
    """A text in which nothing is Markdown, but for links, on one line."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
