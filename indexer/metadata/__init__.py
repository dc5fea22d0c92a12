"""The metadata of documents as columns: filters, facets, order and groups by values."""

from indexer.metadata.builder import PathBuilder, write_metadata
from indexer.metadata.checking import faults
from indexer.metadata.dates import instant
from indexer.metadata.fields import Facet, FieldValues, Statistics
from indexer.metadata.format import FOLDER
from indexer.metadata.merging import merged_metadata
from indexer.metadata.metadata import Metadata
from indexer.metadata.values import Kind, Value

__all__ = [
    "FOLDER",
    "Facet",
    "FieldValues",
    "Kind",
    "Metadata",
    "PathBuilder",
    "Statistics",
    "Value",
    "faults",
    "instant",
    "merged_metadata",
    "write_metadata",
]
