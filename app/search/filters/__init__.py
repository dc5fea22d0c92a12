"""The filter language: text and JSON to one tree, and back to text. What it means is in docs/filters.md."""

from app.search.filters.clauses import parse_filter
from app.search.filters.rendering import render

__all__ = ["parse_filter", "render"]
