"""Text to terms, Chinese and English in one field: folded, cut into runs, seen in several views."""

from indexer.analysis.analyzer import Analyzer, analyse, query_terms
from indexer.analysis.batch import BatchAnalyzer, TokenColumns
from indexer.analysis.folding import Folded, fold
from indexer.analysis.forms import beginning_stems, spellings
from indexer.analysis.runs import Run, runs
from indexer.analysis.units import Unit, units
from indexer.analysis.views import NGRAM_VIEWS, VIEWS, view
from indexer.analysis.vocabulary import Vocabulary

__all__ = [
    "NGRAM_VIEWS",
    "VIEWS",
    "Analyzer",
    "BatchAnalyzer",
    "Folded",
    "Run",
    "TokenColumns",
    "Unit",
    "Vocabulary",
    "analyse",
    "beginning_stems",
    "fold",
    "query_terms",
    "runs",
    "spellings",
    "units",
    "view",
]
