"""Generations: immutable builds of an index, opened as a whole or refused by name."""

from indexer.generation.folder import REMOVED, IndexFolder
from indexer.generation.generation import Dense, Generation, lay_out
from indexer.generation.manifest import (
    FORMAT,
    EncoderEntry,
    Manifest,
    damaged_files,
    read_manifest,
    write_manifest,
)

__all__ = [
    "FORMAT",
    "REMOVED",
    "Dense",
    "EncoderEntry",
    "Generation",
    "IndexFolder",
    "Manifest",
    "damaged_files",
    "lay_out",
    "read_manifest",
    "write_manifest",
]
