"""Hashed terms: an encoder that needs no training and knows every term.

Source: Weinberger et al., ICML 2009, "Feature Hashing for Large Scale Multitask Learning"."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from indexer.encoders.bag import BagEncoder
from indexer.encoders.base import Analyse, Word
from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    save_description,
)
from indexer.types import Vectors

TYPE = "hashing"
VERSION = 1


class HashingOptions(BaseModel):
    """What a hashing encoder can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dims: int = Field(default=256, ge=8, le=4096, description="Length of the vectors.")


class HashingEncoder(BagEncoder):
    """Each term is +1 or −1 at one position of the vector, by its hash; every term weighs the same."""

    type = TYPE

    def __init__(self, options: HashingOptions, analyse: Analyse) -> None:
        super().__init__(analyse)
        self._options = options
        self.dims = options.dims
        self.fingerprint = fingerprint_of(TYPE, VERSION, options.model_dump())

    def word(self, term: str) -> Word:
        """The vector of a term, and the weight 1."""
        return Word(self.sums([[term]])[0], 1.0)

    def sums(self, batch: Sequence[Sequence[str]]) -> Vectors:
        """Σ vector of each text. Shapes: (n, dims). Exact: sums of ±1."""
        sums = np.zeros((len(batch), self.dims), np.float32)
        hashes = np.fromiter(map(_hash, chain.from_iterable(batch)), np.uint64)
        rows = np.repeat(np.arange(len(batch)), [len(terms) for terms in batch])
        signs = np.where(hashes & 1, np.float32(1), np.float32(-1))
        np.add.at(sums, (rows, (hashes >> 1) % self.dims), signs)
        return sums

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed."""
        folder.mkdir(parents=True, exist_ok=True)
        save_description(folder, Description(TYPE, VERSION, self._options.model_dump(), self.fingerprint))

    @classmethod
    def load(cls, folder: Path, analyse: Analyse) -> "HashingEncoder":
        """The encoder that `save` wrote. Raises: CorruptError, FormatError, MismatchError."""
        description = load_description(folder, TYPE, VERSION)
        loaded = cls(HashingOptions.model_validate(description.parameters), analyse)
        check_fingerprint(folder, description, loaded.fingerprint)
        return loaded


@lru_cache(maxsize=1 << 18)
def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "big")
