"""The recorder, built for this machine."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


def recorder(folder: Path) -> Path:
    """The library to preload; the test is skipped where it cannot be built."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler: the recorder of file operations cannot be built")
    library = folder / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def recorded(library: Path, root: Path, log: Path) -> Mapping[str, str]:
    """The environment of a process whose changes below `root` are recorded."""
    return {"LD_PRELOAD": str(library), "RECORD_ROOT": str(root), "RECORD_LOG": str(log)}
