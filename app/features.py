"""The features of a document in an index: its terms under a weighting, or its vector under an encoder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from indexer.analysis import NGRAM_VIEWS, Analyzer, fold, runs
from indexer.errors import FeatureMissingError, MissingError, UnknownNameError
from indexer.generation import Dense, Generation
from indexer.types import DEFAULT_VIEWS, Document, Tokens
from indexer.weighting import WEIGHTINGS, Weighting, WeightingParameters, weighting

LEXICAL = {"bow": "bow", "tfidf": "tfidf", "bm25": "bm25", "ngrams": "bm25"}  # name → type of weighting
DENSE = ("word2vec", "glove", "fasttext")


@dataclass(frozen=True, slots=True)
class TermFeature:
    """One term of one view of one field. df and cf count over all text fields; they and idf are None for a
    view that the index does not hold, and the weight is then the bare count. `positions` count the atoms
    before it: Chinese characters, and runs of other letters; `offsets` are [start, end) in characters."""

    field: str
    view: str
    term: str
    tf: int
    df: int | None
    cf: int | None
    idf: float | None
    weight: float
    positions: list[int]
    offsets: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class LexicalFeatures:
    """The terms of a document, heaviest first within each field and view."""

    name: str
    variant: str
    terms: list[TermFeature]


@dataclass(frozen=True, slots=True)
class TokenFeature:
    """One word as an encoder sees it; `offset` is [start, end) in the characters of the field. `made`: the
    word was never learned, and its vector is made of its characters."""

    field: str
    text: str
    term: str
    offset: tuple[int, int]
    known: bool
    made: bool
    weight: float


@dataclass(frozen=True, slots=True)
class DenseFeatures:
    """The vector of a document; None where the encoder knows no word of it. `oov`: words without a vector."""

    name: str
    dims: int
    vector: list[float] | None
    oov: list[str]
    tokens: list[TokenFeature]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one script, or a token; `offset` is [start, end) in the characters of the text."""

    kind: str
    text: str
    offset: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text stage by stage: `folded` as it is compared, its runs by script, its tokens by view, and the
    terms that remain of it as a query. A token's `kind` is its view, its `text` its term."""

    folded: str
    runs: list[Piece]
    tokens: list[Piece]
    query: Mapping[str, list[str]]


Features = LexicalFeatures | DenseFeatures


@dataclass(frozen=True, slots=True)
class AllFeatures:
    """Every feature of one document."""

    id: str
    features: list[Features]


def analysis_of(analyzer: Analyzer, text: str, views: Sequence[str]) -> Analysis:
    """What the analysis makes of a text. Raises: UnknownNameError for an unknown view."""
    folded = fold(text)
    found = [
        Piece(run.script, run.text, (folded.start(run.start), folded.end(run.start + len(run.text))))
        for run in runs(folded.text)
    ]
    tokens = [
        Piece(view, term, (start, end))
        for view in views
        for columns in [analyzer.analyse(text, view)]
        for term, start, end in zip(columns.terms, columns.starts, columns.ends, strict=True)
    ]
    return Analysis(folded.text, found, tokens, analyzer.query_terms(text, views))


def text_document(generation: Generation, text: str, field: str | None = None) -> Document:
    """A text as a document of this index: in the named text field, or the last one.

    Raises: UnknownNameError where the index has no such text field."""
    known = generation.manifest.settings.text_fields
    if field is not None and field not in known:
        raise UnknownNameError("field", field, known, pointer="/field")
    return Document("", {field or known[-1]: text})


def feature_names(generation: Generation) -> list[str]:
    """The features that documents of this index have."""
    return [*LEXICAL, *generation.dense]


