"""What a tree means, document by document, by the words of docs/query-language.md and nothing else."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise, product

from indexer.analysis import Analyzer, beginning_stems, fold, spellings, units
from indexer.query import Boost, Fuzzy, Group, InField, Phrase, Prefix, Words
from indexer.types import SCORE_UNIT


@dataclass(frozen=True)
class Scope:
    fields: dict[str, float]
    boost: float = 1.0
    literal: bool = False


def edits(one, other):
    """The optimal string alignment distance, by its definition."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))} | {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, j in product(range(len(one)), range(len(other))):
        costs = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i] != other[j])]
        if i and j and one[i] == other[j - 1] and one[i - 1] == other[j]:
            costs.append(table[i - 2, j - 2] + 1)
        table[i, j] = min(costs)
    return table[len(one) - 1, len(other) - 1]


class Evaluator:
    """Documents {field: text} under an analysis; scores are those of `bow`, by rounded term."""

    def __init__(self, documents, analyzer: Analyzer, views):
        self.analyzer, self.views = analyzer, views
        self.tokens = [
            {
                (view, field): analyzer.analyse(text, view)
                for field, text in document.items()
                for view in views
            }
            for document in documents
        ]
        self.dictionary = sorted(
            {
                term
                for document in self.tokens
                for (view, _), tokens in document.items()
                if view == "words"
                for term in tokens.terms
            }
        )

    def hits(self, tree, fields):
        """The documents that match, with their scores, best first, then by ordinal."""
        scope = Scope(fields)
        if self.is_empty(tree, scope):
            return []
        found = [
            (document, self.score(tree, document, scope))
            for document in range(len(self.tokens))
            if self.matches(tree, document, scope)
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def is_empty(self, node, scope):
        match node:
            case Words(text) if not scope.literal:
                return not any(self.analyzer.query_terms(text, self.views).values())
            case Words(text) | Phrase(text) | Prefix(text) | Fuzzy(text):
                return not units(fold(text))
            case InField(_, inner) | Boost(inner):
                return self.is_empty(inner, scope)
            case Group():
                return not any(self.parts(node, scope))

    def parts(self, group, scope):
        """The should, must and must_not that hold any term."""
        literal = replace(scope, literal=True)
        return [
            [node for node in nodes if not self.is_empty(node, inner)]
            for nodes, inner in ((group.should, scope), (group.must, literal), (group.must_not, literal))
        ]

    def matches(self, node, document, scope):
        match node:
            case Words(text) if scope.literal:
                pieces = self.analyzer.query_pieces(text)
                return any(self.stands(units(fold(piece)), document, scope.fields) for piece in pieces)
            case Phrase(text, slop):
                return self.stands(units(fold(text)), document, scope.fields, slop)
            case InField(field, inner):
                return self.matches(inner, document, in_field(scope, field))
            case Boost(inner):
                return self.matches(inner, document, scope)
            case Group():
                should, must, must_not = self.parts(node, scope)
                literal = replace(scope, literal=True)
                if any(self.matches(each, document, literal) for each in must_not):
                    return False
                if must:
                    return all(self.matches(each, document, literal) for each in must)
                return not should or any(self.matches(each, document, scope) for each in should)
            case leaf:
                return any(where for where, *_ in self.clauses(leaf, document, scope))

    def score(self, node, document, scope):
        """What a document that matches is scored by, in units."""
        match node:
            case InField(field, inner):
                return self.score(inner, document, in_field(scope, field))
            case Boost(inner, factor):
                return self.score(inner, document, replace(scope, boost=scope.boost * factor))
            case Group():
                should, must, _ = self.parts(node, scope)
                literal = replace(scope, literal=True)
                every = [(each, scope) for each in should] + [(each, literal) for each in must]
                return sum(
                    self.score(each, document, inner)
                    for each, inner in every
                    if self.matches(each, document, inner)
                )
            case leaf:
                return sum(
                    self.weight(view, term, query_tf * boost, document, scope)
                    for where, terms, boost in self.clauses(leaf, document, scope)
                    if where
                    for view, listed in terms.items()
                    for term, query_tf in Counter(listed).items()
                )

    def clauses(self, leaf, document, scope):
        """(whether it counts here, its terms by view, its boost) for each clause of a leaf."""
        match leaf:
            case Words(text):
                terms = self.analyzer.query_terms(text, self.views)
                where = (
                    self.matches(leaf, document, scope) if scope.literal else self.any(terms, document, scope)
                )
                yield where, terms, scope.boost
            case Phrase(text):
                yield self.matches(leaf, document, scope), self.terms(text), scope.boost
            case Prefix(text):
                folded, spelled = fold(text).text, units(fold(text))
                found = self.beginning(folded)
                yield self.any({"words": found}, document, scope), {"words": found}, scope.boost
                if len(spelled) > 1 and spelled[-1].view == "characters":
                    yield self.exact(text, found, document, scope)
                elif len(spelled) > 1:
                    ends = self.beginning(folded[spelled[-1].start :])
                    where = any(
                        self.stands([*spelled[:-1], spelled[-1]._replace(term=end)], document, scope.fields)
                        for end in ends
                    )
                    yield where, self.terms(text[: spelled[-1].start]), scope.boost
                    yield where, {"words": ends}, scope.boost
            case Fuzzy(text, most):
                folded, found = fold(text).text, []
                for distance in range(most + 1):
                    terms = {
                        "words": [
                            term for term in self.dictionary if self.away(folded, term, most) == distance
                        ]
                    }
                    found += terms["words"]
                    yield self.any(terms, document, scope), terms, scope.boost / (1 + distance)
                if len(units(fold(text))) > 1:
                    yield self.exact(text, found, document, scope)

    def beginning(self, folded):
        stems = beginning_stems(folded)
        return [term for term in self.dictionary if term.startswith(folded) or term in stems]

    def away(self, folded, term, most):
        """How far a term is from a word; None where that is too far."""
        near = [
            distance
            for form in spellings(folded)
            if (distance := edits(form, term)) <= min(most, len(form) - 1)
        ]
        if not near or (len(term) == 1 and min(near) > 0):
            return None
        return min(near)

    def exact(self, text, but, document, scope):
        terms = self.terms(text)
        if "words" in terms:
            terms["words"] = [term for term in terms["words"] if term not in but]
        return self.stands(units(fold(text)), document, scope.fields), terms, scope.boost

    def terms(self, text):
        return {view: self.analyzer.analyse(text, view).terms for view in self.views}

    def any(self, terms, document, scope):
        return any(
            term in self.tokens[document][view, field].terms
            for view, listed in terms.items()
            for term in listed
            for field in scope.fields
        )

    def weight(self, view, term, factor, document, scope):
        tf = sum(
            boost * self.tokens[document][view, field].terms.count(term)
            for field, boost in scope.fields.items()
        )
        return round(factor * tf * SCORE_UNIT)

    def stands(self, spelled, document, fields, slop=0):
        """Whether units stand in one of the fields in their order, so much farther apart at most."""
        for field in fields:
            places = []
            for unit in spelled:
                tokens = self.tokens[document][unit.view, field]
                held = zip(tokens.terms, tokens.positions, strict=True)
                places.append([position for term, position in held if term == unit.term])
            for chosen in product(*places):
                steps = [later.position - earlier.position for earlier, later in pairwise(spelled)]
                apart = [later - earlier for earlier, later in pairwise(chosen)]
                if all(map(int.__ge__, apart, steps)) and sum(apart) - sum(steps) <= slop:
                    return True
        return False


def in_field(scope, field):
    return replace(scope, fields={field: scope.fields.get(field, 1.0)})
