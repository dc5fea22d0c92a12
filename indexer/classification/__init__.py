"""Classification: which label does a document have, by what it was made into?

`learning.py` alone needs scikit-learn, of the extra `train`; it is imported by those who train."""

from indexer.classification.base import Features, Representation, joined, known
from indexer.classification.classifier import Classifier, Guess
from indexer.classification.folder import Kept, describe, load_classifier, save_classifier
from indexer.classification.options import ClassifierOptions, require_scikit_learn
from indexer.classification.tfidf import TFIDF, Tfidf

__all__ = [
    "TFIDF",
    "Classifier",
    "ClassifierOptions",
    "Features",
    "Guess",
    "Kept",
    "Representation",
    "Tfidf",
    "describe",
    "joined",
    "known",
    "load_classifier",
    "require_scikit_learn",
    "save_classifier",
]
