"""Documents are searched as soon as they are stored: what changed since the generation was built stands
beside it in small segments, and both are read as one index."""

from indexer.live.empty import empty_generation
from indexer.live.index import LiveIndex

__all__ = ["LiveIndex", "empty_generation"]
