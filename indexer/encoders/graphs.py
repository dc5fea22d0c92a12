"""Graphs in ONNX and what comes out of them, through onnxruntime by one thread on the processor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from indexer.encoders.modelfiles import bad_folder
from indexer.errors import InputError
from indexer.types import Vectors

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


class OnnxGraph:
    """A graph of a model folder. Safe for any number of threads.

    Raises: InputError (`bad_model_folder`) where it is none."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is raised
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        except FAULTS as error:
            raise self.bad(f"is no graph that can be run ({error!s:.300})") from None
        self._run_options = onnxruntime.RunOptions()
        self._run_options.log_severity_level = 4
        self._run_options.only_execute_path_to_fetches = True
        self.inputs: Mapping[str, Sequence[Any]] = {
            each.name: each.shape for each in self._session.get_inputs()
        }
        self.outputs: Mapping[str, Sequence[Any]] = {
            each.name: each.shape for each in self._session.get_outputs()
        }

    def output(self, names: Sequence[str]) -> str:
        """The first of these outputs that there is. Raises: InputError where there is none."""
        for name in names:
            if name in self.outputs:
                return name
        raise self.bad(f"gives {', '.join(self.outputs)}; wanted is {' or '.join(names)}")

    def answers(self, names: Sequence[str], given: Mapping[str, NDArray[Any]]) -> list[Vectors]:
        """These outputs, and nothing is computed that they do not need.

        Raises: InputError where it cannot be run, or something in an output is no finite number."""
        try:
            found: list[Vectors] = self._session.run(list(names), dict(given), self._run_options)
        except FAULTS as error:
            raise self.bad(f"cannot be run ({error!s:.300})") from None
        for name, each in zip(names, found, strict=True):
            if not np.isfinite(each).all():
                raise self.bad(f"gives numbers in `{name}` that are not finite, as weights with NaN do")
        return found

    def bad(self, fault: str) -> InputError:
        """The error of a graph that does not do what is wanted of it."""
        return bad_folder(self._folder, f"`{self._path.name}` {fault}")
