"""The seam between a query and a Ranking; each retriever can also say why a document is where it is.

Adding a type of retriever: a class, and a line in `make`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from app.search.request import MOST_QUERY_TERMS, RetrieverSpec
from indexer.analysis import NGRAM_VIEWS, query_terms, view
from indexer.errors import InputError, UnknownNameError
from indexer.generation import Dense, Generation
from indexer.lexical import LengthScore, LexicalIndex, LexicalQuery, TermScore
from indexer.types import DEFAULT_VIEWS, SCORE_UNIT, Part, Ranking, to_score
from indexer.weighting import WEIGHTINGS, WeightingParameters, weighting

BUILT_IN: dict[str, dict[str, Any]] = {
    "bow": {"type": "bow"},
    "tfidf": {"type": "tfidf"},
    "bm25": {"type": "bm25"},
    "lm": {"type": "lm"},
    "ngrams": {"type": "bm25", "view": list(NGRAM_VIEWS)},
    "word2vec": {"type": "dense", "encoder": "word2vec"},
}
ROUNDING = "(rounding)"
"""The part of a dense score that is left when the share of each word is rounded: below 2⁻²⁰ for each word."""

LEXICAL_ONLY = frozenset({"variant", "view", "fields", "combine", *WeightingParameters.model_fields})
DENSE_ONLY = frozenset({"encoder"})


class Retriever(Protocol):
    """Ranks documents for one query."""

    @property
    def name(self) -> str:
        """What its parts are called."""

    @property
    def weight(self) -> float:
        """What its list counts in a fusion that names no weights."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should know of this query, for example that no word of it is known."""

    def rank(self, depth: int) -> Ranking:
        """The best documents; a document that it knows nothing of is absent."""

    def parts(self, ordinals: Sequence[int]) -> list[list[Part]]:
        """For each document the parts that its score is the sum of; none where it is absent."""


@dataclass(frozen=True, slots=True)
class LexicalRetriever:
    """A weighting of the inverted index."""

    name: str
    index: LexicalIndex
    query: LexicalQuery
    warnings: Sequence[str]
    weight: float = 1.0

    def rank(self, depth: int) -> Ranking:
        """The best documents that share a term with the query."""
        return self.index.rank(self.query, depth)

    def parts(self, ordinals: Sequence[int]) -> list[list[Part]]:
        """A part for each shared term."""
        return [[_part(each) for each in found] for found in self.index.explain(self.query, ordinals)]


def _part(each: TermScore | LengthScore) -> Part:
    value = each.score / SCORE_UNIT
    if isinstance(each, LengthScore):
        details = {"view": each.view, "query_terms": each.n_terms, "doc_len": each.doc_len}
        return Part(f"{_column(each)}:(length)", value, value, details=details)
    return _term_part(each, value)


def _term_part(term: TermScore, value: float) -> Part:
    details = {
        "view": term.view,
        "term": term.term,
        "query_tf": term.query_tf,
        "tf": term.tf,
        "df": term.df,
        "idf": term.idf,
        "doc_len": term.doc_len,
        "avg_len": term.avg_len,
    }
    return Part(f"{_column(term)}:{term.term}", value, value, details=details)


def _column(each: TermScore | LengthScore) -> str:
    """The view; with its field, where each field is scored by itself."""
    return each.view if each.field is None else f"{each.field}.{each.view}"


class DenseRetriever:
    """The cosine of the query's vector with those of the documents."""

    weight = 0.3

    def __init__(self, name: str, dense: Dense, text: str) -> None:
        self.name = name
        self._vectors = dense.vectors
        [self._query] = dense.encoder.encode([text])
        self.warnings = self._warn()

    def _warn(self) -> list[str]:
        if self._query.vector is None:
            return [f"`{self.name}` knows no word of the query and adds no hits."]
        if self._query.oov:
            return [f"`{self.name}` has no vector for: {', '.join(self._query.oov[:10])}."]
        return []

    def rank(self, depth: int) -> Ranking:
        """The nearest documents."""
        if self._query.vector is None:
            return Ranking.empty()
        return self._vectors.search(self._query.vector, depth)

    def parts(self, ordinals: Sequence[int]) -> list[list[Part]]:
        """A part for each known word of the query, and one for what rounding leaves."""
        return [self._parts(ordinal) for ordinal in ordinals]

    def _parts(self, ordinal: int) -> list[Part]:
        query = self._query.vector
        rows = self._vectors.vector(ordinal)
        if query is None or not len(rows):
            return []
        best = rows[int(np.argmax(rows.astype(np.float64) @ query))].astype(np.float64)
        shares: dict[str, float] = {}
        for token in self._query.tokens:
            if token.vector is not None:
                share = token.weight * float(token.vector.astype(np.float64) @ best)
                shares[token.term] = shares.get(token.term, 0.0) + share
        rounded = to_score(np.array(list(shares.values()))).tolist()
        scores = dict(zip(shares, rounded, strict=True))
        [total] = self._vectors.scores(query, np.array([ordinal], np.int32)).scores.tolist()
        if rest := total - sum(scores.values()):
            scores[ROUNDING] = rest
        return [Part(term, score / SCORE_UNIT, score / SCORE_UNIT) for term, score in scores.items()]


