"""One query through every retriever of an index, each alone."""

from collections.abc import Sequence

from app.search.engines import Engine
from app.search.request import RetrieverSpec, SearchRequest
from app.search.retrievers import retriever_names
from app.search.searcher import SearchResult, make_retrievers, search
from indexer.database import Catalogue


def compare(
    catalogue: Catalogue,
    engine: Engine,
    text: str,
    limit: int,
    retrievers: Sequence[str | RetrieverSpec] | None = None,
) -> dict[str, SearchResult]:
    """The answer of each retriever, by name. Raises: as `search` of all of them together."""
    if retrievers is not None:
        make_retrievers(engine.generation, SearchRequest(q=text, retrievers=list(retrievers)))
    results: dict[str, SearchResult] = {}
    for each in retrievers if retrievers is not None else retriever_names(engine.generation):
        name = each if isinstance(each, str) else each.name or each.type or ""
        results[name] = search(catalogue, engine, SearchRequest(q=text, limit=limit, retrievers=[each]))
    return results
