"""A query without each of the things that it asks for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from app.search.query.rendering import render
from indexer.analysis import Analyzer
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words

Variants: TypeAlias = "Iterator[tuple[str, Node | None]]"


def without_each(node: Node, analyzer: Analyzer) -> Variants:
    """Each thing that a query asks for, as it is written, and the query without it; None where nothing is
    left. What must not match stays."""
    match node:
        case Words(text):
            yield from _without_words(text, analyzer)
        case Phrase() | Prefix() | Fuzzy():
            yield render(node), None
        case InField(_, inner) | Boost(inner):
            for term, rest in without_each(inner, analyzer):
                yield term, None if rest is None else replace(node, node=rest)
        case Group(should, must):
            for name, nodes in (("should", should), ("must", must)):
                for place, each in enumerate(nodes):
                    for term, rest in without_each(each, analyzer):
                        left = (*nodes[:place], *(() if rest is None else (rest,)), *nodes[place + 1 :])
                        group = replace(node, **{name: left})
                        yield term, group if group.should or group.must else None


def _without_words(text: str, analyzer: Analyzer) -> Variants:
    tokens = analyzer.analyse(text)
    spans: dict[str, list[tuple[int, int]]] = {}
    for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        spans.setdefault(term, []).append((start, end))
    for places in spans.values():
        rest = list(text)
        for start, end in places:
            rest[start:end] = " " * (end - start)
        first, last = places[0]
        yield text[first:last], Words(" ".join("".join(rest).split())) if len(spans) > 1 else None
