"""What a new generation changes against the published one: documents, vocabulary, and what is found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from indexer.build.sampling import SampleQuery
from indexer.build.trying import DEPTH, lexical_query, nearest
from indexer.database import Catalogue
from indexer.generation import Generation
from indexer.lexical import LexicalStore
from indexer.types import Progress

TERMS_AT_ONCE = 10_000
MOST_CHANGED = 5
"""Queries that are told, of those whose hits change most."""


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Documents that are there now and were not, the other way round, and those that are others now."""

    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class TermChanges:
    """Terms of a view, and how many of them are new; how many there were beside them."""

    terms: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A query, and the share of its first ten hits that stay. Range: 0 to 1."""

    q: str
    retriever: str
    overlap: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes since a generation. `vocabulary`: by view · `overlap`: by retriever, the mean share of the
    first ten hits that stay, over so many `queries` taken from documents · `most`: the queries that change
    most, the least overlap first."""

    since: str
    documents: DocumentChanges
    vocabulary: Mapping[str, TermChanges]
    queries: int
    overlap: Mapping[str, float]
    most: Sequence[QueryChange]


def changes(
    catalogue: Catalogue,
    former: Generation,
    new: Generation,
    queries: Sequence[SampleQuery],
    progress: Progress,
) -> Changes:
    """What publishing the new generation would change."""
    views = sorted({*former.lexical.views, *new.lexical.views})
    steps = len(views) + 2
    progress("compare", 0, steps)
    documents = _documents(catalogue, former, new)
    vocabulary = {}
    for done, view in enumerate(views, 1):
        progress("compare", done, steps)
        vocabulary[view] = _terms(_store(former), _store(new), view)
    progress("compare", steps - 1, steps)
    found = [each for query in queries for each in _overlaps(former, new, query.text)]
    progress("compare", steps, steps)
    by_retriever: dict[str, list[float]] = {}
    for each in found:
        by_retriever.setdefault(each.retriever, []).append(each.overlap)
    return Changes(
        since=former.name,
        documents=documents,
        vocabulary=vocabulary,
        queries=len(queries),
        overlap={name: round(mean(every), 4) for name, every in by_retriever.items()},
        most=sorted((each for each in found if each.overlap < 1), key=lambda each: each.overlap)[
            :MOST_CHANGED
        ],
    )


def _documents(catalogue: Catalogue, former: Generation, new: Generation) -> DocumentChanges:
    """Counted over what changed since, also after the new generation was read: that is not in it, and there a
    document is the same in both or only in one."""
    after, through = former.manifest.through_seq, new.manifest.through_seq
    added = removed = changed = 0
    with catalogue.documents.snapshot(new.manifest.index) as snapshot:
        for doc_id in snapshot.changed_ids(after, snapshot.seq):
            was, is_now = (each.lexical.ordinal(doc_id) is not None for each in (former, new))
            added += is_now and not was
            removed += was and not is_now
        for doc_id in snapshot.changed_ids(after, through):
            changed += all(each.lexical.ordinal(doc_id) is not None for each in (former, new))
    return DocumentChanges(added, removed, changed)


def _terms(former: LexicalStore, new: LexicalStore, view: str) -> TermChanges:
    """Both dictionaries are walked side by side."""
    before, after = _walk(former, view), _walk(new, view)
    old, term = next(before, None), next(after, None)
    terms = added = gone = 0
    while old is not None or term is not None:
        if term is None or (old is not None and old < term):
            gone += 1
            old = next(before, None)
            continue
        terms += 1
        if old == term:
            old = next(before, None)
        else:
            added += 1
        term = next(after, None)
    return TermChanges(terms, added, gone)


def _walk(store: LexicalStore, view: str) -> Iterator[str]:
    """All terms of a view, ascending; none where the store has not the view."""
    first = ""
    while view in store.views and (terms := store.terms_from(view, first, TERMS_AT_ONCE)):
        yield from terms
        first = terms[-1] + "\0"  # the least that comes after it


def _overlaps(former: Generation, new: Generation, text: str) -> Iterator[QueryChange]:
    pairs = {"bm25": (_by_words(former, text), _by_words(new, text))}
    for name in new.dense:
        if name in former.dense:
            pairs[name] = (_by_vectors(former, name, text), _by_vectors(new, name, text))
    for name, (before, after) in pairs.items():
        most = max(len(before), len(after))
        yield QueryChange(text, name, len(before & after) / most if most else 1.0)


def _by_words(generation: Generation, text: str) -> set[str]:
    terms = generation.analyzer.query_terms(text, generation.lexical.views)
    query = lexical_query(generation, "bm25", terms)
    return set(generation.lexical.doc_ids(generation.lexical.rank(query, DEPTH).ordinals.tolist()))


def _by_vectors(generation: Generation, encoder: str, text: str) -> set[str]:
    return set(generation.lexical.doc_ids(nearest(generation, encoder, text).ordinals.tolist()))


def _store(generation: Generation) -> LexicalStore:
    """The counts of a generation as it was opened: all in one segment."""
    [segment] = generation.lexical.segments
    return segment.store
