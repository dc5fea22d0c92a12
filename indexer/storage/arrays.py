"""Arrays as .npy files: written through write(2), read memory-mapped, never pickled."""

import io
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import CorruptError
from indexer.storage.files import sync, write_file


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
    except (OSError, ValueError, TypeError, OverflowError, EOFError, SyntaxError, TokenError) as error:
        raise CorruptError(f"{path} cannot be read ({error}): restore or rebuild it.") from None


class ArrayFile:
    """A .npy file that grows row by row; `close` says how many there are and makes it durable."""

    _HEADER = 256  # bytes; room for any shape, so that the header can be written last

    def __init__(self, path: Path, dtype: Any, row: tuple[int, ...] = ()) -> None:
        self._dtype = np.dtype(dtype)
        self._row = row
        self._rows = 0
        self._file = open(path, "wb")  # noqa: SIM115  closed by close
        self._file.seek(self._HEADER)

    def append(self, rows: NDArray[Any]) -> None:
        """Adds rows, (n, *row)."""
        self._file.write(array_bytes(np.ascontiguousarray(rows, self._dtype)))
        self._rows += len(rows)

    def close(self) -> None:
        """Ends the file."""
        described = {"descr": self._dtype.str, "fortran_order": False, "shape": (self._rows, *self._row)}
        text = repr(described).encode("latin1")
        magic = b"\x93NUMPY\x01\x00" + (self._HEADER - 10).to_bytes(2, "little")
        self._file.seek(0)
        self._file.write(magic + text.ljust(self._HEADER - 11) + b"\n")
        self._file.flush()
        sync(self._file.fileno())
        self._file.close()
