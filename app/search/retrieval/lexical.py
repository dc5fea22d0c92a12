"""Ranks by the terms that documents share with the query."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.search.ranking import RetrieverSpec
from app.search.retrieval.question import Asked, default_views
from app.search.retrieval.standing import Standing
from indexer.analysis import NGRAM_VIEWS, view
from indexer.errors import InputError, UnknownNameError
from indexer.generation import Generation
from indexer.lexical import (
    LengthScore,
    LexicalIndex,
    LexicalQuery,
    TermScore,
    bits,
    both,
)
from indexer.ranking import ranked
from indexer.types import SCORE_UNIT, Allowed, Document, Ordinals, Part, Ranking
from indexer.weighting import WEIGHTINGS, WeightingParameters, weighting

FIELDS = "fields"
"""The formula of what one of several fields adds to the score of a term."""

MOST_SCORE = 2**22
"""Beyond it a score could not be told exactly, nor fused."""


@dataclass(frozen=True, slots=True)
class LexicalRetriever:
    """A weighting of the inverted index.

    allowed: the documents that it may find, all where it is None · silent: those of them that match the
    query's operators and hold no term that is scored, ascending · formula: the name of its weighting."""

    name: str
    index: LexicalIndex
    query: LexicalQuery
    warnings: Sequence[str]
    allowed: Allowed | None = None
    silent: Ordinals = field(default_factory=lambda: np.empty(0, np.int32))
    formula: str = ""
    weight: float = 1.0
    exact: bool = True

    @property
    def confidence(self) -> float:
        """How much of the query's words the index knows."""
        return 1.0 if len(self.silent) else self.index.known_share(self.query)

    def rank(self, depth: int) -> Ranking:
        """The best documents that match; those that match without any term have the score 0.

        Raises: InputError where boosts make a score too large."""
        allowed = None if self.allowed is None else bits(self.allowed)
        found = self.index.rank(self.query, depth, allowed)
        if len(self.silent):
            silent = self.silent[:depth]
            scores = np.concatenate([found.scores, np.zeros(len(silent), np.int64)])
            found = ranked(np.concatenate([found.ordinals, silent]), scores, depth)
        if np.any(np.abs(found.scores) > MOST_SCORE * SCORE_UNIT):
            raise _too_large()
        weighting = self.query.weighting
        return replace(found, least=None if weighting.signed or weighting.length is not None else 0)

    def matching(self) -> Allowed:
        """Every document that it would find at some depth."""
        found = self.index.matching(self.query)
        if self.allowed is not None:
            found &= self.allowed
        found[self.silent] = True
        return found

    def parts(self, ordinals: Sequence[int], documents: Sequence[Document | None]) -> list[list[Part]]:  # noqa: ARG002  the index says it all
        """A part for each shared term that counts."""
        explained = self.index.explain(self.query, ordinals)
        return [
            [self._part(each) for each in found] if self.allowed is None or self.allowed[ordinal] else []
            for ordinal, found in zip(ordinals, explained, strict=True)
        ]

    def standing(self, ordinal: int) -> Standing | None:
        """Where a document stands among all that it finds, whatever the depth; None where it finds it not."""
        found = self.rank(self.index.n_docs)
        places = np.flatnonzero(found.ordinals == ordinal).tolist()
        return Standing(int(found.scores[places[0]]), places[0] + 1, len(found.ordinals)) if places else None

    def _part(self, each: TermScore | LengthScore) -> Part:
        name, value = _column(each), each.score / SCORE_UNIT
        if isinstance(each, TermScore):
            inner = _field_parts(each) if each.field is None and len(each.fields) > 1 else ()
            details = _term_details(each)
            return Part(f"{name}:{each.term}", value, details=details, parts=inner, formula=self.formula)
        details = {"view": each.view, "query_terms": each.n_terms, "doc_len": each.doc_len}
        return Part(f"{name}:(length)", value, details=details, formula=self.formula)


def _field_parts(term: TermScore) -> list[Part]:
    return [
        Part(
            each.field, each.score / SCORE_UNIT, details={"tf": each.tf, "boost": each.boost}, formula=FIELDS
        )
        for each in term.fields
    ]


