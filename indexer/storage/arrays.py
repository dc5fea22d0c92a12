"""Arrays as .npy files: written through write(2), read memory-mapped, never pickled."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import CorruptError
from indexer.storage.files import write_file


def array_bytes(array: NDArray[Any]) -> memoryview:
    """The bytes of a contiguous array, not copied."""
    return array.reshape(-1).view(np.uint8).data


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Writes a .npy file, without a copy of the array in memory."""
    array = np.ascontiguousarray(array)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    write_file(path, [header.getvalue(), array_bytes(array)])


def load_array(path: Path) -> NDArray[Any]:
    """The array of a .npy file, memory-mapped. Raises: CorruptError."""
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise CorruptError(f"{path} cannot be read ({error}): restore or rebuild it.") from None
