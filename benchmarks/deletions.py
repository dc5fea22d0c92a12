"""`python -m benchmarks.deletions DATA INDEX QUERIES`: do the words that carry a dense match carry it?

Of a query and a hit the first word of the evidence is taken out of the document, everywhere, which is then
encoded anew; and so with another word of it, drawn at random: without which of them is the cosine lower?"""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer

from app.search.query import parse
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.question import Question
from indexer.database import Catalogue
from indexer.generation import Generation, IndexFolder
from indexer.types import Document

_SEED = 7
_DEPTH = 10


def main(
    data: Annotated[Path, typer.Argument(help="A data folder.")],
    index: Annotated[str, typer.Argument(help="One of its indexes, with encoders.")],
    queries: Annotated[Path, typer.Argument(help="JSON lines with a `text` each.")],
    encoder: Annotated[str, typer.Option(help="Whose matches.")] = "word2vec",
    cases: Annotated[int, typer.Option(min=1, help="How many.")] = 1_000,
) -> None:
    """Nothing; prints in how many cases it is the word that is said to carry it."""
    draw = Random(_SEED)
    texts = [json.loads(line)["text"] for line in queries.read_text().splitlines()]
    draw.shuffle(texts)
    generation = IndexFolder(data, index).open()[0]
    won = tied = asked = 0
    with Catalogue.open(data) as catalogue:
        for text in texts:
            for document in _hits(catalogue, generation, encoder, text):
                falls = _falls(generation, encoder, text, document, draw)
                if falls is not None and asked < cases:
                    asked += 1
                    won += falls[0] > falls[1]
                    tied += falls[0] == falls[1]
    generation.close()
    typer.echo(f"{index}, {encoder}: {won:,} of {asked:,} cases ({won / asked:.1%}), {tied} ties")


def _retriever(generation: Generation, encoder: str, text: str) -> tuple[DenseRetriever, Question]:
    question = Question(generation, parse(text, ()))
    return DenseRetriever(encoder, generation.dense[encoder], question, None), question


def _hits(catalogue: Catalogue, generation: Generation, encoder: str, text: str) -> list[Document]:
    ordinals = _retriever(generation, encoder, text)[0].rank(_DEPTH).ordinals.tolist()
    found = catalogue.documents.get_many(generation.manifest.index, generation.lexical.doc_ids(ordinals))
    return list(found.values())


def _falls(
    generation: Generation, encoder: str, text: str, document: Document, draw: Random
) -> tuple[float, float] | None:
    """How much the cosine falls without the word that carries most, and without another; None where the
    document has no two words."""
    retriever, question = _retriever(generation, encoder, text)
    dense = generation.dense[encoder]
    query = question.encoding(dense).vector
    ordinal = generation.lexical.ordinal(document.doc_id)
    if query is None or ordinal is None:
        return None
    shares = retriever.shares(ordinal, document)
    words = {each.term: each.fall for own in shares.values() for each in own}
    places: dict[str, list[tuple[str, int, int]]] = {}
    for field, own in shares.items():
        for each in own:
            places.setdefault(each.term, []).append((field, each.start, each.end))
    if len(words) < 2:
        return None
    top = max(words, key=lambda each: words[each])
    other = draw.choice(sorted(set(words) - {top}))
    without = [dense.documents.encode(_without(document, places[word])).vector for word in (top, other)]
    before = dense.documents.encode(document).vector
    cosines = [0.0 if each is None else float(np.dot(query, each)) for each in (before, *without)]
    return cosines[0] - cosines[1], cosines[0] - cosines[2]


def _without(document: Document, places: Sequence[tuple[str, int, int]]) -> Document:
    """The document with blanks at these places of its fields."""
    fields = dict(document.fields)
    for field, start, end in places:
        text = str(fields[field])
        fields[field] = text[:start] + " " * (end - start) + text[end:]
    return Document(document.doc_id, fields)


if __name__ == "__main__":
    typer.run(main)