def _term_details(term: TermScore) -> dict[str, Any]:
    return {
        "view": term.view,
        "term": term.term,
        "query_tf": term.query_tf,
        "tf": term.tf,
        "df": term.df,
        "idf": term.idf,
        "doc_len": term.doc_len,
        "avg_len": term.avg_len,
    }


def _column(each: TermScore | LengthScore) -> str:
    """The view; with its field, where each field is scored by itself."""
    return each.view if each.field is None else f"{each.field}.{each.view}"


def lexical(
    spec: RetrieverSpec,
    generation: Generation,
    question: Asked,
    allowed: Allowed | None,
    pointer: str,
) -> LexicalRetriever:
    """The retriever of a spec that is no dense one. Raises: UnknownNameError, InputError."""
    views, warnings = _views(spec, generation, pointer)
    kind = spec.type or "bm25"
    try:
        chosen = weighting(kind, spec.variant)
    except UnknownNameError as error:
        error.pointer = f"{pointer}/variant"
        raise
    given = WeightingParameters.model_validate(
        spec.model_dump(include=set(WeightingParameters.model_fields), exclude_unset=True)
    )
    fields = _boosts(spec, generation, pointer)
    clauses, matches = question.clauses(views, fields), question.matches(views, fields)
    if any(each.boost > MOST_SCORE for each in clauses):
        raise _too_large()
    name = spec.name or kind
    if not (matches and len(matches.silent)) and not any(any(each.terms.values()) for each in clauses):
        warnings = [*warnings, f"`{name}` finds no term in the query."]
    if matches is not None:
        warnings = [*warnings, *matches.warnings]
    query = LexicalQuery(clauses, chosen, given, spec.combine)
    formula = f"{kind}.{spec.variant or next(iter(WEIGHTINGS[kind]))}"
    retriever = LexicalRetriever(name, generation.lexical, query, warnings, allowed, formula=formula)
    if matches is None:
        return retriever
    silent = matches.silent if allowed is None else matches.silent[allowed[matches.silent]]
    return replace(retriever, allowed=both(matches.allowed, allowed), silent=silent)


def _too_large() -> InputError:
    return InputError(
        f"A score may be {MOST_SCORE:,} at most: use smaller boosts, or fewer inside of each other.",
        pointer="/q",
        code="score_too_large",
    )


def _views(spec: RetrieverSpec, generation: Generation, pointer: str) -> tuple[list[str], list[str]]:
    """The views to search, and what to say where the index lacks some of an n-gram retriever's."""
    built = generation.manifest.settings.views
    if "view" not in spec.model_fields_set or spec.view is None:
        return default_views(generation), []
    asked = [spec.view] if isinstance(spec.view, str) else spec.view
    if asked == list(NGRAM_VIEWS):
        found = [name for name in asked if name in built]
        return found, _ngram_warnings(found)
    for name in asked:
        view(name)
        if name not in built:
            raise UnknownNameError("view", name, built, pointer=f"{pointer}/view")
    return asked, []


def _ngram_warnings(found: Sequence[str]) -> list[str]:
    if any(name.startswith("word_") for name in found):
        return []
    return ["`ngrams` sees Chinese only: this index has no word n-grams (add the view `word_bigrams`)."]


def _boosts(spec: RetrieverSpec, generation: Generation, pointer: str) -> dict[str, float]:
    """Fields with their boosts; all text fields at 1 where none is named."""
    known = generation.manifest.settings.text_fields
    boosts: dict[str, float] = {}
    for number, each in enumerate(spec.fields or known):
        name, _, boost = (each, "", "1") if each in known else each.rpartition("^")
        name = name or each
        where = f"{pointer}/fields/{number}"
        if name not in known:
            raise UnknownNameError("field", name, known, pointer=where)
        boosts[name] = _boost(each, boost, where)
    return boosts


def _boost(written: str, boost: str, pointer: str) -> float:
    try:
        value = float(boost)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 1_000:
        raise InputError(f"`{written}`: a boost is a number above 0, at most 1,000.", pointer=pointer)
    return value
