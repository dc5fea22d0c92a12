"""Damage is found by reading again, named, set aside, and another generation served."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.scrubbing import Scrubber
from app.search.engines import Engines
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.storage.sqlite import sqlite_module
from tests.app.sample import check_problem
from tests.library import CATS_AND_DOGS, new_catalogue, store

PETS = Path("indexes/pets")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twice")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
        build_generation(catalogue, folder, "pets")
        build_generation(catalogue, folder, "pets")
    return folder


@pytest.fixture
def data_dir(twice: Path, tmp_path: Path) -> Path:
    return shutil.copytree(twice, tmp_path / "data")


@pytest.fixture
def catalogue(data_dir: Path) -> Iterator[Catalogue]:
    with Catalogue.open(data_dir) as opened:
        yield opened


def damage_document(data_dir: Path, doc_id: str) -> None:
    """Changes what is stored of a document behind the catalogue's back."""
    connection = sqlite_module().connect(data_dir / "textprism.db")
    connection.execute(
        "UPDATE documents SET body = replace(body, '喜欢', '讨厌') WHERE doc_id = ?", (doc_id,)
    )
    connection.commit()
    connection.close()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_sound_folder_has_no_faults_and_is_left_as_it_is(catalogue, data_dir):
    before = sorted(data_dir.rglob("*"))
    scrubber = Scrubber(catalogue, Engines(catalogue, data_dir), data_dir, 1 << 30)
    assert scrubber.scrub() == []
    assert sorted(data_dir.rglob("*")) == before


@pytest.mark.parametrize("name", ["lexical.sqlite", "metadata/codes.npy", "hashing.faiss", "manifest.json"])
@pytest.mark.parametrize("generation", ["gen-000001", "gen-000002"])
def test_a_damaged_generation_is_set_aside_and_another_one_served(catalogue, data_dir, generation, name):
    engines = Engines(catalogue, data_dir)
    assert engines.get("pets").generation.name == "gen-000002"
    flip(data_dir / PETS / generation / name)
    [fault] = Scrubber(catalogue, engines, data_dir, 1 << 30).scrub()
    assert str(Path(generation) / name) in fault
    [told] = (data_dir / PETS / "quarantine").glob("*.json")
    assert json.loads(told.read_bytes())["generation"] == generation
    assert (told.with_suffix("") / "lexical.sqlite").exists()  # nothing is deleted
    left = {"gen-000001", "gen-000002"} - {generation}
    assert {engines.get("pets").generation.name} == left


def test_a_damaged_document_is_named_and_never_handed_out(catalogue, data_dir):
    damage_document(data_dir, "1")
    engines = Engines(catalogue, data_dir)
    [fault] = Scrubber(catalogue, engines, data_dir, 1 << 30).scrub()
    assert "`1` of `pets` is damaged" in fault
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        client.app.state.service.scrubber.scrub()  # type: ignore[attr-defined]
        assert client.get("/readyz").json()["faults"] == [fault]
        documents = "/v1/indexes/pets/documents"
        check_problem(client.get(f"{documents}/1"), 503, "document_damaged")
        hits = client.post("/v1/indexes/pets/search", json={"q": "猫", "retrievers": ["bm25"]}).json()["hits"]
        assert [(hit["id"], hit["document"]) for hit in hits] == [("1", None)]
        check_problem(client.patch(f"{documents}/1", json={"lang": "en"}), 503, "document_damaged")
        page = client.get(documents).json()
        assert ([each["id"] for each in page["documents"]], page["damaged"], page["total"]) == (
            ["2", "3"],
            ["1"],
            3,
        )
        assert client.put(f"{documents}/1", json=CATS_AND_DOGS[0]).json()["outcome"] == "updated"
        assert client.get(f"{documents}/1").status_code == 200
        assert client.get(documents).json()["damaged"] == []
        assert client.app.state.service.scrubber.scrub() == []  # type: ignore[attr-defined]


def test_it_reads_on_until_it_is_stopped(catalogue, data_dir):
    scrubber = Scrubber(catalogue, Engines(catalogue, data_dir), data_dir, 1)  # a byte a second
    scrubber.start()
    scrubber.stop()
    assert scrubber.faults == []
