"""How hot loops are compiled: once a machine, kept in a private folder, run without the interpreter lock."""

import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

Int = int | np.signedinteger[Any]
"""A whole number in compiled code, where Python's and numpy's are one type."""

P = ParamSpec("P")
T = TypeVar("T")


def cache_folder() -> Path:
    """Where compiled code is kept: `TEXTPRISM_CACHE_DIR`, else the user's cache folder."""
    given = os.environ.get("TEXTPRISM_CACHE_DIR")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "textprism"


def _private(folder: Path) -> bool:
    """Whether the folder is there, ours, and closed to everybody else: what lies in it is run as code."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _sources() -> str:
    """What tells one state of this package's sources from another.

    numba sees when the file of a function changes, but not when a function that it calls does."""
    package = Path(__file__).parent
    found = sorted(
        (str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in package.rglob("*.py")
    )
    return sha256(repr(found).encode()).hexdigest()[:16]


_FOLDER = cache_folder() / "compiled" / _sources()
_KEPT = _private(_FOLDER)
if _KEPT:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]  # set when numba is imported


def is_cold() -> bool:
    """Whether nothing of this state of the code was compiled on this machine yet."""
    return not (_KEPT and any(_FOLDER.iterdir()))


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """The function as machine code, made at its first call with each set of types.

    It is kept on disk for later processes where a private folder can be had, else made anew by each."""
    return cast("Callable[P, T]", numba.njit(cache=_KEPT, nogil=True)(function))


def compiled_loosely(function: Callable[P, T]) -> Callable[P, T]:
    """The same, where the compiler may take sums of floating point in the order that is fastest, which is one
    and the same on one machine, and where dividing by zero gives infinity: looking for it in a loop keeps the
    compiler from taking several numbers at once."""
    return cast(
        "Callable[P, T]",
        numba.njit(cache=_KEPT, nogil=True, fastmath=True, error_model="numpy")(function),
    )
