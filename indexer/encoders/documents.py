"""Documents of several text fields as vectors: all fields as one text, or each field for itself, weighted."""

from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import pairwise

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
    not named nothing; None: the fields are one text, or for an encoder that reads texts count the same."""

    def __init__(
        self, encoder: Encoder, fields: Sequence[str], weights: Mapping[str, float] | None = None
    ) -> None:
        self.encoder = encoder
        self._fields = fields
        self._weights = (
            dict.fromkeys(fields, 1.0) if weights is None and isinstance(encoder, TextEncoder) else weights
        )

    def rows(self, batch: Sequence[Sequence[Sequence[str]]]) -> Rows:
        """The vectors of documents, given as the terms of each field; the same bytes as `encode` gives."""
        assert isinstance(self.encoder, TermEncoder)
        if self._weights is None:
            return self.encoder.encode_terms([[term for field in each for term in field] for each in batch])
        chosen = [self._fields.index(field) for field in self._weights]
        found = self.encoder.encode_terms([each[place] for each in batch for place in chosen])
        return self._weighted(found, len(batch))

    def text_rows(self, batch: Sequence[Sequence[str]], encode: EncodeRows) -> Rows:
        """The vectors of documents, given as the texts of each field, by `encode`, which gives those of
        texts.

        A document has as many as its longest field, the first of them; each is one of those with the mean of
        every other field."""
        chosen = [self._fields.index(field) for field in self._counted]
        found = encode([each[place] for each in batch for place in chosen])
        ends = range(0, len(found) + 1, len(chosen)) if chosen else [0] * (len(batch) + 1)
        documents = [self._beside(found[begin:end])[0] for begin, end in pairwise(ends)]
        return _rows(documents, self.encoder.dims)

    def text_encoding(self, cache: EmbeddingCache, encode: EncodeRows | None = None) -> EncodeRows:
        """How the texts of fields become vectors, what is in the cache by that; else by `encode`, or where it
        is None by the encoder."""
        assert isinstance(self.encoder, TextEncoder)
        return cache.rows(self.encoder, encode or self.encoder.rows)

    @property
    def _counted(self) -> Mapping[str, float]:
        """What each field counts where each has vectors of its own."""
        assert self._weights is not None
        return self._weights

    def _beside(self, fields: Sequence[Vectors]) -> tuple[Vectors, NDArray[np.float64]]:
        """The vectors of a document of those of its fields, and how long each was before it got length 1.

        Shapes: (n, dims) each → (n, dims), (n,)."""
        longest = _longest(fields)
        sums = np.zeros((len(fields[longest]) if fields else 0, self.encoder.dims))
        for place, (rows, weight) in enumerate(zip(fields, self._counted.values(), strict=True)):
            if place == longest:
                sums += weight * rows.astype(np.float64)
            elif len(rows):
                sums += weight * rows.mean(axis=0, dtype=np.float64)
        lengths = np.sqrt(np.square(sums).sum(axis=1))
        lengths[lengths == 0] = 1.0
        return (sums / lengths[:, None]).astype(np.float32), lengths

    def _weighted(self, found: Rows, n_documents: int) -> Rows:
        """The weighted sums of the fields' vectors, at length 1; `found`: a row a field that has one."""
        shape = n_documents, len(self._counted), self.encoder.dims
        fields = np.zeros((shape[0] * shape[1], shape[2]), np.float32)
        fields[found.positions] = found.vectors
        sums, lengths = self._sums(fields.reshape(shape))
        positions = np.flatnonzero(lengths)
        vectors = (sums[positions] / lengths[positions, None]).astype(np.float32)
        return Rows(vectors, positions.astype(np.int32))

    def encode_rows(self, documents: Sequence[Document]) -> list[Sequence[DocumentEncoding]]:
        """Each document as the vectors that it is found by, each with its words; none where nothing of it is
        known."""
        if isinstance(self.encoder, TextEncoder):
            return [self._windows(self.encoder, each) for each in documents]
        return [[] if each.vector is None else [each] for each in self._encoded(documents)]

    def _tokens(
        self, fields: Sequence[Sequence[Encoding]], row: int, length: float
    ) -> Iterator[tuple[str, Sequence[TokenVector]]]:
        """The tokens of each field in one of the vectors that `_beside` makes."""
        longest = _longest(fields)
        for place, ((field, weight), found) in enumerate(zip(self._counted.items(), fields, strict=True)):
            if place == longest:
                yield field, _scaled(found[row], weight / length)
            else:
                share = weight / (length * max(len(found), 1))
                yield field, [token for each in found for token in _scaled(each, share)]

    def encode(self, document: Document) -> DocumentEncoding:
        """A document as it would be indexed, with its words."""
        [encoding] = self._encoded([document])
        return encoding

    def _windows(self, encoder: TextEncoder, document: Document) -> list[DocumentEncoding]:
        fields = [encoder.encode_rows(document.text(field)) for field in self._counted]
        vectors = [_vectors(each, self.encoder.dims) for each in fields]
        return [
            DocumentEncoding(vector, dict(self._tokens(fields, row, length)), [])
            for row, (vector, length) in enumerate(zip(*self._beside(vectors), strict=True))
        ]

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
        fields = np.zeros((1, len(found), self.encoder.dims), np.float32)
        for place, each in enumerate(found):
            if each.vector is not None:
                fields[0, place] = each.vector
        sums, [length] = self._sums(fields)
        tokens = {
            field: _scaled(each, weight / length if length else 0.0)
            for (field, weight), each in zip(self._counted.items(), found, strict=True)
        }
        oov = list(dict.fromkeys(term for each in found for term in each.oov))
        vector = (sums[0] / length).astype(np.float32) if length else None
        return DocumentEncoding(vector, tokens, oov, sum(each.left_out for each in found))

    def _texts(self, document: Document) -> dict[str, str]:
        return {field: document.text(field) for field in self._fields}

    def _sums(self, fields: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Σ weight · vector over the fields of each document, and its length.

        Shapes: (n, n_fields, dims) → (n, dims), (n,)."""
        sums = np.zeros((len(fields), self.encoder.dims))
        for place, weight in enumerate(self._counted.values()):
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


def _longest(fields: Sequence[Sized]) -> int:
    """The place of the field that has the most vectors, the first of them; 0 where there is no field."""
    return max(range(len(fields)), key=lambda place: len(fields[place]), default=0)


def _vectors(found: Sequence[Encoding], dims: int) -> Vectors:
    return np.array([each.vector for each in found], np.float32).reshape(-1, dims)


def _scaled(encoding: Encoding, factor: float) -> list[TokenVector]:
    return [replace(each, weight=each.weight * factor) for each in encoding.tokens]
