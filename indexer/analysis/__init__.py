"""Text to terms, Chinese and English in one field: folded, cut into runs, seen in several views."""

from indexer.analysis.analyzer import Analyzer, analyse, query_terms
from indexer.analysis.batch import BatchAnalyzer, TokenColumns
from indexer.analysis.borders import piece_at
from indexer.analysis.finding import Finder, Found
from indexer.analysis.folding import HAN, Folded, fold, fold_all
from indexer.analysis.forms import beginning_stems, spellings
from indexer.analysis.runs import Run, runs
from indexer.analysis.sentences import sentences
from indexer.analysis.units import Unit, units
from indexer.analysis.views import NGRAM_VIEWS, VIEWS, stem, view
from indexer.analysis.vocabulary import Vocabulary

__all__ = [
    "HAN",
    "NGRAM_VIEWS",
    "VIEWS",
    "Analyzer",
    "BatchAnalyzer",
    "Finder",
    "Folded",
    "Found",
    "Run",
    "TokenColumns",
    "Unit",
    "Vocabulary",
    "analyse",
    "beginning_stems",
    "fold",
    "fold_all",
    "piece_at",
    "query_terms",
    "runs",
    "sentences",
    "spellings",
    "stem",
    "units",
    "view",
]
