"""Libraries that tell of every step on standard error, made to keep still."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import transformers

_LOGS = ("torch.onnx", "onnxscript", "onnx_ir", "root")


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings, log lines and bars of transformers and of the exporter; errors are raised as ever."""
    logs = [logging.getLogger(name) for name in _LOGS]
    levels = [log.level for log in logs]
    transformer: Any = transformers.logging  # whose functions have no types
    told = transformer.get_verbosity()
    try:
        for log in logs:
            log.setLevel(logging.ERROR)
        transformer.set_verbosity_error()
        transformer.disable_progress_bar()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformer.enable_progress_bar()
        transformer.set_verbosity(told)
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
