"""What a restart keeps, and what a damaged file does."""

import json
import logging
import shutil

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.generation import read_manifest, write_manifest
from tests.app.sample import check_problem, settle, untimed

SEARCH = "/v1/indexes/news/search"
REQUESTS = [
    {"q": "猫 喜欢 吃什么", "explain": "full"},
    {"q": "river bank", "retrievers": ["hashing"], "explain": "full"},
    {"q": "機器學習 recall", "retrievers": ["bm25", "hashing", "tfidf"], "fusion": "linear"},
    {"q": ""},
    {"q": "水 water", "filter": "year >= 2019", "facets": ["category", "year"], "over": "matches"},
    {"q": "水 water", "sort": ["category", "year:desc"], "highlight": ["title", "text"], "limit": 5},
    {"q": "水 water", "rerank": {"by": "passage"}, "diversity": {}, "group": {"field": "category"}},
    {"like": "music-001", "fusion": {"method": "combmnz", "normalization": "distribution"}},
]
FILES = ["lexical.sqlite", "hashing.faiss", "hashing.ordinals.npy", "models/hashing/encoder.json"]


def service(data_dir):
    return TestClient(create_app(Settings(data_dir=data_dir, scrub_bytes_per_second=0)))


def answers(data_dir):
    with service(data_dir) as client:
        return [json.dumps(untimed(client.post(SEARCH, json=body).json())) for body in REQUESTS]


def damage(path):
    """Turns one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def remove(path):
    path.unlink()


@pytest.fixture(scope="module")
def twice(built, tmp_path_factory):
    """A data folder whose index has two generations; nobody writes to it."""
    copied = shutil.copytree(built, tmp_path_factory.mktemp("twice") / "data")
    with Catalogue.open(copied) as catalogue:
        build_generation(catalogue, copied, "news")
    return copied


@pytest.fixture
def data_dir(twice, tmp_path):
    return shutil.copytree(twice, tmp_path / "data")


@pytest.fixture
def folder(data_dir):
    """The folder of the index."""
    return data_dir / "indexes" / "news"


@pytest.fixture(scope="module")
def hits(built):
    """The hits of each request while everything is whole."""
    return [json.loads(each)["hits"] for each in answers(built)]


def test_the_same_requests_give_the_same_bytes_after_a_restart(data_dir):
    assert answers(data_dir) == answers(data_dir)


def test_a_rebuild_of_the_same_documents_ranks_the_same(data_dir, hits):
    assert [json.loads(each)["hits"] for each in answers(data_dir)] == hits


HURT = [
    *((damage, name) for name in [*FILES, "manifest.json"]),
    *((truncate, name) for name in ("lexical.sqlite", "manifest.json")),
    *((remove, name) for name in ("hashing.faiss", "models/hashing/encoder.json", "manifest.json")),
]


@pytest.mark.parametrize(
    ("hurt", "name"),
    [pytest.param(*each, id=f"{each[0].__name__} {each[1]}") for each in HURT],
)
def test_a_damaged_generation_is_refused_by_name_and_the_former_one_serves(
    data_dir, folder, hits, name, hurt, caplog
):
    hurt(folder / "gen-000002" / name)
    with service(data_dir) as client:
        answer = client.post(SEARCH, json=REQUESTS[0]).json()
        assert client.get("/readyz").status_code == 200
    assert answer["generation"] == "gen-000001"
    [warning] = answer["warnings"]
    assert str(folder / "gen-000002" / name) in warning
    told = [record.levelname for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == ["ERROR"]
    assert name in caplog.text
    assert answer["hits"] == hits[0]


@pytest.mark.parametrize(
    "content", [b"", b"gen-000000\n", b"gen-000009\n", b"../../etc\n", b"\xff\xfe", b"gen-2\n" * 1_000]
)
def test_a_damaged_pointer_is_named_and_the_newest_whole_generation_serves(data_dir, folder, content):
    (folder / "CURRENT").write_bytes(content)
    with service(data_dir) as client:
        answer = client.post(SEARCH, json=REQUESTS[0]).json()
    assert answer["generation"] == "gen-000002"
    [warning] = answer["warnings"]
    assert str(folder / "CURRENT") in warning


def test_where_nothing_is_whole_words_are_searched_and_the_file_is_named(data_dir, folder):
    for name in ("gen-000001", "gen-000002"):
        damage(folder / name / "lexical.sqlite")
    with service(data_dir) as client:
        answer = client.post(SEARCH, json={"q": "rosin", "retrievers": ["bm25"]}).json()
        assert ([hit["id"] for hit in answer["hits"]], answer["degraded"]) == (["music-022"], True)
        assert str(folder / "gen-000002" / "lexical.sqlite") in answer["warnings"][0]
        assert client.get("/readyz").json()["status"] == "degraded"
        dense = client.post(SEARCH, json={"q": "rosin", "retrievers": ["hashing"]})
        assert "`hashing` of `news` cannot be read" in check_problem(dense, 503, "index_corrupt")["detail"]
        # Documents are not touched by that, and a rebuild mends the index.
        assert client.get("/v1/indexes/news/documents").json()["total"] == 42
        assert client.get("/v1/indexes/news").json()["generation"] is None
        assert client.get("/healthz").status_code == 200
        with Catalogue.open(data_dir) as catalogue:
            build_generation(catalogue, data_dir, "news")
        settle(client)
        answer = client.post(SEARCH, json={"q": "x"}).json()
        assert (answer["generation"], answer["degraded"]) == ("gen-000003", False)


def test_a_generation_that_is_damaged_while_it_is_served_goes_on_serving(data_dir, folder):
    with service(data_dir) as client:
        before = untimed(client.post(SEARCH, json=REQUESTS[0]).json())
        shutil.rmtree(folder / "gen-000002")
        assert untimed(client.post(SEARCH, json=REQUESTS[0]).json()) == before
        # What is published next is damaged: the one that is open serves on, and says so.
        (folder / "CURRENT").write_text("gen-000003\n")
        settle(client)
        answer = client.post(SEARCH, json=REQUESTS[0]).json()
    assert answer["generation"] == "gen-000001"
    assert "gen-000003" in answer["warnings"][0]


def test_a_generation_analysed_by_other_dictionaries_is_refused(data_dir, folder):
    for name in ("gen-000001", "gen-000002"):
        manifest = read_manifest(folder / name)
        write_manifest(folder / name, manifest.model_copy(update={"analysis": "sha256:other"}))
    with service(data_dir) as client:
        answer = client.post(SEARCH, json={"q": "rosin"}).json()
    assert ([hit["id"] for hit in answer["hits"]], answer["degraded"]) == (["music-022"], True)
    assert "textprism reindex news" in answer["warnings"][0]


def test_a_generation_of_another_format_is_refused(data_dir, folder):
    for name in ("gen-000001", "gen-000002"):
        manifest = read_manifest(folder / name)
        write_manifest(folder / name, manifest.model_copy(update={"format": 99}))
    with service(data_dir) as client:
        answer = client.post(SEARCH, json={"q": "rosin"}).json()
    assert ([hit["id"] for hit in answer["hits"]], answer["degraded"]) == (["music-022"], True)
    assert "format 99" in answer["warnings"][0]
