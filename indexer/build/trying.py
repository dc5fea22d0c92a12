"""A new generation is asked before it is published: every retriever must answer, and find what is there."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.build.sampling import SampleQuery
from indexer.errors import MismatchError
from indexer.generation import Generation
from indexer.lexical import Clause, LexicalQuery, bits_of
from indexer.types import Ranking
from indexer.weighting import WEIGHTINGS, WeightingParameters, weighting

DEPTH = 10


def try_queries(generation: Generation, queries: Sequence[SampleQuery]) -> None:
    """Asks every retriever. Raises: MismatchError where words do not find the document they were taken from;
    whatever a retriever raises that cannot answer."""
    for query in queries:
        ordinal = generation.lexical.ordinal(query.doc_id)
        if ordinal is None:
            raise MismatchError(f"{generation.name} lacks `{query.doc_id[:100]}`: nothing was published.")
        only = bits_of(np.array([ordinal], np.int32), generation.lexical.n_docs)
        for name in WEIGHTINGS:
            asked = lexical_query(generation, name, {query.view: query.terms})
            if generation.lexical.rank(asked, 1, only).ordinals.tolist() != [ordinal]:
                raise MismatchError(
                    f"{generation.name} does not find `{query.doc_id[:100]}` by `{query.text[:100]}` with "
                    f"{name}: nothing was published."
                )
        for name in generation.dense:
            nearest(generation, name, query.text)


def lexical_query(generation: Generation, name: str, terms: Mapping[str, Sequence[str]]) -> LexicalQuery:
    """Terms by view, looked for in all text fields, under a weighting as it is by itself."""
    fields = dict.fromkeys(generation.lexical.fields, 1.0)
    return LexicalQuery([Clause(terms, fields)], weighting(name), WeightingParameters())


def nearest(generation: Generation, encoder: str, text: str) -> Ranking:
    """The documents whose vectors are nearest to a text's, at most `DEPTH`; none where it has no vector."""
    dense = generation.dense[encoder]
    encoding = dense.encoder.encode_query(text)
    if encoding.vector is None:
        return Ranking.empty()
    return dense.vectors.search(encoding.vector, DEPTH)
