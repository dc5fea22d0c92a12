"""The tables of `lexical.sqlite`; described for readers in docs/index-format.md.

BLOBs are little-endian uint32: lengths, ordinals, counts and term ids."""

import numpy as np
from numpy.typing import NDArray

FILE_NAME = "lexical.sqlite"

TABLES = """
CREATE TABLE columns(
    column_id INTEGER PRIMARY KEY,
    field TEXT NOT NULL,
    view TEXT NOT NULL,
    lengths BLOB NOT NULL            -- by ordinal
);
CREATE TABLE terms(
    term_id INTEGER PRIMARY KEY,
    column_id INTEGER NOT NULL REFERENCES columns,
    term TEXT NOT NULL,
    df INTEGER NOT NULL,
    cf INTEGER NOT NULL
);
CREATE TABLE postings(
    term_id INTEGER PRIMARY KEY REFERENCES terms,
    ordinals BLOB NOT NULL,          -- ascending
    counts BLOB NOT NULL
);
CREATE TABLE documents(
    ordinal INTEGER PRIMARY KEY,
    doc_id TEXT NOT NULL,
    term_ids BLOB NOT NULL,          -- the forward index
    counts BLOB NOT NULL
);
"""

# Made after the rows: sorting once is quicker than keeping a tree in order.
INDEXES = """
CREATE UNIQUE INDEX terms_by_name ON terms(column_id, term);
CREATE UNIQUE INDEX documents_by_id ON documents(doc_id);
"""

_STORED = np.dtype("<u4")


def pack(values: NDArray[np.integer] | list[int]) -> bytes:
    """The BLOB of non-negative integers below 2³²."""
    return np.asarray(values, dtype=_STORED).tobytes()


def unpack(blob: bytes) -> NDArray[np.int32]:
    """The integers of a BLOB; all that is stored stays below 2³¹."""
    return np.frombuffer(blob, dtype=_STORED).astype(np.int32)
