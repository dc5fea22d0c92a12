"""What of a document carries a dense match: a sentence of each field, and the words in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.search.highlights.highlight import MOST_ENCODED_CHARACTERS, MOST_SENTENCES
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.shares import Share, carrying
from indexer.analysis import sentences
from indexer.encoders import WHOLE
from indexer.types import Document


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a field, as a highlight.

    text: as it is stored · start: where it begins in the field, in code points; the values of a list are read
    one a line · marks: [from, to) in `text`, the words that carry most of it, ascending · value: what the
    sentence adds to the cosine of query and document, the sum over its words · words: those without which
    the cosine falls most, with their places in the field. opaque: the vector is no sum over words; then
    `value` is the cosine of the sentence by itself, and no word is told."""

    retriever: str
    field: str
    text: str
    start: int
    marks: Sequence[tuple[int, int]]
    value: float
    words: Sequence[Share]
    opaque: bool = False


def evidence_of(retriever: DenseRetriever, ordinal: int, document: Document) -> list[Evidence]:
    """The sentence of each field that carries most of a match, where any does; the fields by that.

    Empty where the query or the document is not known to the encoder, or the document has changed since it
    was indexed."""
    found = [
        _nearest(retriever, field, document.text(field))
        if any(each.term == WHOLE for each in own)
        else _carried(retriever.name, field, document.text(field), own)
        for field, own in retriever.shares(ordinal, document).items()
    ]
    told = [each for each in found if each is not None and each.value > 0]
    return sorted(told, key=lambda each: -each.value)


def _carried(name: str, field: str, text: str, shares: Sequence[Share]) -> Evidence | None:
    """The sentence whose words add most; None where the field has none."""
    spans = sentences(text)
    if not spans:
        return None
    inside = [[each for each in shares if start <= each.start < end] for start, end in spans]
    values = [sum(each.value for each in own) for own in inside]
    best = max(range(len(spans)), key=lambda place: values[place])
    start, end = spans[best]
    written = text[start:end].rstrip()
    words = carrying(inside[best])
    marks = sorted((each.start - start, each.end - start) for each in words)
    return Evidence(name, field, written, start, marks, values[best], words)


def _nearest(retriever: DenseRetriever, field: str, text: str) -> Evidence | None:
    """The sentence of a field that is nearest to the query by itself."""
    text = text[:MOST_ENCODED_CHARACTERS]
    spans = sentences(text)[:MOST_SENTENCES]
    nearest = retriever.nearest([text[start:end] for start, end in spans])
    if nearest is None:
        return None
    start, end = spans[nearest.place]
    written = text[start:end].rstrip()
    return Evidence(retriever.name, field, written, start, [], nearest.score, [], opaque=True)