def features(
    generation: Generation,
    document: Document,
    name: str,
    *,
    variant: str | None = None,
    views: Sequence[str] | None = None,
) -> Features:
    """One feature of a document, or of any text given as one.

    Raises: MissingError for an unknown name, FeatureMissingError for one that this index was not built
    with, UnknownNameError for an unknown variant or view."""
    if name in LEXICAL:
        return _lexical(generation, document, name, variant, views)
    if name in generation.dense:
        return _dense(generation.dense[name], document, name)
    if name in DENSE or name in generation.manifest.settings.encoders:
        reasons = " ".join(generation.manifest.warnings) or "Add it to the index settings and reindex."
        raise FeatureMissingError(f"The index was built without `{name}`. {reasons}")
    raise MissingError("feature", name, known=feature_names(generation))


def _lexical(
    generation: Generation,
    document: Document,
    name: str,
    variant: str | None,
    views: Sequence[str] | None,
) -> LexicalFeatures:
    kind = LEXICAL[name]
    chosen = weighting(kind, variant)
    terms: list[TermFeature] = []
    for field in generation.manifest.settings.text_fields:
        text = document.text(field)
        for view in views or _default_views(name, generation):
            found = _terms(generation, field, view, generation.analyzer.analyse(text, view), chosen)
            if name == "tfidf":
                found = _normalised(found)
            terms.extend(sorted(found, key=lambda each: (-each.weight, each.positions[0])))
    return LexicalFeatures(name, variant or next(iter(WEIGHTINGS[kind])), terms)


def _default_views(name: str, generation: Generation) -> list[str]:
    built = generation.manifest.settings.views
    if name != "ngrams":
        return [view for view in built if view in DEFAULT_VIEWS]
    return [view for view in NGRAM_VIEWS if view in built or view == "word_bigrams"]


def _terms(
    generation: Generation, field: str, view: str, tokens: Tokens, chosen: Weighting
) -> list[TermFeature]:
    """The distinct terms of one view of one field, with what the index knows of each."""
    places: dict[str, list[int]] = {}
    for place, term in enumerate(tokens.terms):
        places.setdefault(term, []).append(place)
    indexed = view in generation.lexical.views
    known = generation.lexical.frequencies(view, places)

    @cache  # a long document has many terms, but few of them differ in their counts
    def weigh(tf: int, df: int, cf: int) -> tuple[float, float]:
        stats = generation.lexical.statistics(view, field, df, cf)
        counts, length = np.array([float(tf)]), np.array([float(len(tokens.terms))])
        return chosen.idf(stats), float(chosen.weigh(counts, length, stats, WeightingParameters())[0])

    terms: list[TermFeature] = []
    for term, found in places.items():
        # A document newer than the index may hold a term that no indexed document has: it counts itself.
        df, cf = known.get(term, (1, len(found))) if indexed else (None, None)
        idf, weight = (None, float(len(found))) if df is None or cf is None else weigh(len(found), df, cf)
        terms.append(
            TermFeature(
                field,
                view,
                term,
                tf=len(found),
                df=df,
                cf=cf,
                idf=idf,
                weight=weight,
                positions=[tokens.positions[place] for place in found],
                offsets=[(tokens.starts[place], tokens.ends[place]) for place in found],
            )
        )
    return terms


def _normalised(terms: Sequence[TermFeature]) -> list[TermFeature]:
    """The same with weights of Euclidean length 1."""
    norm = float(np.linalg.norm([each.weight for each in terms])) or 1.0
    return [replace(each, weight=each.weight / norm) for each in terms]


def _dense(dense: Dense, document: Document, name: str) -> DenseFeatures:
    encoding = dense.documents.encode(document)
    tokens = [
        TokenFeature(
            field=field,
            text=document.text(field)[each.start : each.end],
            term=each.term,
            offset=(each.start, each.end),
            known=each.known,
            made=each.made,
            weight=each.weight,
        )
        for field, found in encoding.tokens.items()
        for each in found
    ]
    vector = None if encoding.vector is None else encoding.vector.tolist()
    return DenseFeatures(name, dense.encoder.dims, vector, list(encoding.oov), tokens)
