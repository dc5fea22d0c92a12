"""Vectors of any texts by an encoder of an index."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.search.engines import Engines
from indexer.encoders import Encoder, Encoding
from indexer.errors import InputError, UnknownNameError

TextKind = Literal["document", "query"]


@dataclass(frozen=True, slots=True)
class Embedding:
    """The vector of one text, as numbers or as base64 of little-endian float32."""

    index: int
    embedding: Sequence[float] | str
    object: Literal["embedding"] = "embedding"


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens were read."""

    prompt_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The vectors of some texts, in their order."""

    data: Sequence[Embedding]
    model: str
    usage: Usage
    object: Literal["list"] = "list"


def embeddings(
    engines: Engines, known: Sequence[str], model: str, texts: Sequence[str], kind: TextKind, *, packed: bool
) -> Embeddings:
    """The vectors of length 1 that an encoder gives texts, as it does documents or queries.

    known: the names of the indexes · model: `INDEX/ENCODER` · packed: base64 in place of numbers.
    Raises: UnknownNameError; InputError (`no_vector`) for a text of which the encoder knows nothing."""
    encoder = _encoder(engines, known, model)
    found = [encoder.encode_query(each) for each in texts] if kind == "query" else encoder.encode(texts)
    data = [Embedding(place, _written(each, place, model, packed)) for place, each in enumerate(found)]
    n_tokens = sum(len(each.tokens) for each in found)
    return Embeddings(data, model, Usage(n_tokens, n_tokens))


def _encoder(engines: Engines, known: Sequence[str], model: str) -> Encoder:
    index, _, name = model.partition("/")
    if index in known:
        dense = engines.get(index).generation.dense
        if name in dense:
            return dense[name].encoder
        there = [f"{index}/{each}" for each in dense]
    else:
        there = [f"{each}/…" for each in known]
    raise UnknownNameError("model", model, there, pointer="/model")


def _written(encoding: Encoding, place: int, model: str, packed: bool) -> Sequence[float] | str:
    if encoding.vector is None:
        raise InputError(
            f"`{model}` has no vector for the text: it knows none of its words.",
            pointer=f"/input/{place}",
            code="no_vector",
        )
    return b64encode(encoding.vector.astype("<f4").tobytes()).decode() if packed else encoding.vector.tolist()
