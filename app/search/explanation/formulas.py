"""The formulas that parts of scores are made by: their names, and where each is told.

Adding one: a line in FORMULAS, whose heading the page must have."""

from app.search.fusion import FUSIONS, NORMALIZATIONS, RRF, UNFUSED
from app.search.retrieval.lexical import FIELDS
from app.search.retrieval.pairs import COSINE, PAIR, QUANTISATION, ROUNDING
from app.search.stages.diversity import DIVERSITY
from app.search.stages.reranking import RERANKERS
from indexer.weighting import WEIGHTINGS

TIE = "tie"

_SCORING, _RANKING = "docs/scoring.md", "docs/ranking.md"
_HEADINGS = {"bow": "bow-bag-of-words", "lm": "lm-language-model"}

FORMULAS: dict[str, str] = {  # name → page and heading
    **{
        f"{kind}.{variant}": f"{_SCORING}#{_HEADINGS.get(kind, kind)}"
        for kind, variants in WEIGHTINGS.items()
        for variant in variants
    },
    FIELDS: f"{_SCORING}#what-each-field-adds",
    COSINE: f"{_SCORING}#dense-retrievers",
    PAIR: "docs/word-vectors.md#pairs-of-words",
    ROUNDING.strip("()"): f"{_SCORING}#scores-are-integers",
    QUANTISATION.strip("()"): f"{_SCORING}#scores-are-integers",
    UNFUSED: f"{_SCORING}#fusion",
    RRF: f"{_SCORING}#fusion",
    **{
        f"{method}.{normalization}": f"{_SCORING}#fusion"
        for method in FUSIONS
        for normalization in NORMALIZATIONS
        if method != RRF
    },
    TIE: "docs/explaining.md#ties",
    **{f"rerank.{name}": f"{_RANKING}#rerank" for name in RERANKERS},
    DIVERSITY.strip("()"): f"{_RANKING}#diversity",
}

OPAQUE = frozenset({"rerank.cross_encoder"})
"""Formulas whose outcome cannot be split: a model reads everything at once."""
