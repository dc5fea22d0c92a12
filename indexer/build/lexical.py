"""The first pass over the documents: analysed once, counted, their words put aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from indexer.analysis import fold, view
from indexer.build.spool import WordSpool
from indexer.lexical import FILE_NAME, Column, LexicalBuilder
from indexer.types import Document, IndexSettings, Progress

REPORT_EVERY = 500  # documents


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents there were, and a hash over all of them."""

    documents: int
    corpus_hash: str


def build_lexical(
    documents: Iterable[Document],
    total: int,
    settings: IndexSettings,
    folder: Path,
    spool: WordSpool,
    progress: Progress,
) -> Counted:
    """Writes `lexical.sqlite` and fills the spool; documents come in ascending order of their key."""
    fields = settings.text_fields
    views = {name: view(name) for name in settings.views}
    words = view("words")
    builder = LexicalBuilder(folder / FILE_NAME, [Column(f, v) for f in fields for v in views])
    digest = sha256()
    done = 0
    try:
        for document in documents:
            analysed: dict[Column, list[str]] = {}
            sentences: list[list[str]] = []
            for field in fields:
                folded = fold(document.text(field))
                for name, analyse in views.items():
                    analysed[Column(field, name)] = analyse(folded).terms
                spoken = analysed.get(Column(field, "words"))
                sentences.append(words(folded).terms if spoken is None else spoken)
            builder.add(document.doc_id, analysed)
            spool.add(sentences)
            digest.update(orjson.dumps([document.doc_id, document.fields], option=orjson.OPT_SORT_KEYS))
            done += 1
            if done % REPORT_EVERY == 0:
                progress("analyse", done, total)
        progress("analyse", done, total)
        spool.finish()
        builder.finish(progress)
    finally:
        builder.close()
    return Counted(done, f"sha256:{digest.hexdigest()}")
