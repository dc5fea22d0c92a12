"""The hits that stand above a document, and why."""

from collections.abc import Mapping

from app.search.fusion import FUSED_UNIT, Fused
from app.search.whynot.answer import Above
from app.search.whynot.way import Way
from indexer.generation import Generation

MOST_ABOVE = 100
TIE = "(tie)"


def hits_above(generation: Generation, fused: Fused, way: Way, limit: int) -> list[Above]:
    """The hits above a document that is among `fused`, up to `limit`; where it is not, the first hits."""
    n_hits = min(len(fused.ordinals), limit, MOST_ABOVE)
    first = fused.at(slice(n_hits if way.place is None else min(way.place, n_hits)))
    own = {} if way.last is None else contributions(*way.last)
    ids = generation.lexical.doc_ids(first.ordinals.tolist())
    return [_above(doc_id, first, place, own, way) for place, doc_id in enumerate(ids)]


def contributions(fused: Fused, place: int) -> dict[str, int]:
    """What each part gives to a hit, in units of 2⁻⁴⁰."""
    return {name: int(each.contributions[place]) for name, each in fused.parts.items()}


def _above(doc_id: str, fused: Fused, place: int, own: Mapping[str, int], way: Way) -> Above:
    theirs = contributions(fused, place)
    more = {name: theirs.get(name, 0) - own.get(name, 0) for name in {**theirs, **own}}
    difference = sum(more.values())
    return Above(
        id=doc_id,
        rank=place + 1,
        score=fused.value(fused.scores[place]),
        difference=difference / FUSED_UNIT,
        by=_decided_by(more, difference, way),
        parts={name: each / FUSED_UNIT for name, each in more.items()},
    )


def _decided_by(more: Mapping[str, int], difference: int, way: Way) -> str:
    """What puts a hit above: the part that gives it most; where no score does, a step or the smaller id."""
    steps = [each.step for each in way.steps]
    if "sort" in steps or (difference <= 0 and way.place is None):
        return "sort" if "sort" in steps else way.stage
    return max(more, key=lambda name: more[name]) if difference > 0 else TIE
