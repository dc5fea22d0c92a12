"""The graph of a Transformer: tokens in, what its layers and heads make of them out."""

import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.graphs import OnnxGraph
from indexer.types import Vectors

Ids = NDArray[np.int64]  # (n, length)

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
NEEDED = INPUTS[:2]
HIDDEN = ("last_hidden_state", "token_embeddings")


class Graph(OnnxGraph):
    """A graph of a model folder. Safe for any number of threads.

    dynamic: its numbers are quantised as they come, so that an answer depends on what else is in a call.
    Raises: InputError (`bad_model_folder`) where it is none, or has not the inputs and outputs wanted."""

    def __init__(self, folder: Path, path: Path) -> None:
        super().__init__(folder, path)
        self.dynamic = _holds(path, b"DynamicQuantizeLinear")
        unknown = sorted({*self.inputs} - {*INPUTS})
        missing = [name for name in NEEDED if name not in self.inputs]
        if unknown or missing:
            raise self.bad(
                f"wants the inputs {', '.join(self.inputs) or 'none'}; wanted are {' and '.join(NEEDED)}, "
                f"and `{INPUTS[2]}` where the model has it"
            )

    def run(self, names: Sequence[str], ids: Ids, mask: Ids, types: Ids | None = None) -> list[Vectors]:
        """These outputs. types: 0 everywhere where None. Shapes: (n, length).

        Raises: InputError where it cannot be run, or something in an output is no finite number."""
        given = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self.inputs:
            given["token_type_ids"] = np.zeros_like(ids) if types is None else types
        return self.answers(names, given)


def _holds(path: Path, name: bytes) -> bool:
    """Whether a name stands in the file, which is mapped, not read."""
    with open(path, "rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(name) >= 0
        except ValueError:  # an empty file
            return False
