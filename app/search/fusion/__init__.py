"""One ranking out of several, with what each retriever gave to every hit."""

from app.search.fusion.fuse import (
    FUSED_UNIT,
    UNFUSED,
    Contribution,
    Fused,
    formula_of,
    fuse,
    retriever_weights,
    unfused,
    unranked,
)
from app.search.fusion.methods import FUSIONS, RRF
from app.search.fusion.normalization import NORMALIZATIONS
from app.search.fusion.settings import FusionSettings

__all__ = [
    "FUSED_UNIT",
    "FUSIONS",
    "NORMALIZATIONS",
    "RRF",
    "UNFUSED",
    "Contribution",
    "Fused",
    "FusionSettings",
    "formula_of",
    "fuse",
    "retriever_weights",
    "unfused",
    "unranked",
]
