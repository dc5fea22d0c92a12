"""One search, from request to answer: list the hits, take a page, fetch, explain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.search.answer import Hit, SearchResult, Stopwatch
from app.search.engines import Engine
from app.search.explanation import MOST_IN_FULL, explain_hits
from app.search.highlights.highlight import Highlight, highlights
from app.search.highlights.sought import Sought
from app.search.listing import Listing, list_hits, question_of
from app.search.pages import Pages
from app.search.ranker import Ranker
from app.search.request import SearchRequest
from app.search.retrieval.retrievers import Retriever
from app.search.suggestion import suggestion
from indexer.database import Catalogue
from indexer.errors import InputError, UnknownNameError
from indexer.types import Document, FieldValue


def search(
    catalogue: Catalogue, engine: Engine, request: SearchRequest, pages: Pages | None = None
) -> SearchResult:
    """The hits of a page; where `pages` are kept, with a cursor to the next one.

    Ties: smaller `doc_id` by its UTF-8 bytes. Raises: InputError and its kinds, with a pointer; GoneError."""
    watch = Stopwatch()
    _check_fields(catalogue, engine.generation.manifest.index, request.fields or ())
    listing = list_hits(catalogue, engine, request, watch)
    suggested = suggestion(engine.generation, request)
    watch.lap("suggest")
    found = _page(catalogue, listing, request.offset, request.limit, pages, watch)
    return replace(found, suggestion=suggested)


def next_page(catalogue: Catalogue, index: str, request: SearchRequest, pages: Pages) -> SearchResult:
    """The page that the cursor of a request asks for: of the list that its first page was cut from.

    Raises: InputError where it is no cursor, or where the request says more; GoneError."""
    for name in request.model_fields_set - {"cursor", "limit"}:
        raise InputError(
            f"A cursor stands for the whole search: leave `{name}` out; only `limit` may be given with it.",
            pointer=f"/{name}",
            code="cursor_with_more",
        )
    listing, offset = pages.find(request.cursor or "", index)
    limit = request.limit if "limit" in request.model_fields_set else listing.request.limit
    return _page(catalogue, listing, offset, limit, pages, Stopwatch())


def served_ids(catalogue: Catalogue, engine: Engine, request: SearchRequest) -> list[str]:
    """The keys of the hits of a request, in the order that `search` serves them. Raises: as `search`."""
    listing = list_hits(catalogue, engine, request, Stopwatch())
    return listing.doc_ids(slice(request.offset, request.offset + request.limit))


def _page(
    catalogue: Catalogue, listing: Listing, offset: int, limit: int, pages: Pages | None, watch: Stopwatch
) -> SearchResult:
    page = slice(offset, offset + limit)
    request, fused = listing.request, listing.fused
    ids = listing.doc_ids(page)
    documents = catalogue.documents.get_many(listing.index, ids)
    watch.lap("fetch")
    retrievers = _bound(listing)
    stored = [documents.get(each) for each in ids]
    parts = explain_hits(fused, page, retrievers, stored, request.explain)
    watch.lap("explain")
    shown = _highlights(listing, retrievers, page, stored)
    watch.lap("highlight")
    hits = [
        Hit(
            id=doc_id,
            rank=place + 1,
            score=fused.value(fused.scores[place]),
            document=_chosen(documents.get(doc_id), request.fields),
            parts=each,
            highlights=highlighted,
            group=None if listing.groups is None else listing.groups[place],
        )
        for place, (doc_id, each, highlighted) in enumerate(zip(ids, parts, shown, strict=True), offset)
    ]
    cursor, warnings = None, list(listing.warnings)
    if request.explain == "full" and len(hits) > MOST_IN_FULL:
        warnings.append(
            f"The terms of the first {MOST_IN_FULL} hits of the page are told; of the others, the lists."
        )
    if pages is not None and hits and page.stop < len(fused.ordinals):
        cursor = pages.cursor(listing, page.stop)
        if cursor is None:
            warnings.append("The list is too long to be kept for a cursor: go on by `offset`, or narrow it.")
    return SearchResult(
        hits=hits,
        total=listing.total,
        generation=listing.engine.generation.name,
        profile=str(listing.profile),
        fingerprint=listing.fingerprint,
        exact=listing.exact,
        degraded=listing.engine.generation.degraded,
        expansion=listing.expansion,
        facets=listing.facets,
        cursor=cursor,
        warnings=warnings,
        timings_ms=watch.stages,
    )


def _bound(listing: Listing) -> Sequence[Retriever]:
    """The retrievers of a list, made anew where it does not hold them and they are asked something."""
    if listing.ranker is not None:
        return listing.ranker.retrievers
    if listing.request.explain != "full" and not listing.request.highlight:
        return ()
    generation = listing.engine.generation
    question = listing.question or question_of(generation, listing.request)
    return Ranker(generation, listing.request, question, listing.engine.models).retrievers


def _highlights(
    listing: Listing, retrievers: Sequence[Retriever], page: slice, documents: Sequence[Document | None]
) -> list[Mapping[str, Highlight] | None]:
    """Where each hit of a page answers the query; None where nobody asked, or the document was removed."""
    if not listing.request.highlight:
        return [None] * len(documents)
    fused = listing.fused.at(page)
    sought = Sought(listing.engine.generation, retrievers)
    shown: list[Mapping[str, Highlight] | None] = []
    for place, (ordinal, document) in enumerate(zip(fused.ordinals.tolist(), documents, strict=True)):
        found_by = [name for name, part in fused.parts.items() if part.ranks[place]]
        shown.append(
            None
            if document is None
            else highlights(sought, document, ordinal, found_by, listing.request.highlight)
        )
    return shown


def _check_fields(catalogue: Catalogue, index: str, names: Sequence[str]) -> None:
    known = catalogue.indexes.get(index).settings.fields if names else {}
    for number, name in enumerate(names):
        if name not in known:
            raise UnknownNameError("field", name, known, pointer=f"/fields/{number}")


def _chosen(document: Document | None, fields: Sequence[str] | None) -> Mapping[str, FieldValue] | None:
    if document is None or fields is None:
        return None if document is None else document.fields
    return {name: value for name, value in document.fields.items() if name in fields}
