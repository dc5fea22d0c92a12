"""Any order of writes, reindexes, restarts and activations, against a dictionary of documents."""

import shutil
import threading
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.search.engines import Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.documents import delete_document, put_document
from indexer.errors import MissingError
from indexer.generation import IndexFolder
from tests.library import HASHING, new_catalogue, store
from tests.reliability.extent import extent

KEYS = [f"{n}" for n in range(8)]
WORDS = ["cat", "dog", "fish", "猫", "狗"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


class Library(RuleBasedStateMachine):
    """One index. The model: the text of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="textprism-stateful-"))
        self.catalogue = new_catalogue(self.folder)
        self.catalogue.indexes.create("pets", HASHING)
        self.engines = Engines(self.catalogue, self.folder)
        self.model: dict[str, str] = {}

    def teardown(self) -> None:
        self.catalogue.close()
        shutil.rmtree(self.folder)

    @rule(documents=st.dictionaries(st.sampled_from(KEYS), TEXTS, min_size=1, max_size=4))
    def import_batch(self, documents: dict[str, str]) -> None:
        store(self.catalogue, "pets", [{"id": key, "text": text} for key, text in documents.items()])
        self.model.update(documents)

    @rule(key=st.sampled_from(KEYS), text=TEXTS)
    def put(self, key: str, text: str) -> None:
        put_document(self.catalogue, "pets", key, {"text": text})
        self.model[key] = text

    @rule(key=st.sampled_from(KEYS))
    def delete(self, key: str) -> None:
        try:
            delete_document(self.catalogue, "pets", key)
            assert key in self.model
            del self.model[key]
        except MissingError:
            assert key not in self.model

    @rule(keep=st.booleans())
    def reindex(self, keep: bool) -> None:
        if self.model:
            built = bool(IndexFolder(self.folder, "pets").generations())
            build_generation(self.catalogue, self.folder, "pets", keep_encoders=keep and built)

    @rule()
    def restart(self) -> None:
        self.catalogue.close()
        self.catalogue = Catalogue.open(self.folder)
        self.engines = Engines(self.catalogue, self.folder)

    @rule(which=st.integers(0, 2))
    def activate(self, which: int) -> None:
        kept = IndexFolder(self.folder, "pets").generations()
        if which < len(kept):
            IndexFolder(self.folder, "pets").activate(kept[which])
            assert self.engines.get("pets").generation.name == kept[which]

    @invariant()
    def search_finds_what_is_stored(self) -> None:
        engine = self.engines.get("pets")
        assert engine.generation.manifest.documents == len(self.model)
        for word in ("cat", "猫"):
            request = SearchRequest(q=word, retrievers=["bm25"], limit=100)
            found = search(self.catalogue, engine, request)
            assert {hit.id for hit in found.hits} == {
                key for key, text in self.model.items() if word in text.split()
            }
            assert all(hit.document == {"text": self.model[hit.id]} for hit in found.hits)
        if engine.generation.dense:
            near = search(self.catalogue, engine, SearchRequest(q="cat", retrievers=["hashing"], limit=100))
            assert {hit.id for hit in near.hits} == set(self.model)


Library.TestCase.settings = settings(
    max_examples=extent(8, 2_000), stateful_step_count=extent(15, 50), deadline=None
)
TestLibrary = Library.TestCase


def test_readers_see_whole_batches_of_one_generation_while_writers_write(tmp_path):
    batches, readers, size = extent(25, 400), 3, 4
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", [{"id": "first", "text": "cat"}], HASHING)
        build_generation(catalogue, tmp_path, "pets")
        engines = Engines(catalogue, tmp_path)
        engines.get("pets")
        engines.start()
        ended = threading.Event()
        faults: list[object] = []

        def read() -> None:
            while not ended.is_set():
                engine = engines.get("pets")
                request = SearchRequest(q="fish", retrievers=["bm25", "hashing"], limit=1_000, depth=1_000)
                found = search(catalogue, engine, request)
                counted: dict[str, int] = {}
                for hit in found.hits:
                    if hit.id != "first":
                        batch = hit.id.partition("-")[0]
                        counted[batch] = counted.get(batch, 0) + 1
                faults.extend(each for each in counted.items() if each[1] != size)
                if found.generation != engine.generation.name:
                    faults.append(found.generation)

        threads = [threading.Thread(target=read) for _ in range(readers)]
        for each in threads:
            each.start()
        try:
            for number in range(batches):
                store(catalogue, "pets", [{"id": f"{number}-{i}", "text": f"fish {i}"} for i in range(size)])
                engines.written("pets")
                if number % 10 == 5:
                    build_generation(catalogue, tmp_path, "pets")
            assert engines.wait("pets", 1 + batches * size, 60)
        finally:
            ended.set()
            for each in threads:
                each.join()
            engines.stop()
        assert faults == []
        last = search(
            catalogue, engines.get("pets"), SearchRequest(q="fish", retrievers=["bm25"], limit=1_000)
        )
        assert last.total.value == min(200, batches * size)
