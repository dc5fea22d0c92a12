"""Documents are found by words at once, and by encoders that read texts as soon as these have read them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.search.engines import Engine, Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.generation import IndexFolder
from indexer.live import LiveIndex
from indexer.types import EncoderSettings, IndexSettings
from tests.indexer.encoders.bert.tiny import write_folder
from tests.library import new_catalogue, store

SECONDS = 30.0
"""Far more than is needed: a test that waits so long has failed."""
DOCUMENTS = [{"id": "a", "title": "ship", "text": "a bank 猫"}, {"id": "b", "title": "", "text": "狗"}]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Of one index with a Transformer, and with words and titles of their own weights."""
    model = {"model": str(write_folder(tmp_path / "model"))}
    encoders = {
        "bert": EncoderSettings(type="bert", options=model),
        "by_title": EncoderSettings(type="bert", options=model, fields={"title": 2, "text": 1}),
        "hashing": EncoderSettings(type="hashing", options={"dims": 8}),
    }
    with new_catalogue(tmp_path) as opened:
        store(opened, "news", DOCUMENTS, IndexSettings(encoders=encoders))
        build_generation(opened, tmp_path, "news")
        yield opened


@pytest.fixture
def live(catalogue: Catalogue, tmp_path: Path) -> LiveIndex:
    folder = IndexFolder(tmp_path, "news")
    return LiveIndex(folder.open()[0], folder.path)


def found(catalogue: Catalogue, engine: Engine, retriever: str) -> list[str]:
    request = SearchRequest(q="ship 船", retrievers=[retriever])
    return sorted(hit.id for hit in search(catalogue, engine, request).hits)


def test_words_at_once_and_what_reads_texts_when_it_has_read_them(catalogue, live, tmp_path):
    store(catalogue, "news", [{"id": "c", "title": "ship", "text": "船"}])
    assert live.refresh(catalogue)
    engine = Engine(live.current)
    assert (live.seq, live.encoded) == (3, 2)
    assert live.missing == ["Changed documents that `bert`, `by_title` must still read: 1."]
    assert found(catalogue, engine, "bm25") == ["a", "c"]
    assert "c" in found(catalogue, engine, "hashing")
    assert found(catalogue, engine, "bert") == found(catalogue, engine, "by_title") == ["a", "b"]

    assert live.encode()
    assert (live.encoded, live.missing) == (3, [])
    assert not live.encode()
    build_generation(catalogue, tmp_path, "news")
    rebuilt = IndexFolder(tmp_path, "news").open()[0]
    for name in ("bert", "by_title", "hashing"):
        request = SearchRequest(q="ship 船", retrievers=[name])
        hits = [search(catalogue, Engine(each), request).hits for each in (live.current, rebuilt)]
        assert hits[0] == hits[1]


def test_a_segment_that_is_made_anew_is_read_anew(catalogue, live):
    store(catalogue, "news", [{"id": "c", "title": "ship"}])
    live.refresh(catalogue)
    store(catalogue, "news", [{"id": "c", "title": "船"}, {"id": "d", "title": "bank"}])
    assert live.encode(unwanted=lambda: live.refresh(catalogue) and False)
    assert (live.seq, live.encoded) == (5, 2)
    assert live.encode()
    assert live.encoded == 5
    assert found(catalogue, Engine(live.current), "bert") == ["a", "b", "c", "d"]


def test_what_is_unwanted_is_left(catalogue, live):
    store(catalogue, "news", [{"id": "c", "title": "ship"}])
    live.refresh(catalogue)
    assert live.encode(unwanted=lambda: True)
    assert live.encoded == 2


def test_the_service_encodes_by_itself_and_says_when_it_has(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    engines.start()
    try:
        engines.get("news")
        store(
            catalogue, "news", [{"id": f"n{number:02d}", "title": "船 " * number} for number in range(1, 41)]
        )
        engines.written("news")
        assert engines.wait("news", 42, SECONDS)
        engine = engines.get("news")
        assert engine.faults == ()
        assert engine.generation.dense["bert"].vectors.vector(41).any()
    finally:
        engines.stop()


def test_without_a_watch_an_answer_waits_for_the_encoders(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    store(catalogue, "news", [{"id": "c", "title": "ship"}])
    assert found(catalogue, engines.get("news"), "bert") == ["a", "b", "c"]
