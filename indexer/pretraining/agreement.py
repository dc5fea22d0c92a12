"""Whether a graph answers as the model that it was made of, tried at several shapes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from indexer.errors import BadFileError

TOLERANCE = 1e-4
"""The largest difference of a float graph, as a share of the largest value."""
LEAST_COSINE = 0.95
"""Of the outputs of an int8 graph with those of the float one."""

Inputs = Mapping[str, NDArray[Any]]


def examples(names: Sequence[str], vocabulary: int, longest: int) -> Iterator[Inputs]:
    """Inputs of several batches and lengths, of random pieces; the last row of each is half as long."""
    rng = np.random.default_rng(0)
    for batch, length in ((1, 2), (1, min(17, longest)), (4, min(33, longest)), (2, longest)):
        ids = rng.integers(vocabulary, size=(batch, length), dtype=np.int64)
        attention = np.ones_like(ids)
        attention[-1, (length + 1) // 2 :] = 0
        types = (np.arange(length) > length // 3) * attention
        given = {"input_ids": ids, "attention_mask": attention, "token_type_ids": types}
        yield {name: given[name] for name in names}


def check_graph(
    path: Path,
    model: nn.Module,
    outputs: Sequence[str],
    tried: Iterable[Inputs],
    tolerance: float = TOLERANCE,
) -> float:
    """The largest difference between graph and model. Raises: BadFileError where it is too large."""
    asked = session(path)
    worst = 0.0
    for inputs in tried:
        with torch.no_grad():
            wanted = model(**{name: torch.from_numpy(value) for name, value in inputs.items()})
        found = asked.run(list(outputs), dict(inputs))
        for name, one, other in zip(outputs, wanted, found, strict=True):
            values = one.numpy()
            shape = next(iter(inputs.values())).shape
            if values.shape != other.shape:
                raise BadFileError(
                    f"{path}: `{name}` is {other.shape} for {shape}, the model gives {values.shape}."
                )
            far = float(np.abs(values - other).max() / max(1.0, np.abs(values).max()))
            if not far <= tolerance:
                raise BadFileError(
                    f"{path}: `{name}` differs from the model by {far:.1e} for inputs of {shape}."
                )
            worst = max(worst, far)
    return worst


def check_int8(path: Path, exact: Path, outputs: Sequence[str], tried: Iterable[Inputs]) -> float:
    """The least cosine of what both graphs answer. Raises: BadFileError where it is too small."""
    rounded, full = session(path), session(exact)
    least = 1.0
    for inputs in tried:
        pairs = zip(
            rounded.run(list(outputs), dict(inputs)), full.run(list(outputs), dict(inputs)), strict=True
        )
        for one, other in pairs:
            least = min(least, float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other))))
    if not least >= LEAST_COSINE:
        raise BadFileError(f"{path}: int8 changes the answers too much, cosine {least:.3f}: do without int8.")
    return least


def session(path: Path) -> onnxruntime.InferenceSession:
    """A graph, ready to be asked, with one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors alone
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
