"""Every kind of store of counts, made from documents whose terms stand between spaces."""

from itertools import pairwise

import numpy as np

from indexer.analysis import TokenColumns
from indexer.lexical import LexicalBuilder, MemoryLexical, SqliteLexical

FIELDS, VIEWS, WITH_POSITIONS = ["title", "text"], ["words", "bigrams"], ["words"]


def in_memory(documents, path):
    store = MemoryLexical(FIELDS, VIEWS, WITH_POSITIONS)
    for doc_id, body in documents:
        store.add(
            doc_id,
            {
                (view, field): [
                    (term, place) for place, term in enumerate(body.get((view, field), "").split())
                ]
                for view in VIEWS
                for field in FIELDS
            },
        )
    return store


def columns_of(bodies, vocabularies):
    """The tokens of a batch as the analysis gives them; new terms are numbered as they are met."""
    columns = {}
    for view in VIEWS:
        texts = [body.get((view, field), "").split() for body in bodies for field in FIELDS]
        numbers = vocabularies[view]
        terms = [numbers.setdefault(term, len(numbers)) for text in texts for term in text]
        positions = [place for text in texts for place in range(len(text))]
        begins = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        columns[view] = TokenColumns(np.array(terms, np.int32), np.array(positions, np.int32), begins)
    return columns


def write(documents, file, run_tokens=1_000_000, batch=3):
    """Builds `lexical.sqlite` of these documents."""
    builder = LexicalBuilder(file, FIELDS, VIEWS, WITH_POSITIONS, run_tokens)
    vocabularies: dict[str, dict[str, int]] = {view: {} for view in VIEWS}
    for first, last in pairwise([*range(0, len(documents), batch), len(documents)]):
        part = documents[first:last]
        builder.add([doc_id for doc_id, _ in part], columns_of([body for _, body in part], vocabularies))
    builder.finish({view: list(numbers) for view, numbers in vocabularies.items()})


def on_disk(documents, path, run_tokens=1_000_000):
    file = path / f"{len(list(path.iterdir()))}.sqlite"
    write(documents, file, run_tokens)
    return SqliteLexical(file)


def on_disk_in_small_runs(documents, path):
    return on_disk(documents, path, run_tokens=3)


STORES = {"memory": in_memory, "sqlite": on_disk, "sqlite, spilled": on_disk_in_small_runs}
