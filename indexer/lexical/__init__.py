"""The inverted index: raw counts by term, any weighting when asked."""

from indexer.lexical.arrays import ARRAYS, Arrays, arrays_in_memory, open_arrays, write_arrays
from indexer.lexical.base import LexicalStore, Postings
from indexer.lexical.builder import LexicalBuilder
from indexer.lexical.checking import faults
from indexer.lexical.format import FILE_NAME, POSITIONED_VIEWS
from indexer.lexical.matching import Matcher, Matches
from indexer.lexical.memory import MemoryLexical
from indexer.lexical.query import Clause, Combine, LexicalQuery
from indexer.lexical.scoring import LengthScore, LexicalIndex, TermScore
from indexer.lexical.segment import Segment
from indexer.lexical.selection import Bits, bits, bits_of, both, holds
from indexer.lexical.sqlite import SqliteLexical
from indexer.lexical.warming import warm

__all__ = [
    "ARRAYS",
    "FILE_NAME",
    "POSITIONED_VIEWS",
    "Arrays",
    "Bits",
    "Clause",
    "Combine",
    "LengthScore",
    "LexicalBuilder",
    "LexicalIndex",
    "LexicalQuery",
    "LexicalStore",
    "Matcher",
    "Matches",
    "MemoryLexical",
    "Postings",
    "Segment",
    "SqliteLexical",
    "TermScore",
    "arrays_in_memory",
    "bits",
    "bits_of",
    "both",
    "faults",
    "holds",
    "open_arrays",
    "warm",
    "write_arrays",
]
