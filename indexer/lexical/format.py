"""The tables of `lexical.sqlite`; described for readers in docs/index-format.md."""

FILE_NAME = "lexical.sqlite"

POSITIONED_VIEWS = ("words", "characters")
"""The views in which it is worth to know where terms stand: single characters, and words of letters."""

TABLES = """
CREATE TABLE views(
    view_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    positions INTEGER NOT NULL       -- 1: it is kept where terms stand
);
CREATE TABLE fields(
    field_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE TABLE lengths(
    view_id INTEGER NOT NULL REFERENCES views,
    field_id INTEGER NOT NULL REFERENCES fields,
    lengths BLOB NOT NULL,           -- packed, by ordinal
    PRIMARY KEY (view_id, field_id)
) WITHOUT ROWID;
CREATE TABLE terms(
    page_id INTEGER PRIMARY KEY,     -- ascends with (view_id, first_term)
    view_id INTEGER NOT NULL REFERENCES views,
    first_term TEXT NOT NULL,
    terms TEXT NOT NULL,             -- JSON, ascending by UTF-8 bytes
    df BLOB NOT NULL,                -- packed, by term
    cf BLOB NOT NULL,                -- packed, by term
    ordinals BLOB NOT NULL,          -- by term, packed: the first, then the steps to the next less 1
    counts BLOB NOT NULL,            -- by term, packed, by field: in all fields less 1; in field 1 …
    positions BLOB                   -- by term, packed, by posting, then field: the first, then the steps
);
CREATE TABLE documents(
    first_ordinal INTEGER PRIMARY KEY,
    doc_ids TEXT NOT NULL            -- JSON, ascending by UTF-8 bytes
);
"""

# Made after the rows: sorting once is quicker than keeping a tree in order.
INDEXES = "CREATE UNIQUE INDEX terms_by_name ON terms(view_id, first_term);"

PAGE_DOCUMENTS = 128
PAGE_TERMS = 256
PAGE_POSTINGS = 16_384
"""What a row holds at most, but for a single term that has more postings."""
