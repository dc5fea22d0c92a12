"""The network behind its graph: many texts at once, or one word after the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.graphs import OnnxGraph
from indexer.encoders.rnn.folder import Config
from indexer.types import Vectors

TOGETHER = 16_384
"""Words in one call, padding included, and below it as many texts as fit."""
MOST_TOGETHER = 64


class Network:
    """The graph of an RNN. Safe for any number of threads.

    Alone and in a batch a text gets the same numbers to 1e-5, whatever stands beside it."""

    def __init__(self, folder: Path, path: Path, config: Config) -> None:
        """Raises: InputError (`bad_model_folder`) where the graph is not one of this network."""
        self.config = config
        self._graph = OnnxGraph(folder, path)
        wanted = [f"hidden_states.{config.layers}", "tokens", "vector", "final_state"]
        wanted += ["weights"] if config.splits else []
        wanted += ["next_logits"] if config.speaks else []
        wanted += ["output"] if config.outputs else []
        for name in wanted:
            self._graph.output([name])
        vector, tokens, _ = self.read_one([config.begin], ["vector", "tokens", "hidden_states.0"])
        if vector.shape != (1, config.dims) or tokens.shape != (1, 1, config.dims):
            raise self._graph.bad(f"gives vectors of shape {vector.shape}, wanted is (1, {config.dims})")

    def read_one(
        self, ids: Sequence[int], names: Sequence[str], state: Vectors | None = None
    ) -> list[Vectors]:
        """These outputs for one text, or for what comes next where a state is given."""
        return self.step(np.array([ids], np.int64), names, state)

    def step(
        self, ids: NDArray[np.int64], names: Sequence[str], state: Vectors | None = None
    ) -> list[Vectors]:
        """These outputs for texts of one length. Shapes: ids (n, length), state (n_states, n, hidden)."""
        return self._run(ids, np.full(len(ids), ids.shape[1], np.int32), names, state)

    def batches(
        self, texts: Sequence[Sequence[int]], names: Sequence[str]
    ) -> Iterator[tuple[list[int], NDArray[np.int32], list[Vectors]]]:
        """These outputs for all texts, those of like lengths together, in any order: the places of some,
        how long each is, and what comes out, with nothing of use behind a text."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for places in _together(texts, order):
            lengths = np.array([len(texts[place]) for place in places], np.int32)
            ids = np.zeros((len(places), lengths[-1]), np.int64)
            for row, place in enumerate(places):
                ids[row, : lengths[row]] = texts[place]
            yield places, lengths, self._run(ids, lengths, names, None)

    def read(
        self, texts: Sequence[Sequence[int]], names: Sequence[str]
    ) -> Iterator[tuple[int, list[Vectors]]]:
        """The same text by text: its place, and of what there is for each word as much as the text has."""
        for places, lengths, found in self.batches(texts, names):
            for row, place in enumerate(places):
                yield (
                    place,
                    [
                        each[row, : lengths[row]] if self._by_word(name) else each[row]
                        for name, each in zip(names, found, strict=True)
                    ],
                )

    def _by_word(self, name: str) -> bool:
        if name == "output":
            return self.config.each_word
        return name in ("tokens", "weights") or name.startswith("hidden_states.")

    def _run(
        self, ids: NDArray[np.int64], lengths: NDArray[np.int32], names: Sequence[str], state: Vectors | None
    ) -> list[Vectors]:
        if state is None:
            state = np.zeros((self.config.n_states, len(ids), self.config.hidden), np.float32)
        return self._graph.answers(names, {"ids": ids, "lengths": lengths, "state": state})


def _together(texts: Sequence[Sequence[int]], order: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts that go into one call, those of like lengths together."""
    batch: list[int] = []
    for place in order:
        if batch and ((len(batch) + 1) * len(texts[place]) > TOGETHER or len(batch) == MOST_TOGETHER):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
