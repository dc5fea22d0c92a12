"""What is open is kept up to date by itself, whoever writes or publishes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.search.engines import Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import MissingError
from indexer.types import IndexSettings
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

SECONDS = 30.0
"""Far more than is needed: a test that waits so long has failed."""


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with new_catalogue(tmp_path) as opened:
        store(opened, "pets", CATS_AND_DOGS)
        build_generation(opened, tmp_path, "pets")
        yield opened


@contextmanager
def watched(catalogue: Catalogue, folder: Path) -> Iterator[Engines]:
    engines = Engines(catalogue, folder)
    engines.start()
    try:
        yield engines
    finally:
        engines.stop()


def found(catalogue: Catalogue, engines: Engines, query: str) -> set[str]:
    request = SearchRequest(q=query, retrievers=["bm25"])
    return {hit.id for hit in search(catalogue, engines.get("pets"), request).hits}


def test_what_another_process_writes_is_found_without_a_word(catalogue, tmp_path):
    with watched(catalogue, tmp_path) as engines, Catalogue.open(tmp_path) as other:
        assert found(catalogue, engines, "parrot") == set()
        store(other, "pets", [{"id": "4", "text": "a parrot"}])
        assert engines.wait("pets", 4, SECONDS)
        assert found(catalogue, engines, "parrot") == {"4"}
        other.documents.delete("pets", ["4", "1"])
        assert engines.wait("pets", 6, SECONDS)
        assert found(catalogue, engines, "parrot 猫") == set()


def test_an_index_that_nobody_searched_is_opened_when_it_is_written_to(catalogue, tmp_path):
    with watched(catalogue, tmp_path) as engines:
        assert engines.searched("pets") == -1
        store(catalogue, "pets", [{"id": "4", "text": "a parrot"}])
        engines.written("pets")
        assert engines.wait("pets", 4, SECONDS)


def test_an_index_that_is_removed_is_served_no_more(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    with pytest.raises(MissingError):
        engines.get("nothing")


def test_changes_that_are_not_there_in_time_are_not_waited_for(catalogue, tmp_path):
    with watched(catalogue, tmp_path) as engines:
        engines.get("pets")
        assert not engines.wait("pets", 99, 0.01)


def test_before_the_first_build_settings_count_at_once(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    store(catalogue, "own", [{"id": "1", "text": "机器学习"}], IndexSettings(views=["words"], encoders={}))
    assert engines.get("own").generation.lexical.views == ["words"]
    catalogue.indexes.save_settings(
        "own", catalogue.indexes.get("own").settings.model_copy(update={"views": ["characters"]})
    )
    generation = engines.get("own").generation
    assert (generation.lexical.views, generation.lexical.n_docs) == (["characters"], 1)


def test_a_new_generation_takes_the_changes_in(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    store(catalogue, "pets", [{"id": "4", "text": "a parrot"}])
    assert len(engines.get("pets").generation.lexical.segments) == 2
    build_generation(catalogue, tmp_path, "pets")
    engine = engines.get("pets")
    assert (engine.generation.name, len(engine.generation.lexical.segments)) == ("gen-000002", 1)
    assert engine.generation.lexical.n_docs == 4


def test_processes_leave_no_segments_behind(catalogue, tmp_path):
    engines = Engines(catalogue, tmp_path)
    store(catalogue, "pets", [{"id": "4", "text": "a parrot"}])
    engines.get("pets")
    folder = tmp_path / "indexes" / "pets"
    [live] = folder.glob("live.*/")
    (folder / "live.left").mkdir()  # as a process leaves it that was killed
    (folder / "live.left" / "live.lock").touch()
    other = Engines(catalogue, tmp_path)
    other.get("pets")
    assert live.is_dir()
    assert not (folder / "live.left").exists()
    del engines, other
    assert list(folder.glob("live.*/")) == []


def test_an_index_without_a_text_field_has_no_hits(catalogue, tmp_path):
    catalogue.indexes.create("empty", HASHING)
    engine = Engines(catalogue, tmp_path).get("empty")
    for query in ("猫", "", '"a b" -c*'):
        assert search(catalogue, engine, SearchRequest(q=query)).hits == []
