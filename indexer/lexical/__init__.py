"""The inverted index: raw counts by term, any weighting when asked."""

from indexer.lexical.base import Analysed, Column, LexicalStore, TermCount
from indexer.lexical.builder import LexicalBuilder
from indexer.lexical.format import FILE_NAME
from indexer.lexical.memory import MemoryLexical
from indexer.lexical.scoring import Combine, LengthScore, LexicalIndex, LexicalQuery, TermScore
from indexer.lexical.sqlite import SqliteLexical

__all__ = [
    "FILE_NAME",
    "Analysed",
    "Column",
    "Combine",
    "LengthScore",
    "LexicalBuilder",
    "LexicalIndex",
    "LexicalQuery",
    "LexicalStore",
    "MemoryLexical",
    "SqliteLexical",
    "TermCount",
    "TermScore",
]
