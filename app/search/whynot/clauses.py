"""The conditions that a search sets: which a document meets, and the search without one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.search.filters import parse_filter
from app.search.filters import render as filter_text
from app.search.listing import Bound
from app.search.query import render as query_text
from app.search.request import MOST_QUERY_TERMS
from app.search.retrieval.question import Question, default_views
from app.search.whynot.answer import Clause
from app.search.whynot.specs import specs_of, with_spec
from indexer.filters import And
from indexer.filters import Node as FilterNode
from indexer.lexical import Matcher
from indexer.query import Group
from indexer.query import Node as QueryNode


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, and the keys of a request that is without it; None where nothing would be left of it."""

    clause: Clause
    without: Mapping[str, Any] | None


def conditions(bound: Bound, ordinal: int) -> list[Condition]:
    """All conditions of a search, and whether a document meets each."""
    return [*_filters(bound, ordinal), *_operators(bound, ordinal)]


def _filters(bound: Bound, ordinal: int) -> Iterator[Condition]:
    if bound.request.filter is not None:
        for node, rest in _clauses(parse_filter(bound.request.filter)):
            yield Condition(_clause(bound, "filter", node, ordinal), {"filter": rest})
    for place, spec in enumerate(specs_of(bound)):
        if spec.filter is not None:
            for node, rest in _clauses(parse_filter(spec.filter)):
                clause = _clause(bound, bound.ranker.retrievers[place].name, node, ordinal)
                yield Condition(clause, with_spec(bound, place, filter=rest))


def _clause(bound: Bound, by: str, node: FilterNode, ordinal: int) -> Clause:
    selected = bound.engine.generation.metadata.select(node)
    return Clause(by, filter_text(node), passes=bool(selected[ordinal]))


def _clauses(tree: FilterNode) -> Iterator[tuple[FilterNode, str | None]]:
    """What must hold, one by one, each with the filter of all the others."""
    nodes = list(_conjuncts(tree))
    for place, node in enumerate(nodes):
        others = tuple(nodes[:place] + nodes[place + 1 :])
        yield node, filter_text(And(others)) if others else None


def _conjuncts(tree: FilterNode) -> Iterator[FilterNode]:
    if isinstance(tree, And):
        for each in tree.nodes:
            yield from _conjuncts(each)
    else:
        yield tree


def _operators(bound: Bound, ordinal: int) -> Iterator[Condition]:
    """What the query itself requires or rules out."""
    if not isinstance(bound.question, Question) or not isinstance(tree := bound.question.tree, Group):
        return
    for node in tree.must:
        left = tuple(each for each in tree.must if each is not node)
        passes = _matches(bound, node, ordinal)
        yield _operator(Group(must=(node,)), Group(tree.should, left, tree.must_not), passes=passes)
    for node in tree.must_not:
        left = tuple(each for each in tree.must_not if each is not node)
        passes = not _matches(bound, node, ordinal)
        yield _operator(Group(must_not=(node,)), Group(tree.should, tree.must, left), passes=passes)


def _operator(own: Group, rest: Group, *, passes: bool) -> Condition:
    without = {"q": query_text(rest)} if rest.should or rest.must else None
    return Condition(Clause("q", query_text(own), passes), without)


def _matches(bound: Bound, node: QueryNode, ordinal: int) -> bool:
    """Whether a document holds what is required, or ruled out."""
    generation = bound.engine.generation
    fields = dict.fromkeys(generation.manifest.settings.text_fields, 1.0)
    views = default_views(generation)
    matcher = Matcher(generation.lexical, generation.analyzer, views, MOST_QUERY_TERMS)
    return bool(matcher.match(Group(must=(node,)), fields).allowed[ordinal])
