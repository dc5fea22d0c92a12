"""Graphs in ONNX and what comes out of them, through onnxruntime by one thread on the processor."""

import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from indexer.encoders.bert.folder import bad_folder
from indexer.types import Vectors

Ids = NDArray[np.int64]  # (n, length)

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
NEEDED = INPUTS[:2]
HIDDEN = ("last_hidden_state", "token_embeddings")

FAULTS = (
    faults.Fail,
    faults.InvalidArgument,
    faults.InvalidGraph,
    faults.InvalidProtobuf,
    faults.NoSuchFile,
    faults.NotImplemented,
    faults.RuntimeException,
)
"""What onnxruntime raises; its classes have no base of their own."""


class Graph:
    """A graph of a model folder. Safe for any number of threads.

    dynamic: its numbers are quantised as they come, so that an answer depends on what else is in a call.
    Raises: InputError (`bad_model_folder`) where it is none, or has not the inputs and outputs wanted."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path
        self.dynamic = _holds(path, b"DynamicQuantizeLinear")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is raised
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        except FAULTS as error:
            raise self._bad(f"is no graph that can be run ({error!s:.300})") from None
        self._inputs = [each.name for each in self._session.get_inputs()]
        self.outputs: Mapping[str, Sequence[Any]] = {
            each.name: each.shape for each in self._session.get_outputs()
        }
        unknown = sorted({*self._inputs} - {*INPUTS})
        missing = [name for name in NEEDED if name not in self._inputs]
        if unknown or missing:
            raise self._bad(
                f"wants the inputs {', '.join(self._inputs) or 'none'}; wanted are {' and '.join(NEEDED)}, "
                f"and `{INPUTS[2]}` where the model has it"
            )

    def output(self, names: Sequence[str]) -> str:
        """The first of these outputs that there is. Raises: InputError where there is none."""
        for name in names:
            if name in self.outputs:
                return name
        raise self._bad(f"gives {', '.join(self.outputs)}; wanted is {' or '.join(names)}")

    def run(self, names: Sequence[str], ids: Ids, mask: Ids, types: Ids | None = None) -> list[Vectors]:
        """These outputs. types: 0 everywhere where None. Shapes: (n, length).

        Raises: InputError where it cannot be run, or something in an output is no finite number."""
        given = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            given["token_type_ids"] = np.zeros_like(ids) if types is None else types
        try:
            found: list[Vectors] = self._session.run(list(names), given)
        except FAULTS as error:
            raise self._bad(f"cannot be run ({error!s:.300})") from None
        for name, each in zip(names, found, strict=True):
            if not np.isfinite(each).all():
                raise self._bad(f"gives numbers in `{name}` that are not finite, as weights with NaN do")
        return found

    def _bad(self, fault: str) -> Exception:
        return bad_folder(self._folder, f"`{self._path.name}` {fault}")


def _holds(path: Path, name: bytes) -> bool:
    """Whether a name stands in the file, which is mapped, not read."""
    with open(path, "rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(name) >= 0
        except ValueError:  # an empty file
            return False