def make(spec: RetrieverSpec, generation: Generation, text: str, pointer: str = "") -> Retriever:
    """The retriever of a request, bound to its query.

    Raises: UnknownNameError with the known names, InputError; `pointer` says where in the request."""
    full = _with_defaults(spec, generation, pointer)
    if full.type == "dense":
        encoder = full.encoder or full.name or ""
        if encoder not in generation.dense:
            raise UnknownNameError("encoder", encoder, generation.dense, pointer=f"{pointer}/encoder")
        return DenseRetriever(full.name or encoder, generation.dense[encoder], text)
    return _lexical(full, generation, text, pointer)


def _with_defaults(spec: RetrieverSpec, generation: Generation, pointer: str) -> RetrieverSpec:
    """The spec with what the built-in of its name says, and without what its type has no use for."""
    given = spec.model_dump(exclude_unset=True)
    if given.get("type") is None:
        if (base := _known(generation).get(spec.name or "")) is None:
            raise UnknownNameError("retriever", spec.name or "", _known(generation), pointer=pointer)
        given = {**base, **given, "type": base["type"]}
    useless = (LEXICAL_ONLY if given["type"] == "dense" else DENSE_ONLY) & spec.model_fields_set
    if useless:
        what = sorted(useless)[0]
        raise InputError(
            f"A retriever of type `{given['type']}` has no `{what}`: leave it out.",
            pointer=f"{pointer}/{what}",
        )
    given["name"] = given.get("name") or given["type"]
    return RetrieverSpec.model_validate(given)


def _known(generation: Generation) -> dict[str, dict[str, Any]]:
    """The retrievers that this index can be asked for by name alone."""
    lexical = {name: entry for name, entry in BUILT_IN.items() if entry["type"] in WEIGHTINGS}
    return lexical | {name: {"type": "dense", "encoder": name} for name in generation.dense}


def retriever_names(generation: Generation) -> list[str]:
    """The retrievers that this index can be asked for by name alone."""
    return list(_known(generation))


def default_specs(generation: Generation) -> list[RetrieverSpec]:
    """`bm25` and every encoder of the index."""
    return [RetrieverSpec(name=name) for name in ("bm25", *generation.dense)]


def _lexical(spec: RetrieverSpec, generation: Generation, text: str, pointer: str) -> LexicalRetriever:
    views, warnings = _views(spec, generation, pointer)
    terms = query_terms(text, views)
    if sum(map(len, terms.values())) > MOST_QUERY_TERMS:
        raise InputError(
            f"A query may have {MOST_QUERY_TERMS} terms, this one has {sum(map(len, terms.values()))} "
            f"in the views {', '.join(views)}: shorten it.",
            pointer="/q",
            code="query_too_long",
        )
    kind = spec.type or "bm25"
    try:
        chosen = weighting(kind, spec.variant)
    except UnknownNameError as error:
        error.pointer = f"{pointer}/variant"
        raise
    given = WeightingParameters.model_validate(
        spec.model_dump(include=set(WeightingParameters.model_fields), exclude_unset=True)
    )
    query = LexicalQuery(terms, _boosts(spec, generation, pointer), chosen, given, spec.combine)
    if text.strip() and not any(terms.values()):
        warnings = [*warnings, f"`{spec.name}` finds no term in the query."]
    return LexicalRetriever(spec.name or kind, generation.lexical, query, warnings)


def _views(spec: RetrieverSpec, generation: Generation, pointer: str) -> tuple[list[str], list[str]]:
    """The views to search, and what to say where the index lacks some of an n-gram retriever's."""
    built = generation.manifest.settings.views
    if "view" not in spec.model_fields_set or spec.view is None:
        return [name for name in built if name in DEFAULT_VIEWS] or list(built), []
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
