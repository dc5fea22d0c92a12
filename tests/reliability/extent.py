"""How much is tried, and where the figures go."""

import os

LONG = "TEXTPRISM_LONG_RELIABILITY"


def extent(short: int, long: int) -> int:
    """How many points are tried: of the short form, or of the long one."""
    return long if os.environ.get(LONG) else short


def tell(figures: str) -> None:
    """Prints the figures of a run; they are seen where pytest lets them through."""
    print(f"\n{figures}", flush=True)  # noqa: T201
