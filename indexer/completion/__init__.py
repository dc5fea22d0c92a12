"""Completion: how may a text go on that is being typed, by the language of the documents?"""

from indexer.completion.base import MOST_CONTEXT, Context, NextWordModel
from indexer.completion.checking import faults
from indexer.completion.completer import Added, Completer, Completion
from indexer.completion.counting import NgramCounter
from indexer.completion.kneser_ney import KneserNey
from indexer.completion.mixture import Mixture
from indexer.completion.ngrams import FOLDER, Ngrams
from indexer.completion.words import Words
from indexer.completion.writing import write_ngrams

__all__ = [
    "FOLDER",
    "MOST_CONTEXT",
    "Added",
    "Completer",
    "Completion",
    "Context",
    "KneserNey",
    "Mixture",
    "NextWordModel",
    "NgramCounter",
    "Ngrams",
    "Words",
    "faults",
    "write_ngrams",
]
