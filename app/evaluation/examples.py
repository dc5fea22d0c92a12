"""What a reranker and a reader learn from, out of judged queries: texts of documents in place of their keys.

queries.jsonl (BEIR)   of a reader also {"answers": [{"text": "…", "start": 17}]} on each line, `start` in
                       characters of a text field of the document that is relevant
SQuAD                  {"data": [{"paragraphs": [{"context": "…", "qas": [{"question": "…", "answers":
                       [{"text": "…", "answer_start": 17}]}]}]}]}

Source: Rajpurkar et al., 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text"."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.evaluation.judgements import Judgements, Query, read_lines
from app.search.engines import Engine
from app.search.request import search_request
from app.search.searcher import served_ids
from indexer.database import Catalogue
from indexer.errors import BadFileError
from indexer.pretraining import Answered, Judged
from indexer.types import Document, Progress

DEPTH = 50
"""Of the best documents of BM25 those that are not relevant are the others."""


def judged_examples(
    catalogue: Catalogue,
    engine: Engine,
    queries: Sequence[Query],
    judgements: Judgements,
    progress: Progress,
) -> list[Judged]:
    """The queries that have a relevant document in the index, each with what BM25 finds for it else."""
    index = engine.generation.manifest.index
    names = catalogue.indexes.get(index).settings.text_fields
    found = []
    for done, query in enumerate(queries, 1):
        grades = judgements.get(query.query_id, {})
        if any(grade > 0 for grade in grades.values()):
            request = search_request(q=query.text, retrievers=["bm25"], limit=DEPTH, explain="none")
            served = served_ids(catalogue, engine, request)
            documents = catalogue.documents.get_many(index, list({*grades, *served}))
            relevant = [
                _text(documents[key], names)
                for key, grade in grades.items()
                if grade > 0 and key in documents
            ]
            others = [
                _text(documents[key], names) for key in served if grades.get(key, 0) <= 0 and key in documents
            ]
            found.append(Judged(query.text, relevant, others))
        progress("find documents", done, len(queries))
    return found


def answered_examples(
    catalogue: Catalogue, index: str, queries: Path, judgements: Judgements
) -> list[Answered]:
    """The questions with an answer that stands in a relevant document where it is said to.

    Raises: BadFileError where a line is no query."""
    fields = catalogue.indexes.get(index).settings.text_fields
    found: list[Answered] = []
    for place, line in read_lines(queries):
        row = _object(line, place)
        keys = [key for key, grade in judgements.get(str(row.get("_id")), {}).items() if grade > 0]
        try:
            for document in catalogue.documents.get_many(index, keys).values():
                found.extend(_in_document(row, document, fields))
        except (KeyError, TypeError):
            raise BadFileError(
                f"{place}: wanted answers as a list of objects with `text`, `start`."
            ) from None
    return found


def read_squad(path: Path) -> list[Answered]:
    """The questions of a SQuAD file that have an answer, each with its first. Raises: BadFileError."""
    try:
        content = orjson.loads(path.read_bytes())
        return [
            Answered(question["question"], paragraph["context"], start, start + len(text))
            for article in content["data"]
            for paragraph in article["paragraphs"]
            for question in paragraph["qas"]
            for text, start in _first(question.get("answers", []), "answer_start", paragraph["context"])
        ]
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror}.") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadFileError(
            f"{path}: wanted a file in the form of SQuAD, found otherwise ({error!r})."
        ) from None


def _in_document(row: Mapping[str, Any], document: Document, fields: Sequence[str]) -> Iterator[Answered]:
    """The question with its answer in the first field of a document that has it."""
    for field in fields:
        text = document.text(field)
        for answer, start in _first(row.get("answers") or [], "start", text):
            yield Answered(str(row.get("text", "")), text, start, start + len(answer))
            return


def _first(answers: Sequence[Mapping[str, Any]], start: str, text: str) -> Iterator[tuple[str, int]]:
    """The first of some answers that stands in a text where it is said to, if any does."""
    for each in answers:
        answer, at = each["text"], each[start]
        if answer and at >= 0 and text.startswith(answer, at):
            yield answer, at
            return


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadFileError(f"{place}: wanted a JSON object, found a line that is no JSON: {error}.") from None
    if not isinstance(row, dict):
        raise BadFileError(f"{place}: wanted a JSON object, found {type(row).__name__}.")
    return row


def _text(document: Document, fields: Sequence[str]) -> str:
    """What a reranker reads of a document: its text fields, one below the other."""
    return "\n".join(filter(None, (document.text(field) for field in fields)))
