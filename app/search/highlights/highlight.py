"""Where a document answers the query: a piece of each field, and what is to be marked in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.search.highlights.snippets import Place, beginning, snippet
from app.search.highlights.sought import Sought
from app.search.retrieval.shares import carrying
from indexer.analysis import fold, fold_all, runs, sentences
from indexer.types import Document

LENGTH = 200
"""Characters of a piece, where nothing else is asked for."""
MOST_CHARACTERS = 100_000
"""Of a field, from its beginning: what stands behind them is not looked at."""
MOST_ENCODED_CHARACTERS = 20_000
MOST_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of a field that says why its document is a hit.

    text: as it is stored, to be escaped by whoever shows it · start: where it begins in the field, in code
    points; the values of a list are read one a line · marks: [from, to) in `text`, ascending; none overlaps
    another, nor touches one of the same script · by: `terms`, or the name of the dense retriever that chose
    the sentence · score: the cosine of that sentence and the query."""

    text: str
    start: int
    marks: Sequence[tuple[int, int]]
    by: str
    score: float | None = None


def highlights(
    sought: Sought,
    document: Document,
    ordinal: int,
    found_by: Collection[str],
    fields: Sequence[str],
    length: int = LENGTH,
) -> dict[str, Highlight]:
    """Of each field the piece that answers best; a field without any is left out.

    That is the piece of at most `length` characters that holds the most of what is asked for, each term
    weighing its idf; a field that fits is shown whole. In a field without any such term it is the sentence
    that is nearest to the query, for a document that a dense retriever found. found_by: the names of the
    retrievers that found it.
    Bounds: 100,000 characters of a field; 20,000 and 200 sentences for a dense retriever."""
    found: dict[str, Highlight] = {}
    texts = [document.text(field)[:MOST_CHARACTERS] for field in fields]
    for field, text, folded in zip(fields, texts, fold_all(texts), strict=True):
        if places := sought.terms(field, ordinal).places(folded):
            found[field] = _marked(text, places, length)
        elif (nearest := _nearest(sought, found_by, text, length)) is not None:
            found[field] = nearest
    return found


def _marked(text: str, places: Sequence[Place], length: int) -> Highlight:
    start, end = snippet(text, places, length)
    marks: list[tuple[int, int]] = []
    for place in places:
        first, last = _within(place, start, end)
        if first == last:
            continue
        if marks and (first < marks[-1][1] or (first == marks[-1][1] and _alike(text, first))):
            first, last = marks[-1][0], max(marks.pop()[1], last)
        marks.append((first, last))
    return Highlight(
        text[start:end], start, [(first - start, last - start) for first, last in marks], "terms"
    )


def _within(place: Place, start: int, end: int) -> tuple[int, int]:
    """What is marked of a place in a piece: all, or what there is of a word that is longer than the piece."""
    if place.end - place.start > end - start:
        return max(start, min(place.start, end)), min(end, max(place.end, start))
    return (place.start, place.end) if start <= place.start and place.end <= end else (start, start)


def _alike(text: str, place: int) -> bool:
    """Whether the characters on both sides of a place are of one script."""
    return len(list(runs(fold(text[place - 1 : place + 1]).text))) == 1


def _nearest(sought: Sought, found_by: Collection[str], text: str, length: int) -> Highlight | None:
    """The sentence that the first of the dense retrievers chooses that found the document; None where no
    sentence has anything to do with the query."""
    for name, retriever in sought.dense.items():
        if name in found_by:
            spans = sentences(text[:MOST_ENCODED_CHARACTERS])[:MOST_SENTENCES]
            best = retriever.nearest([text[start:end] for start, end in spans])
            if best is not None and best.score > 0:
                first = spans[best.place][0]
                start, end = beginning(text, *spans[best.place], length)
                places = sorted((first + each.start, first + each.end) for each in carrying(best.words))
                marks = [
                    (one - start, other - start) for one, other in places if start <= one and other <= end
                ]
                return Highlight(text[start:end], start, marks, name, best.score)
    return None
