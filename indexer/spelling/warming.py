"""Loads or makes the compiled code that a correction needs, so that no request waits for it."""

from functools import cache

from indexer.spelling.distances import Scan


@cache
def warm() -> None:
    """Nothing; afterwards this process compares words without compiling. The first time takes long."""
    Scan(["word"]).near("wrod", 2)
