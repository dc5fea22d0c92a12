"""Text in, indexes and vectors out: the library and the batch job of TextPrism."""

__version__ = "0.1.0"
