"""Questions answered by a piece of a document: the answer that a reader marks, or the nearest sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.search.engines import Engine
from app.search.listing import question_of
from app.search.request import SearchRequest
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.retrievers import encoder_of
from app.search.searcher import search
from app.search.stages.passages import MOST_SENTENCES
from indexer.analysis import sentences
from indexer.database import Catalogue
from indexer.errors import InputError
from indexer.types import Document


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece of a field of a document, in characters.

    score: of a reader the probability that it is the answer, of a sentence its cosine with the question."""

    id: str
    field: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Answers:
    """What may answer a question, best first. `by`: `reader`, or `sentence` where none is kept, which then is
    no answer but the sentence that is most like the question; `model`: the reader, or the encoder."""

    by: Literal["reader", "sentence"]
    model: str
    generation: str
    answers: Sequence[Answer]


def answers(
    catalogue: Catalogue, engine: Engine, request: SearchRequest, reader: str | None, limit: int
) -> Answers:
    """The best piece of each document that a search finds, the best of them first. Ties: the better hit.

    reader: a kept one, the first that there is where None. Raises: as a search; MissingError, InputError for
    a reader that is none; FeatureMissingError where there is neither a reader nor an encoder."""
    documents = _found(catalogue, engine, request)
    assert engine.models is not None
    marked = reader is not None or engine.models.has_reader()
    if marked:
        model, found = _by_reader(engine, request, reader, documents)
    else:
        model, found = _by_sentence(engine, request, documents)
    best = sorted(found, key=lambda each: -each.score)[:limit]
    return Answers("reader" if marked else "sentence", model, engine.generation.manifest.name, best)


def _found(catalogue: Catalogue, engine: Engine, request: SearchRequest) -> list[Document]:
    hits = search(catalogue, engine, request).hits
    index = engine.generation.manifest.index
    there = catalogue.documents.get_many(index, [each.id for each in hits])
    return [there[each.id] for each in hits if each.id in there]


def _by_reader(
    engine: Engine, request: SearchRequest, name: str | None, documents: Sequence[Document]
) -> tuple[str, list[Answer]]:
    assert engine.models is not None
    try:
        kept, reader = engine.models.reader(name)
    except InputError as error:
        error.pointer = "/reader"
        raise

    def best(document: Document) -> Iterator[Answer]:
        for field in engine.generation.manifest.settings.text_fields:
            text = document.text(field)
            if text and (span := reader.answer(request.q, text)) is not None:
                piece = text[span.start : span.end]
                yield Answer(document.doc_id, field, span.start, span.end, piece, span.probability)

    return str(kept), [each for document in documents for each in _best(best(document))]


def _by_sentence(
    engine: Engine, request: SearchRequest, documents: Sequence[Document]
) -> tuple[str, list[Answer]]:
    generation = engine.generation
    dense = encoder_of(generation, None, "/encoder")
    name = next(iter(generation.dense))
    retriever = DenseRetriever(name, dense, question_of(generation, request), None)

    def best(document: Document) -> Iterator[Answer]:
        for field in generation.manifest.settings.text_fields:
            text = document.text(field)
            spans = list(sentences(text))[:MOST_SENTENCES]
            nearest = retriever.nearest([text[start:end] for start, end in spans])
            if nearest is not None:
                start, end = spans[nearest.place]
                yield Answer(document.doc_id, field, start, end, text[start:end], nearest.score)

    return name, [each for document in documents for each in _best(best(document))]


def _best(found: Iterator[Answer]) -> Sequence[Answer]:
    """The best of a document, if there is any. Ties: the first."""
    best = max(found, key=lambda each: each.score, default=None)
    return [] if best is None else [best]
