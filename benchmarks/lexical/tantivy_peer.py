"""Tantivy: Rust, one segment, block-max WAND; BM25 with k1 = 1.2 and b = 0.75 is all it has."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import tantivy

from benchmarks.lexical.base import Hits, PythonEngine

_FIELD = "text"
_HEAP_BYTES = 3_500_000_000  # no flush before the end, hence one segment with documents in their order


class Engine(PythonEngine):
    """Whitespace tokens with frequencies, without positions."""

    def __init__(self, _tools: Path) -> None:
        """Every engine is given a folder for tools; this one needs none."""
        builder = tantivy.SchemaBuilder()
        builder.add_text_field(_FIELD, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._searcher: tantivy.Searcher | None = None

    def version(self) -> str:
        """The version of the binding, which follows the library's."""
        return f"tantivy {version('tantivy')}"

    def build(self, documents: Path, folder: Path) -> None:
        """Nothing; the folder holds the index."""
        writer = tantivy.Index(self._schema, path=str(folder)).writer(_HEAP_BYTES, num_threads=1)
        with documents.open(encoding="ascii") as lines:
            for line in lines:
                document = tantivy.Document()
                document.add_text(_FIELD, line)
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        """Nothing; the index is open."""
        searcher = tantivy.Index.open(str(folder)).searcher()
        assert searcher.num_segments == 1, "documents are numbered within a segment"
        self._searcher = searcher

    def answer(self, terms: Sequence[str], k: int) -> tantivy.SearchResult:
        """Addresses of documents. The matches are not counted, which would rule out skipping."""
        assert self._searcher is not None, "opened before it is asked"
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, _FIELD, term, "freq"))
                for term in terms
            ]
        )
        return self._searcher.search(query, limit=k, count=False)

    def hits(self, answer: tantivy.SearchResult) -> Hits:
        """Lines are places in the one segment."""
        return [(address.doc, float(score)) for score, address in answer.hits]
