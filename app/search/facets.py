"""How often each value of a field stands in a set of documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.generation import Generation
from indexer.metadata import Statistics, Value
from indexer.types import Ordinals


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, and in how many of the documents it stands."""

    value: Value
    count: int


@dataclass(frozen=True, slots=True)
class FieldFacet:
    """The values of one field, most frequent first, ties by value.

    further: how many values are not listed · missing: documents without any · statistics: of numbers or
    dates, over each value of a document once; null for fields that hold none."""

    values: Sequence[FacetValue]
    further: int
    missing: int
    statistics: Statistics | None


@dataclass(frozen=True, slots=True)
class Facets:
    """What was counted: `over` is the same set as `total.of`, so its number is `total.value`."""

    over: str
    fields: Mapping[str, FieldFacet]


def count_facets(
    generation: Generation, fields: Sequence[str], limit: int, ordinals: Ordinals, over: str
) -> Facets:
    """The values of these fields in some documents, each named once; at most `limit` of each field.

    Raises: UnknownNameError, InputError for a field whose values are not kept."""
    counted: dict[str, FieldFacet] = {}
    for number, name in enumerate(fields):
        facet = generation.metadata.field(name, f"/facets/{number}").facet(ordinals, limit)
        values = [FacetValue(value, count) for value, count in facet.values]
        counted[name] = FieldFacet(values, facet.further, facet.missing, facet.statistics)
    return Facets(over, counted)
