"""Query sets and judgements from files.

queries.jsonl (BEIR)   {"_id": "q1", "text": "…"} on each line; other keys are ignored
qrels .tsv (BEIR)      header `query-id corpus-id score`, then those three, separated by tabs
qrels (TREC)           no header; query, iteration (ignored), document, grade, separated by blanks

Empty lines are skipped; a byte order mark at the start is too."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from indexer.errors import BadFileError

Judgements = dict[str, dict[str, int]]
"""Query id → doc_id → grade; above 0 is relevant."""

BEIR_HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, slots=True)
class Query:
    """A text that is searched for, with the key that the judgements know it by."""

    query_id: str
    text: str


def read_queries(path: Path) -> Iterator[Query]:
    """The queries of a BEIR queries.jsonl, in the order of the file, one line in memory at a time.

    Raises: BadFileError where a line is no query or repeats an id."""
    seen: set[str] = set()
    for place, line in read_lines(path):
        query = _query(line, place)
        if query.query_id in seen:
            raise BadFileError(f"{place}: the query `{query.query_id[:100]}` is there twice: remove one.")
        seen.add(query.query_id)
        yield query


def read_judgements(path: Path) -> Judgements:
    """The judgements of a qrels file, BEIR or TREC, whichever its first line is.

    Raises: BadFileError where a line is no judgement or contradicts an earlier one."""
    judgements: Judgements = {}
    split = _split_trec
    for number, (place, line) in enumerate(read_lines(path)):
        text = _decoded(line, place)
        if number == 0 and text.split() == BEIR_HEADER:
            split = _split_beir
            continue
        query_id, doc_id, shown = split(text, place)
        grade = _grade(shown, place)
        earlier = judgements.setdefault(query_id, {}).setdefault(doc_id, grade)
        if earlier != grade:
            raise BadFileError(
                f"{place}: document `{doc_id[:100]}` has two grades for query `{query_id[:100]}`, "
                f"{earlier} and {grade}: keep one."
            )
    return judgements


def read_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each line that is not empty, with its place for messages: `file:line`. Raises: BadFileError."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                stripped = (line.removeprefix(BOM_UTF8) if number == 1 else line).rstrip(b"\r\n")
                if stripped.strip():
                    yield f"{path}:{number}", stripped
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror}.") from error


def _query(line: bytes, place: str) -> Query:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadFileError(f"{place}: wanted a JSON object, found a line that is no JSON: {error}.") from None
    if not isinstance(row, dict):
        raise BadFileError(f"{place}: wanted a JSON object, found {type(row).__name__}.")
    query_id, text = row.get("_id"), row.get("text")
    if isinstance(query_id, int) and not isinstance(query_id, bool):
        query_id = str(query_id)
    if not isinstance(query_id, str) or not query_id:
        raise BadFileError(f"{place}: wanted the query's key as a string `_id`, found {_shown(query_id)}.")
    if not isinstance(text, str):
        raise BadFileError(f"{place}: wanted the query as a string `text`, found {_shown(text)}.")
    return Query(query_id, text)


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise BadFileError(f"{place}: wanted UTF-8, found {error.reason}: convert the file.") from None


def _split_beir(line: str, place: str) -> tuple[str, str, str]:
    cells = line.split("\t")
    if len(cells) != 3 or not (cells[0] and cells[1]):
        raise BadFileError(
            f"{place}: wanted query-id, corpus-id and score, separated by tabs, found {_shown(line)}."
        )
    return cells[0], cells[1], cells[2]


def _split_trec(line: str, place: str) -> tuple[str, str, str]:
    cells = line.split()
    if len(cells) != 4:
        raise BadFileError(
            f"{place}: wanted query, iteration, document and grade (TREC), or in the first line the header "
            f"query-id, corpus-id, score (BEIR), found {_shown(line)}."
        )
    return cells[0], cells[2], cells[3]


def _grade(text: str, place: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise BadFileError(f"{place}: wanted a whole number as the grade, found {_shown(text)}.")
    return int(text)


def _shown(value: object) -> str:
    return "nothing" if value is None else f"`{str(value)[:100]}`"
