"""A query's tree over an index: which documents match, and what they are scored by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

import numpy as np

from indexer.analysis import Analyzer, fold, units
from indexer.errors import InputError
from indexer.lexical.documents import Documents
from indexer.lexical.expansion import WORDS, begun, nearly
from indexer.lexical.phrases import Placed
from indexer.lexical.query import Clause
from indexer.lexical.scoring import LexicalIndex
from indexer.lexical.selection import Bits, as_allowed
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words
from indexer.types import Allowed, Ordinals

Terms = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Matches:
    """What a tree comes to in one index.

    clauses: what is scored · allowed (n_docs,): the documents that match · limited (n_docs,): the documents
    that no `must`, `must_not`, phrase or field rules out, None where the tree has none that could ·
    silent: documents that match and hold no term that is scored, ascending."""

    clauses: Sequence[Clause]
    allowed: Allowed
    limited: Allowed | None
    silent: Ordinals
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a node inherits. `literal`: it must match or must not, so that words match as they are written."""

    fields: Mapping[str, float]
    only: str | None = None
    boost: float = 1.0
    literal: bool = False


class _Found(NamedTuple):
    match: Bits
    limit: Bits | None
    clauses: list[Clause]


class Matcher:
    """Evaluates trees over one index, scored by terms of some views."""

    def __init__(
        self, index: LexicalIndex, analyzer: Analyzer, views: Sequence[str], most_terms: int
    ) -> None:
        self._segments = index.segments
        self._analyzer = analyzer
        self._views = views
        self._most_terms = most_terms
        self._counted = Counter[str]()
        self._documents = Documents(index.segments, analyzer)
        self._warnings: list[str] = []

    def match(self, tree: Node, fields: Mapping[str, float]) -> Matches:
        """What matches and what is scored; `fields`: where to look, with their boosts.

        What holds no term (`!!!`) is left out of the tree; nothing matches where nothing else is left.
        Raises: InputError where there are too many terms."""
        found = self._node(tree, _Scope(fields)) or _Found(self._documents.any_of([]), None, [])
        clauses = [_everywhere(found.match, clause) for clause in found.clauses]
        n_docs = self._documents.n_docs
        silent = as_allowed(self._silent(found.match, clauses), n_docs)
        scattered = [
            f"The index keeps no positions for `{text[:50]}`: its terms were looked for wherever they stand."
            for text in self._documents.scattered
        ]
        return Matches(
            clauses,
            as_allowed(found.match, n_docs),
            None if found.limit is None else as_allowed(found.limit, n_docs),
            np.flatnonzero(silent).astype(np.int32),
            [*self._warnings, *scattered],
        )

    def _node(self, node: Node, scope: _Scope) -> _Found | None:
        """What a node comes to; None where it holds no term."""
        match node:
            case Words(text):
                return self._literal_words(text, scope) if scope.literal else self._words(text, scope)
            case Phrase(text, slop):
                return self._phrase(text, slop, scope)
            case Prefix(text):
                return self._prefix(text, scope)
            case Fuzzy(text, edits):
                return self._fuzzy(text, edits, scope)
            case InField(field, inner):
                fields = {field: scope.fields.get(field, 1.0)}
                found = self._node(inner, replace(scope, fields=fields, only=field))
                return found and found._replace(limit=found.match)
            case Boost(inner, factor):
                return self._node(inner, replace(scope, boost=scope.boost * factor))
            case Group():
                return self._group(node, scope)

    def _group(self, group: Group, scope: _Scope) -> _Found | None:
        literal = replace(scope, literal=True)
        must, must_not = self._nodes(group.must, literal), self._nodes(group.must_not, literal)
        should = self._nodes(group.should, scope)
        if not (must or must_not or should):
            return None
        match, limit = self._documents.all(), None
        if must:
            match = limit = reduce(np.bitwise_and, (each.match for each in must))
        elif should:
            match = self._documents.any_of(each.match for each in should)
            limits = [each.limit for each in should if each.limit is not None]
            limit = self._documents.any_of(limits) if len(limits) == len(should) else None
        if must_not:
            without = ~self._documents.any_of(each.match for each in must_not)
            match, limit = match & without, (self._documents.all() if limit is None else limit) & without
        clauses = [clause for each in (*should, *must) for clause in each.clauses]
        if must or must_not:
            clauses = [_within(match, clause) for clause in clauses]
        return _Found(match, limit, clauses)

    def _nodes(self, nodes: Iterable[Node], scope: _Scope) -> list[_Found]:
        """What the nodes come to, without those that hold no term."""
        every = (self._node(node, scope) for node in nodes)
        return [found for found in every if found is not None]

    def _words(self, text: str, scope: _Scope) -> _Found | None:
        """Any term in the views that are scored."""
        terms = self._analyzer.query_terms(text, self._views)
        return self._any([self._clause(terms, scope)], scope) if any(terms.values()) else None

    def _literal_words(self, text: str, scope: _Scope) -> _Found | None:
        """Any of the words as it is written; the score is that of the usual terms."""
        pieces = self._analyzer.query_pieces(text)
        if not pieces:
            return None
        self._count("placed", len(units(fold(text))))
        where = self._documents.any_of(self._documents.with_phrase(each, 0, scope.fields) for each in pieces)
        terms = self._analyzer.query_terms(text, self._views)
        return _Found(where, where, [self._clause(terms, scope, where)])

    def _phrase(self, text: str, slop: int, scope: _Scope) -> _Found | None:
        if not units(fold(text)):
            return None
        clause = self._exact(text, slop, scope)
        return _Found(self._held(clause), self._held(clause), [clause])

    def _prefix(self, text: str, scope: _Scope) -> _Found | None:
        """Words that begin so. Of several units all but the last stand before a word that begins with it;
        Chinese characters begin whatever they stand before."""
        spelled = units(fold(text))
        if not spelled:
            return None
        text = text[spelled[0].start : spelled[-1].end]
        found = self._expanded(f"{text}*", begun(self._segments, text))
        clauses = [self._clause({WORDS: list(found)}, scope)]
        if len(spelled) > 1 and spelled[-1].view == "characters":
            clauses.append(self._exact(text, 0, scope, found))
        elif len(spelled) > 1:
            clauses += self._continued(text, scope)
        return self._any(clauses, scope)

    def _continued(self, text: str, scope: _Scope) -> list[Clause]:
        """The words that begin with the last unit of a text, where the others stand before them."""
        *before, last = units(fold(text))
        self._count("placed", len(before) + 1)
        head = [Placed(unit.view, unit.term, unit.position) for unit in before]
        ends = self._expanded(f"{text}*", begun(self._segments, text[last.start :]))
        where = self._documents.any_of(
            self._documents.with_placed([*head, Placed(WORDS, end, last.position)], 0, scope.fields)
            for end in ends
        )
        terms = self._terms(text[: last.start])
        return [self._clause(terms, scope, where), self._clause({WORDS: list(ends)}, scope, where)]

    def _fuzzy(self, text: str, edits: int, scope: _Scope) -> _Found | None:
        """Words spelled nearly so, and the text itself where it is several units."""
        spelled = units(fold(text))
        if not spelled:
            return None
        text = text[spelled[0].start : spelled[-1].end]
        found = self._expanded(f"{text}~", nearly(self._segments, text, edits))
        clauses = []
        for distance in sorted(set(found.values())):
            terms = [term for term, away in found.items() if away == distance]
            near = replace(scope, boost=scope.boost / (1 + distance))
            clauses.append(self._clause({WORDS: terms}, near))
        if len(spelled) > 1:
            clauses.append(self._exact(text, 0, scope, found))
        return self._any(clauses, scope)

    def _expanded(self, written: str, found: tuple[Mapping[str, int], int]) -> Mapping[str, int]:
        terms, n_all = found
        if WORDS not in self._segments[0].arrays.views:
            self._warnings.append(f"`{written[:50]}` finds no word: the index has no view `{WORDS}`.")
        if n_all > len(terms):
            self._warnings.append(
                f"`{written[:50]}` stands for {n_all:,} words; {len(terms)} of them were looked for: "
                "write more of it."
            )
        return terms

    def _exact(self, text: str, slop: int, scope: _Scope, but: Iterable[str] = ()) -> Clause:
        """The text as it stands, stop words included, scored by its terms but for these words."""
        self._count("placed", len(units(fold(text))))
        terms = self._terms(text)
        if WORDS in terms:
            terms[WORDS] = [term for term in terms[WORDS] if term not in set(but)]
        return self._clause(terms, scope, self._documents.with_phrase(text, slop, scope.fields))

    def _terms(self, text: str) -> dict[str, list[str]]:
        return {view: self._analyzer.analyse(text, view).terms for view in self._views}

    def _clause(self, terms: Terms, scope: _Scope, where: Bits | None = None) -> Clause:
        self._count("scored", sum(map(len, terms.values())))
        return Clause(terms, scope.fields, scope.boost, scope.only, where)

    def _count(self, kind: str, n: int) -> None:
        """Bounds the work. Raises: InputError."""
        self._counted[kind] += n
        if self._counted[kind] > self._most_terms:
            raise InputError(
                f"A query may have {self._most_terms} terms, those of its prefixes and spellings included, "
                "and this one has more: shorten it.",
                pointer="/q",
                code="query_too_long",
            )

    def _any(self, clauses: list[Clause], scope: _Scope) -> _Found:
        """What matches wherever one of its clauses counts."""
        match = self._documents.any_of(map(self._held, clauses))
        return _Found(match, match if scope.literal else None, clauses)

    def _held(self, clause: Clause) -> Bits:
        """Where a clause counts: where it says so, else where any of its terms is."""
        return self._touched(clause) if clause.where is None else clause.where

    def _touched(self, clause: Clause) -> Bits:
        every = clause.terms.items()
        return self._documents.any_of(
            self._documents.with_any(view, terms, clause.fields) for view, terms in every
        )

    def _silent(self, match: Bits, clauses: Iterable[Clause]) -> Bits:
        """Of the documents that match those without any term that counts."""
        rest = match
        for clause in clauses:
            if rest.any():
                touched = self._touched(clause)
                rest = rest & ~(touched if clause.where is None else touched & clause.where)
        return rest


def _everywhere(match: Bits, clause: Clause) -> Clause:
    """The clause without its condition, where that holds in every document that matches."""
    if clause.where is None or (match & ~clause.where).any():
        return clause
    return replace(clause, where=None)


def _within(match: Bits, clause: Clause) -> Clause:
    """The clause, to count in these documents alone."""
    if clause.where is None:
        return replace(clause, where=match)
    where = clause.where & match
    return replace(clause, where=match if np.array_equal(where, match) else where)
