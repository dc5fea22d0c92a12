"""Recurrent networks as encoders: a text is read word by word, and its states become one vector.

Source: Elman, 1990, "Finding Structure in Time"; what each cell does is in docs/rnn.md."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from indexer.encoders.base import Analyse, Encoding, Rows, TokenVector
from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    save_description,
)
from indexer.encoders.modelfiles import check_files, copy_file
from indexer.encoders.rnn.folder import CONFIG, GRAPH, folder_files, read_config
from indexer.encoders.rnn.network import Network
from indexer.encoders.rnn.options import KeptRnnOptions
from indexer.encoders.rnn.words import Pieces, Reading, Words, read_words
from indexer.errors import CorruptError, InputError, MismatchError
from indexer.storage.files import checksum
from indexer.types import Vectors

if TYPE_CHECKING:
    from indexer.encoders.rnn.inside import RnnInside
    from indexer.encoders.rnn.language import RnnLanguageModel

TYPE = "rnn"
VERSION = 1

WHOLE = "(whole text)"
"""The one token of a vector that is no sum over words."""


class RnnEncoder:
    """What both kinds share: `WordRnn` reads words of the analysis, `PieceRnn` pieces of words.

    Words that are not known are read as `[UNK]`, move the state on, and are not pooled; a text without a
    known word has no vector. Alone and in a batch a text gets the same vector to 1e-5."""

    type = TYPE

    def __init__(
        self, files: Mapping[str, Path], lexis: Words | Pieces, network: Network, options: KeptRnnOptions
    ) -> None:
        self.files = files
        self.lexis = lexis
        self.network = network
        self.options = options
        self.dims = network.config.dims
        self.checksums = {name: checksum(path) for name, path in sorted(files.items())}
        said = {"options": options.model_dump(include={"max_length"}), "files": self.checksums}
        self.fingerprint = fingerprint_of(TYPE, VERSION, said)

    @cached_property
    def inner(self) -> "RnnInside":
        """Its states, and what it gives out at each step."""
        from indexer.encoders.rnn.inside import RnnInside  # which is made of this class

        return RnnInside(self)

    @cached_property
    def language(self) -> "RnnLanguageModel | None":
        """Its language model; None where the next word was not learned."""
        from indexer.encoders.rnn.language import RnnLanguageModel  # which is made of this class

        return RnnLanguageModel(self) if self.network.config.speaks else None

    def read(self, text: str) -> Reading:
        """A text as the network reads it."""
        return self.lexis.read(text, self.options.max_length)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text as a vector, with its words."""
        readings = [self.read(text) for text in texts]
        names = ["vector", "tokens", "weights"] if self.network.config.splits else ["vector"]
        found = dict(self._read([each.window.ids for each in readings], names))
        return [
            self._encoding(text, reading, found.get(place))
            for place, (text, reading) in enumerate(zip(texts, readings, strict=True))
        ]

    def encode_query(self, text: str) -> Encoding:
        """A text that is asked for; nothing tells it from another."""
        [encoding] = self.encode([text])
        return encoding

    def vectors(self, texts: Sequence[Sequence[int]]) -> Rows:
        """The vectors of texts given as numbers, each of length 1; a text without a known word has none."""
        known = self._known(texts)
        vectors = np.zeros((len(texts), self.dims))
        for places, _, [found] in self.network.batches([texts[place] for place in known], ["vector"]):
            vectors[[known[place] for place in places]] = found
        lengths = np.sqrt(np.square(vectors).sum(axis=1))
        positions = np.flatnonzero(lengths)
        rows = (vectors[positions] / lengths[positions, None]).astype(np.float32)
        return Rows(rows, positions.astype(np.int32))

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed, with copies of its files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in self.files.items():
            copy_file(path, folder / name)
        said = {"options": self.options.model_dump(include={"max_length"}), "files": self.checksums}
        save_description(folder, Description(TYPE, VERSION, said, self.fingerprint))

    def _read(
        self, texts: Sequence[Sequence[int]], names: Sequence[str]
    ) -> Iterator[tuple[int, list[Vectors]]]:
        """The outputs for the texts that have a known word."""
        known = self._known(texts)
        for number, found in self.network.read([texts[place] for place in known], names):
            yield known[number], found

    def _known(self, texts: Sequence[Sequence[int]]) -> list[int]:
        """The places of the texts that have a known word."""
        ordinary = self.network.config.ordinary
        return [place for place, ids in enumerate(texts) if max(ids) >= ordinary]

    def _encoding(self, text: str, reading: Reading, found: Sequence[Vectors] | None) -> Encoding:
        length = _length(found[0]) if found else 0.0
        oov = list(dict.fromkeys(self._unknown(text, reading)))
        if not found or not length:
            return Encoding(None, list(_tokens(reading, None, None)), oov, reading.left_out)
        vector = (found[0].astype(np.float64) / length).astype(np.float32)
        if not self.network.config.splits:
            return Encoding(vector, [TokenVector(WHOLE, 0, len(text), vector, 1.0)], oov, reading.left_out)
        weights = found[2].astype(np.float64) / length
        return Encoding(vector, list(_tokens(reading, found[1], weights)), oov, reading.left_out)

    def _unknown(self, text: str, reading: Reading) -> Iterator[str]:
        """The words that are not known; pieces as they stand in the text."""
        window, unknown = reading.window, self.network.config.unknown
        for number, term, start, end in zip(
            window.ids, window.terms, window.starts, window.ends, strict=True
        ):
            if number == unknown:
                yield text[start:end] if isinstance(self.lexis, Pieces) else term


