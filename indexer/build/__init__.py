"""A full rebuild: the documents of the catalogue become a new generation, published when it is whole."""

from indexer.build.job import BuildReport, build_generation
from indexer.build.settings import check_settings

__all__ = ["BuildReport", "build_generation", "check_settings"]
