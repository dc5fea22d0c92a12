"""The parts of the scores of hits."""

from collections.abc import Iterator, Sequence

from app.search.explanation.formulas import OPAQUE
from app.search.explanation.splitting import with_contributions
from app.search.fusion import Fused
from app.search.request import Explain
from app.search.retrieval.retrievers import Retriever
from indexer.types import SCORE_UNIT, Document, Part

MOST_IN_FULL = 100
"""Hits of a page of which each term is told; of those behind them the lists alone."""


def explain_hits(
    fused: Fused,
    page: slice,
    retrievers: Sequence[Retriever],
    documents: Sequence[Document | None],
    detail: Explain,
) -> Sequence[Sequence[Part] | None]:
    """For each hit of a page a part for each retriever that found it and each stage that moved it; None where
    nobody asked. documents: those of the page, as they are stored now.

    The contributions of a hit's parts sum to its score. Under `full`, for the first MOST_IN_FULL of the page,
    those of a retriever's parts to its contribution, and their values to its value."""
    places = range(len(fused.ordinals))[page]
    if detail == "none":
        return [None] * len(places)
    n_full = MOST_IN_FULL if detail == "full" else 0
    bound = {each.name: each for each in retrievers} if n_full else {}
    by_name = [
        [
            *_parts(fused, places[:n_full], documents[:n_full], name, bound.get(name)),
            *_parts(fused, places[n_full:], documents[n_full:], name, None),
        ]
        for name in fused.parts
    ]
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
    details = {"opaque": True} if given.formula in OPAQUE else {}
    inner: Sequence[Sequence[Part]] = [()] * len(ordinals)
    if retriever is not None:
        inner = retriever.parts(ordinals, documents)
    for place, parts in zip(places, inner, strict=True):
        yield (
            Part(
                name=name,
                value=int(given.scores[place]) / SCORE_UNIT,
                contribution=fused.value(given.contributions[place]),
                rank=int(given.ranks[place]) or None,
                details=details,
                parts=with_contributions(parts, given, place) if retriever is not None else (),
                formula=given.formula,
            )
            if holds[place]
            else None
        )
