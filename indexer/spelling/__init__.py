"""Spelling: which words a query may have meant that are in no document, in Chinese and English."""

from indexer.spelling.candidates import Candidate, Similarity, Written
from indexer.spelling.corrector import MOST_WORDS, Corrector, Looked, corrected
from indexer.spelling.counting import FormCounter
from indexer.spelling.forms import FOLDER, Forms, write_forms
from indexer.spelling.tokens import Span
from indexer.spelling.warming import warm

__all__ = [
    "FOLDER",
    "MOST_WORDS",
    "Candidate",
    "Corrector",
    "FormCounter",
    "Forms",
    "Looked",
    "Similarity",
    "Span",
    "Written",
    "corrected",
    "warm",
    "write_forms",
]
