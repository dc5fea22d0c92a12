"""Documents of several text fields as vectors: all fields as one text, or each field for itself, weighted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Encoder, Encoding, Rows, TermEncoder, TextEncoder, TokenVector, Vector
from indexer.encoders.cache import EmbeddingCache, EncodeRows
from indexer.types import Document, Vectors


@dataclass(frozen=True, slots=True)
class DocumentEncoding:
    """A document as a vector of length 1, with the tokens of each field; offsets are those in the field.

    `Σ weight · vector` over all tokens is `vector`, which is None where nothing in the document is known.
    `oov` holds the unknown terms, each once; `left_out`: tokens at the end of a text that were not looked
    at."""

    vector: Vector | None
    tokens: Mapping[str, Sequence[TokenVector]]
    oov: Sequence[str]
    left_out: int = 0


class DocumentEncoder:
    """The vectors that an encoder gives to documents.

    fields: the names of their text fields · weights: what the vector of each field counts, fields that are
    not named nothing; None: the fields are one text."""

    def __init__(
        self, encoder: Encoder, fields: Sequence[str], weights: Mapping[str, float] | None = None
    ) -> None:
        self.encoder = encoder
        self._fields = fields
        self._weights = weights

    def rows(self, batch: Sequence[Sequence[Sequence[str]]]) -> Rows:
        """The vectors of documents, given as the terms of each field; the same bytes as `encode` gives."""
        assert isinstance(self.encoder, TermEncoder)
        if self._weights is None:
            return self.encoder.encode_terms([[term for field in each for term in field] for each in batch])
        chosen = [self._fields.index(field) for field in self._weights]
        found = self.encoder.encode_terms([each[place] for each in batch for place in chosen])
        return self._weighted(found, len(batch))

    def text_rows(self, batch: Sequence[Sequence[str]], encode: EncodeRows) -> Rows:
        """The vectors of documents, given as the texts of each field; a document may have several.

        encode: what `text_encoding` gives."""
        if self._weights is None:
            return _rows(encode(["\n".join(each) for each in batch]), self.encoder.dims)
        chosen = [self._fields.index(field) for field in self._weights]
        texts = [each[place] for each in batch for place in chosen]
        return self._weighted(_rows(encode(texts), self.encoder.dims), len(batch))

    def text_encoding(self, cache: EmbeddingCache, encode: EncodeRows | None = None) -> EncodeRows:
        """How the texts of documents become vectors, what is in the cache by that; else by `encode`, or where
        it is None by the encoder. Where fields are weighted each is one vector, however long it is."""
        assert isinstance(self.encoder, TextEncoder)
        as_one = self.as_one
        return cache.rows(self.encoder, encode or partial(self.encoder.rows, as_one=as_one), as_one=as_one)

    @property
    def as_one(self) -> bool:
        """Whether a text is one vector, however long it is."""
        return self._weights is not None

    def _weighted(self, found: Rows, n_documents: int) -> Rows:
        """The weighted sums of the fields' vectors, at length 1; `found`: a row a field that has one."""
        assert self._weights is not None
        shape = n_documents, len(self._weights), self.encoder.dims
        fields = np.zeros((shape[0] * shape[1], shape[2]), np.float32)
        fields[found.positions] = found.vectors
        sums, lengths = self._sums(fields.reshape(shape))
        positions = np.flatnonzero(lengths)
        vectors = (sums[positions] / lengths[positions, None]).astype(np.float32)
        return Rows(vectors, positions.astype(np.int32))

    def encode_rows(self, documents: Sequence[Document]) -> list[Sequence[DocumentEncoding]]:
        """Each document as the vectors that it is found by, each with its words; none where nothing of it is
        known."""
        if self._weights is None and isinstance(self.encoder, TextEncoder):
            return [self._windows(self.encoder, self._texts(each)) for each in documents]
        return [[] if each.vector is None else [each] for each in self._encoded(documents)]

    def encode(self, document: Document) -> DocumentEncoding:
        """A document as it would be indexed, with its words."""
        [encoding] = self._encoded([document])
        return encoding

    def _windows(self, encoder: TextEncoder, texts: Mapping[str, str]) -> list[DocumentEncoding]:
        return [_by_field(each, texts) for each in encoder.encode_rows("\n".join(texts.values()))]

    def _encoded(self, documents: Sequence[Document]) -> list[DocumentEncoding]:
        texts = [self._texts(each) for each in documents]
        if self._weights is None:
            found = self.encoder.encode(["\n".join(each.values()) for each in texts])
            return list(map(_by_field, found, texts))
        fields = self.encoder.encode([each[field] for each in texts for field in self._weights])
        n_fields = len(self._weights)
        return [self._joined(fields[first : first + n_fields]) for first in range(0, len(fields), n_fields)]

    def _joined(self, found: Sequence[Encoding]) -> DocumentEncoding:
        """A document of the encodings of its fields."""
        assert self._weights is not None
        fields = np.zeros((1, len(found), self.encoder.dims), np.float32)
        for place, each in enumerate(found):
            if each.vector is not None:
                fields[0, place] = each.vector
        sums, [length] = self._sums(fields)
        tokens = {
            field: _scaled(each, weight / length if length else 0.0)
            for (field, weight), each in zip(self._weights.items(), found, strict=True)
        }
        oov = list(dict.fromkeys(term for each in found for term in each.oov))
        vector = (sums[0] / length).astype(np.float32) if length else None
        return DocumentEncoding(vector, tokens, oov, sum(each.left_out for each in found))

    def _texts(self, document: Document) -> dict[str, str]:
        return {field: document.text(field) for field in self._fields}

    def _sums(self, fields: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Σ weight · vector over the fields of each document, and its length.

        Shapes: (n, n_fields, dims) → (n, dims), (n,)."""
        assert self._weights is not None
        sums = np.zeros((len(fields), self.encoder.dims))
        for place, weight in enumerate(self._weights.values()):
            sums += weight * fields[:, place].astype(np.float64)
        return sums, np.sqrt(np.square(sums).sum(axis=1))


def _by_field(encoding: Encoding, texts: Mapping[str, str]) -> DocumentEncoding:
    """The encoding of a document that is its fields, one a line, with the tokens of each field."""
    tokens: dict[str, list[TokenVector]] = {field: [] for field in texts}
    begins = np.cumsum([0, *(len(text) + 1 for text in texts.values())]).tolist()
    names = list(texts)
    places = np.searchsorted(begins, [each.start for each in encoding.tokens], side="right") - 1
    for token, place in zip(encoding.tokens, places.tolist(), strict=True):
        start, end = token.start - begins[place], token.end - begins[place]
        moved = TokenVector(token.term, start, end, token.vector, token.weight, token.made)
        tokens[names[place]].append(moved)
    return DocumentEncoding(encoding.vector, tokens, encoding.oov, encoding.left_out)


def _rows(found: Sequence[Vectors], dims: int) -> Rows:
    """The vectors of texts one below the other, each with the place of its text."""
    positions = np.repeat(np.arange(len(found), dtype=np.int32), [len(each) for each in found])
    return Rows(np.concatenate([np.empty((0, dims), np.float32), *found]), positions)


def _scaled(encoding: Encoding, factor: float) -> list[TokenVector]:
    return [replace(each, weight=each.weight * factor) for each in encoding.tokens]
