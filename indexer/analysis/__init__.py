"""Text to terms, Chinese and English in one field: folded, cut into runs, seen in several views."""

from hashlib import sha256
from importlib.metadata import version

from indexer.analysis.folding import Folded, fold
from indexer.analysis.queries import query_terms
from indexer.analysis.runs import Run, runs
from indexer.analysis.views import NGRAM_VIEWS, VIEWS, analyse, view

__all__ = [
    "NGRAM_VIEWS",
    "VIEWS",
    "Folded",
    "Run",
    "analyse",
    "fingerprint",
    "fold",
    "query_terms",
    "runs",
    "view",
]

_VERSION = 1


def fingerprint() -> str:
    """What the terms depend on: this code's version and those of the dictionaries and stemmer it uses."""
    parts = [
        f"analysis {_VERSION}",
        *(f"{name} {version(name)}" for name in ("opencc", "PyStemmer", "rjieba")),
    ]
    return f"sha256:{sha256(' · '.join(parts).encode()).hexdigest()}"
