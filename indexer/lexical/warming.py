"""Loads or makes the compiled code that a search needs, so that no request waits for it."""

from functools import cache

from indexer.lexical.arrays import arrays_in_memory
from indexer.lexical.memory import MemoryLexical
from indexer.lexical.query import Clause, LexicalQuery
from indexer.lexical.scoring import LexicalIndex
from indexer.lexical.segment import Segment
from indexer.weighting import WeightingParameters, weighting

_DEPTHS = (1, 1_000)  # a few best are kept in order, many are cut when they are too many


@cache
def warm() -> None:
    """Nothing; afterwards this process ranks and explains without compiling. The first time takes long."""
    store = MemoryLexical(["text"], ["words"])
    store.add("a", {("words", "text"): [("a", 0), ("b", 1)]})
    index = LexicalIndex([Segment(store, arrays_in_memory(store))])
    clause = Clause({"words": ["a", "b", "c"]}, {"text": 1.0})
    for kind in ("bm25", "lm"):
        query = LexicalQuery([clause], weighting(kind), WeightingParameters())
        for depth in _DEPTHS:
            index.rank(query, depth)
        index.explain(query, [0])
