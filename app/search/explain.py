"""Why a hit is where it is: the parts that its score is the sum of."""

from collections.abc import Iterator, Sequence
from itertools import repeat

from app.search.fusion import Fused
from app.search.request import Explain
from app.search.retrievers import Retriever
from indexer.types import SCORE_UNIT, Part


def explain_hits(
    fused: Fused, page: slice, retrievers: Sequence[Retriever], detail: Explain
) -> Sequence[Sequence[Part] | None]:
    """For each hit of a page a part for each retriever that found it; None where nobody asked.

    The contributions of a hit's parts sum to its score; under `full`, the parts of a part to its value."""
    places = range(len(fused.ordinals))[page]
    if detail == "none":
        return [None] * len(places)
    by_retriever = [_parts(fused, places, each, detail) for each in retrievers if each.name in fused.parts]
    if not by_retriever:
        return [()] * len(places)
    return [[part for part in parts if part is not None] for parts in zip(*by_retriever, strict=True)]


def _parts(fused: Fused, places: range, retriever: Retriever, detail: Explain) -> Iterator[Part | None]:
    """The part of one retriever in each hit; None where the hit is not in its list."""
    ordinals = fused.ordinals[places.start : places.stop].tolist()
    given = fused.parts[retriever.name]
    inner = retriever.parts(ordinals) if detail == "full" else repeat((), len(ordinals))
    for place, parts in zip(places, inner, strict=True):
        rank = int(given.ranks[place])
        yield (
            None
            if rank == 0
            else Part(
                name=retriever.name,
                value=int(given.scores[place]) / SCORE_UNIT,
                contribution=fused.value(given.contributions[place]),
                rank=rank,
                parts=parts,
            )
        )
