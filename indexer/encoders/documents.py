"""Documents of several text fields as vectors: all fields as one text, or each field for itself, weighted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Encoder, Encoding, Rows, TermEncoder, TokenVector, Vector
from indexer.types import Document, Vectors


@dataclass(frozen=True, slots=True)
class DocumentEncoding:
    """A document as a vector of length 1, with the tokens of each field; offsets are those in the field.

    `Σ weight · vector` over all tokens is `vector`, which is None where nothing in the document is known.
    `oov` holds the unknown terms, each once."""

    vector: Vector | None
    tokens: Mapping[str, Sequence[TokenVector]]
    oov: Sequence[str]


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
        fields = np.zeros((len(batch) * len(chosen), self.encoder.dims), np.float32)
        fields[found.positions] = found.vectors
        sums, lengths = self._sums(fields.reshape(len(batch), len(chosen), self.encoder.dims))
        positions = np.flatnonzero(lengths)
        vectors = (sums[positions] / lengths[positions, None]).astype(np.float32)
        return Rows(vectors, positions.astype(np.int32))

    def encode(self, document: Document) -> DocumentEncoding:
        """A document as it would be indexed, with its words."""
        texts = {field: document.text(field) for field in self._fields}
        if self._weights is None:
            return self._as_one(texts)
        found = self.encoder.encode([texts[field] for field in self._weights])
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
        return DocumentEncoding((sums[0] / length).astype(np.float32) if length else None, tokens, oov)

    def _sums(self, fields: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Σ weight · vector over the fields of each document, and its length.

        Shapes: (n, n_fields, dims) → (n, dims), (n,)."""
        assert self._weights is not None
        sums = np.zeros((len(fields), self.encoder.dims))
        for place, weight in enumerate(self._weights.values()):
            sums += weight * fields[:, place].astype(np.float64)
        return sums, np.sqrt(np.square(sums).sum(axis=1))

    def _as_one(self, texts: Mapping[str, str]) -> DocumentEncoding:
        """The document as its fields, one a line."""
        [encoding] = self.encoder.encode(["\n".join(texts.values())])
        tokens: dict[str, list[TokenVector]] = {field: [] for field in texts}
        begins = np.cumsum([0, *(len(text) + 1 for text in texts.values())]).tolist()
        names = list(texts)
        places = np.searchsorted(begins, [each.start for each in encoding.tokens], side="right") - 1
        for token, place in zip(encoding.tokens, places.tolist(), strict=True):
            begin = begins[place]
            tokens[names[place]].append(replace(token, start=token.start - begin, end=token.end - begin))
        return DocumentEncoding(encoding.vector, tokens, encoding.oov)


def _scaled(encoding: Encoding, factor: float) -> list[TokenVector]:
    return [replace(each, weight=each.weight * factor) for each in encoding.tokens]
