"""Contextual vectors: in an encoder of a model folder the vector of a word depends on what is beside it.

Source: Devlin et al., NAACL 2019, "BERT"."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from indexer.encoders.base import WHOLE, Encoding, TokenVector
from indexer.encoders.bert.files import Settings, read_settings
from indexer.encoders.bert.graph import HIDDEN, Graph
from indexer.encoders.bert.pooling import middle, pooled
from indexer.encoders.bert.tokenizer import TextTokenizer, Windows
from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    save_description,
)
from indexer.encoders.inside import Window
from indexer.encoders.modelfiles import bad_folder, check_files, copy_file
from indexer.errors import CorruptError, InputError, MismatchError
from indexer.storage.files import checksum
from indexer.types import Vectors

if TYPE_CHECKING:
    from indexer.encoders.bert.inside import InnerModel

TYPE = "bert"
VERSION = 1

BESIDE = frozenset({"layers.onnx", "heads.onnx"})
"""Files that no vector of a text depends on."""
TOGETHER = 8_192
"""Tokens in one call, padding included, and below it as many windows as fit."""
MOST_TOGETHER = 32


class BertEncoder:
    """A text as its windows, each pooled over its tokens to a vector of length 1.

    files: the paths of the graph and the tokenizer, and whatever else of the folder is kept, by name.
    Alone and in a batch a text gets the same vector to 1e-5, and the same bytes where the graph is
    quantised as it runs: then each window has a call of its own."""

    type = TYPE

    def __init__(self, settings: Settings, files: Mapping[str, Path]) -> None:
        self.settings = settings
        self.files = files
        self.dims = settings.dims
        self._graph = Graph(files[settings.graph].parent, files[settings.graph])
        self._output = self._graph.output(HIDDEN)
        self.tokenizer = TextTokenizer(files["tokenizer.json"], settings.vocabulary)
        self._check()
        self.checksums = {name: checksum(path) for name, path in sorted(files.items())}
        counted = {name: each for name, each in self.checksums.items() if name not in BESIDE}
        self.fingerprint = fingerprint_of(
            TYPE, VERSION, {"settings": settings.model_dump(), "files": counted}
        )

    @cached_property
    def inner(self) -> "InnerModel":
        """Its layers and heads."""
        from indexer.encoders.bert.inside import InnerModel  # which is made of this class

        return InnerModel(self)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text as one vector, the mean of its windows', with its tokens."""
        found = self._windows(texts)
        return [self._encoding(text, each) for text, each in zip(texts, found, strict=True)]

    def encode_query(self, text: str) -> Encoding:
        """A query behind its own prompt; what is beyond one window is left out."""
        [found] = self.tokenizer.windows(
            [text], self.settings.prompts.query, self.settings.max_length, most=1
        )
        return self._encoding(text, found)

    def encode_rows(self, text: str) -> Sequence[Encoding]:
        """A text as the vectors that it is found by, with the tokens of each: one for each window, or one."""
        if self.settings.windows == "mean":
            [whole] = self.encode([text])
            return [] if whole.vector is None else [whole]
        [found] = self._windows([text])
        return [self._encoding(text, Windows([window], found.left_out)) for window in found.windows]

    def rows(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors that texts are found by. Shapes: (n, dims) each."""
        found = self._windows(texts)
        windows = [window for each in found for window in each.windows]
        vectors = np.zeros((len(windows), self.dims), np.float32)
        for place, hidden in self._hidden(windows):
            vectors[place] = pooled(hidden, self.settings.pooling)[0]
        ends = list(accumulate((len(each.windows) for each in found), initial=0))
        rows = [vectors[begin:end] for begin, end in pairwise(ends)]
        if self.settings.windows == "mean":
            return [middle(each)[0][None] if len(each) else each for each in rows]
        return rows

    def token_vectors(self, text: str) -> list[tuple[Window, Vectors]]:
        """The windows of a text with their tokens' vectors in the last layer. Shapes: (length, dims)."""
        [found] = self._windows([text])
        vectors = dict(self._hidden(found.windows))
        return [(window, vectors[place]) for place, window in enumerate(found.windows)]

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed, with copies of its files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in self.files.items():
            copy_file(path, folder / name)
        said = {"settings": self.settings.model_dump(), "files": self.checksums}
        save_description(folder, Description(TYPE, VERSION, said, self.fingerprint))

    @classmethod
    def load(cls, folder: Path) -> "BertEncoder":
        """The encoder that `save` wrote. Raises: CorruptError, FormatError, MismatchError."""
        description = load_description(folder, TYPE, VERSION)
        said = description.parameters
        try:
            settings, checksums = read_settings(said["settings"]), dict(said["files"])
        except (KeyError, TypeError, ValueError, ValidationError) as error:
            raise CorruptError(f"{folder} is damaged ({error!r:.200}): rebuild the index.") from None
        check_files(folder, checksums, "rebuild the index")
        try:
            loaded = cls(settings, {name: folder / name for name in checksums})
        except InputError as error:
            raise MismatchError(f"{error.message} Rebuild the index.") from None
        check_fingerprint(folder, description, loaded.fingerprint)
        return loaded

    def _check(self) -> None:
        """Raises InputError where the graph does not do for a short text what an encoder does."""
        [found] = self._windows(["a b 中"])
        for _, hidden in self._hidden(found.windows):
            if hidden.shape[1:] != (self.dims,):
                raise bad_folder(
                    self.files[self.settings.graph].parent,
                    f"`{self.settings.graph}` gives vectors of shape {hidden.shape[1:]}, by `hidden_size` of "
                    f"`config.json` they have {self.dims} numbers",
                )

    def _windows(self, texts: Sequence[str]) -> list[Windows]:
        return self.tokenizer.windows(texts, self.settings.prompts.document, self.settings.max_length)

    def _encoding(self, text: str, found: Windows) -> Encoding:
        if not found.windows:
            return Encoding(None, [], [], found.left_out)
        vectors = np.empty((len(found.windows), self.dims), np.float32)
        tokens: list[list[TokenVector]] = [[] for _ in found.windows]
        for place, hidden in self._hidden(found.windows):
            vectors[place], weight = pooled(hidden, self.settings.pooling)
            if weight:
                tokens[place] = list(_tokens(found.windows[place], hidden, weight))
        vector, share = middle(vectors)
        if self.settings.pooling != "mean":
            return Encoding(vector, [TokenVector(WHOLE, 0, len(text), vector, 1.0)], [], found.left_out)
        every = (
            [each for window in tokens for each in window] if share == 1.0 else list(_shared(tokens, share))
        )
        return Encoding(vector, every, [], found.left_out)

    def _hidden(self, windows: Sequence[Window]) -> Iterator[tuple[int, Vectors]]:
        """The place of each window, in any order, with the vectors of its tokens. Shapes: (length, dims)."""
        order = sorted(range(len(windows)), key=lambda place: len(windows[place]))
        for places in self._together(windows, order):
            lengths = [len(windows[place]) for place in places]
            ids = np.full((len(places), max(lengths)), self.settings.pad_id, np.int64)
            mask = np.zeros_like(ids)
            for row, place in enumerate(places):
                ids[row, : lengths[row]] = windows[place].ids
                mask[row, : lengths[row]] = 1
            [hidden] = self._graph.run([self._output], ids, mask)
            for row, place in enumerate(places):
                yield place, hidden[row, : lengths[row]]

    def _together(self, windows: Sequence[Window], order: Sequence[int]) -> Iterator[Sequence[int]]:
        """Places of windows that go into one call, those of like lengths together."""
        batch: list[int] = []
        for place in order:
            full = (len(batch) + 1) * len(windows[place]) > TOGETHER or len(batch) == MOST_TOGETHER
            if batch and (full or self._graph.dynamic):
                yield batch
                batch = []
            batch.append(place)
        if batch:
            yield batch


def _tokens(window: Window, hidden: Vectors, weight: float) -> Iterator[TokenVector]:
    for term, start, end, vector in zip(window.terms, window.starts, window.ends, hidden, strict=True):
        yield TokenVector(term, start, end, vector, weight)


def _shared(tokens: Sequence[Sequence[TokenVector]], share: float) -> Iterator[TokenVector]:
    """The tokens of windows whose vectors went into one vector with this weight."""
    for window in tokens:
        for each in window:
            yield TokenVector(each.term, each.start, each.end, each.vector, each.weight * share)