class WordRnn(RnnEncoder):
    """An RNN that reads the words of the analysis, so that documents are analysed once for all."""

    lexis: Words

    def encode_terms(self, batch: Sequence[Sequence[str]]) -> Rows:
        """The vectors of texts given as their terms; the same bytes as `encode` gives."""
        return self.vectors([self.lexis.numbers(terms, self.options.max_length) for terms in batch])


class PieceRnn(RnnEncoder):
    """An RNN that reads pieces of words, so that it wants the texts themselves."""

    lexis: Pieces

    def rows(self, texts: Sequence[str]) -> list[Vectors]:
        """The vector of each text that has one. Shapes: (0 or 1, dims)."""
        found = self.vectors([self.read(text).window.ids for text in texts])
        rows = [np.empty((0, self.dims), np.float32) for _ in texts]
        for place, vector in zip(found.positions.tolist(), found.vectors, strict=True):
            rows[place] = vector[None]
        return rows

    def encode_rows(self, text: str) -> Sequence[Encoding]:
        """The same of one text, with its pieces."""
        [whole] = self.encode([text])
        return [] if whole.vector is None else [whole]


def make_encoder(folder: Path, options: KeptRnnOptions, analyse: Analyse) -> WordRnn | PieceRnn:
    """The encoder of a model folder. Raises: InputError (`bad_model_folder`), with a pointer."""
    files = folder_files(folder)
    config = read_config(files[CONFIG])
    lexis = read_words(files, config, analyse)
    network = Network(folder, files[GRAPH], config)
    kind = WordRnn if isinstance(lexis, Words) else PieceRnn
    return kind(files, lexis, network, options)


def load_encoder(folder: Path, analyse: Analyse) -> WordRnn | PieceRnn:
    """The encoder that `save` wrote. Raises: CorruptError, FormatError, MismatchError."""
    description = load_description(folder, TYPE, VERSION)
    said = description.parameters
    try:
        options, checksums = KeptRnnOptions.model_validate(said["options"]), dict(said["files"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise CorruptError(f"{folder} is damaged ({error!r:.200}): rebuild the index.") from None
    check_files(folder, checksums, "rebuild the index")
    try:
        loaded = make_encoder(folder, options, analyse)
    except InputError as error:
        raise MismatchError(f"{error.message} Rebuild the index.") from None
    check_fingerprint(folder, description, loaded.fingerprint)
    return loaded


def _length(vector: Vectors) -> float:
    return float(np.sqrt(np.square(vector, dtype=np.float64).sum()))


def _tokens(
    reading: Reading, vectors: Vectors | None, weights: NDArray[np.float64] | None
) -> Iterator[TokenVector]:
    """The words of a text, without the number that begins it; one that is not pooled has no vector."""
    window = reading.window
    for place in range(1, len(window)):
        weight = 0.0 if weights is None else float(weights[place])
        vector = vectors[place] if vectors is not None and weight > 0 else None
        yield TokenVector(window.terms[place], window.starts[place], window.ends[place], vector, weight)
