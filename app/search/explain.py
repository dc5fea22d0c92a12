"""Why a hit is where it is: the parts that its score is the sum of."""

from collections.abc import Iterator, Sequence
from itertools import repeat

from app.search.fusion import Fused
from app.search.request import Explain
from app.search.retrieval.retrievers import Retriever
from indexer.types import SCORE_UNIT, Document, Part


def explain_hits(
    fused: Fused,
    page: slice,
    retrievers: Sequence[Retriever],
    documents: Sequence[Document | None],
    detail: Explain,
) -> Sequence[Sequence[Part] | None]:
    """For each hit of a page a part for each retriever that found it and each stage that moved it; None where
    nobody asked. documents: those of the page, as they are stored now.

    The contributions of a hit's parts sum to its score; under `full`, the parts of a retriever's part to its
    value."""
    places = range(len(fused.ordinals))[page]
    if detail == "none":
        return [None] * len(places)
    bound = {each.name: each for each in retrievers} if detail == "full" else {}
    by_name = [_parts(fused, places, documents, name, bound.get(name)) for name in fused.parts]
    if not by_name:
        return [()] * len(places)
    return [[part for part in parts if part is not None] for parts in zip(*by_name, strict=True)]


def _parts(
    fused: Fused,
    places: range,
    documents: Sequence[Document | None],
    name: str,
    retriever: Retriever | None,
) -> Iterator[Part | None]:
    """The part of that name in each hit; None where it says nothing of the hit. Given the retriever, with the
    parts of its own."""
    ordinals = fused.ordinals[places.start : places.stop].tolist()
    given = fused.parts[name]
    holds = given.holds
    inner = repeat((), len(ordinals)) if retriever is None else retriever.parts(ordinals, documents)
    for place, parts in zip(places, inner, strict=True):
        yield (
            Part(
                name=name,
                value=int(given.scores[place]) / SCORE_UNIT,
                contribution=fused.value(given.contributions[place]),
                rank=int(given.ranks[place]) or None,
                parts=parts,
            )
            if holds[place]
            else None
        )
