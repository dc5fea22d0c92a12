"""The vectors of an encoder as what a classifier reads."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from indexer.analysis import Analyzer
from indexer.classification import Features, Representation
from indexer.encoders import DocumentEncoder, EmbeddingCache, TextEncoder
from indexer.generation import Generation
from indexer.types import Document
from indexer.vectors import middle

BATCH = 64  # documents


class Encoded:
    """Documents as the vectors of an encoder; of several the direction of their mean."""

    def __init__(
        self,
        name: str,
        documents: DocumentEncoder,
        fields: Sequence[str],
        analyzer: Analyzer,
        cache: EmbeddingCache,
    ) -> None:
        """cache: an open one, for encoders that read texts."""
        self.name = name
        self._documents = documents
        self._fields = fields
        self._analyzer = analyzer
        self._cache = cache

    @property
    def fingerprint(self) -> str:
        """That of the encoder."""
        return self._documents.encoder.fingerprint

    @property
    def n_features(self) -> int:
        """The length of a vector."""
        return self._documents.encoder.dims

    def features(self, documents: Sequence[Document]) -> Features:
        """The vector of each document; all 0 where it has none. Shapes: (n, dims)."""
        found = np.zeros((len(documents), self.n_features), np.float32)
        texts = [[document.text(field) for field in self._fields] for document in documents]
        if isinstance(self._documents.encoder, TextEncoder):
            rows = self._documents.text_rows(texts, self._documents.text_encoding(self._cache))
        else:
            rows = self._documents.rows([[self._analyzer.analyse(e).terms for e in each] for each in texts])
        begins = np.searchsorted(rows.positions, np.arange(len(documents) + 1))
        for place in np.unique(rows.positions):
            found[place] = middle(rows.vectors[begins[place] : begins[place + 1]])
        return found


def encoded(generation: Generation, cache: EmbeddingCache) -> dict[str, Representation]:
    """What the encoders of a generation make of documents, by their names."""
    fields = generation.manifest.settings.text_fields
    return {
        name: Encoded(name, dense.documents, fields, generation.analyzer, cache)
        for name, dense in generation.dense.items()
    }


def in_batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """The documents, as many at once as are looked at together."""
    every = iter(documents)
    while batch := list(islice(every, BATCH)):
        yield batch
