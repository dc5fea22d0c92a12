"""What the files of an index of vectors must agree on."""

from pathlib import Path

import numpy as np

from indexer.errors import MismatchError
from indexer.storage.arrays import load_array
from indexer.types import Ordinals


def load_ordinals(path: Path, n_rows: int) -> Ordinals:
    """The ordinal of each row. Raises: CorruptError, MismatchError where it is not one for each row."""
    ordinals = load_array(path)
    if ordinals.shape != (n_rows,) or ordinals.dtype != np.int32:
        raise MismatchError(
            f"{path} should hold {n_rows} ordinals, one for each vector; found {ordinals.dtype} of shape "
            f"{ordinals.shape}: rebuild the index."
        )
    return ordinals


def check_dims(path: Path, found: int, dims: int) -> None:
    """Raises MismatchError where an index has not the dimensions of its encoder."""
    if found != dims:
        raise MismatchError(
            f"{path} holds vectors of {found} dimensions, its encoder gives {dims}: rebuild the index."
        )
