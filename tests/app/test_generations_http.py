"""The generations of an index over HTTP: listed, activated, and gone with the index."""

import shutil

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from tests.app.sample import check_problem
from tests.library import CATS_AND_DOGS, new_catalogue, store

PETS = "/v1/indexes/pets"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An index with two generations: the second has a document more."""
    data_dir = tmp_path_factory.mktemp("built")
    with new_catalogue(data_dir) as catalogue:
        for documents in (CATS_AND_DOGS, [{"id": "4", "text": "鱼 和 猫"}]):
            store(catalogue, "pets", documents)
            build_generation(catalogue, data_dir, "pets")
        catalogue.indexes.create("empty", catalogue.indexes.get("pets").settings)
    return data_dir


@pytest.fixture
def data_dir(built, tmp_path):
    return shutil.copytree(built, tmp_path / "data")


@pytest.fixture
def client(data_dir):
    # Without what looks for damage by itself: here it is found by who asks.
    with TestClient(create_app(Settings(data_dir=data_dir, scrub_bytes_per_second=0))) as opened:
        yield opened


def generations(client):
    return client.get(f"{PETS}/generations").json()["generations"]


def found(client, **more):
    answer = client.post(f"{PETS}/search", json={"q": "鱼", "retrievers": ["bm25"], **more}).json()
    return answer["generation"], [hit["id"] for hit in answer["hits"]], answer["warnings"]


def test_the_kept_generations_are_listed_with_their_reports(client):
    first, second = generations(client)
    assert (first["name"], first["documents"], first["through_seq"]) == ("gen-000001", 3, 3)
    assert (second["name"], second["documents"], second["through_seq"]) == ("gen-000002", 4, 4)
    assert (first["current"], second["current"]) == (False, True)
    assert first["fault"] is second["fault"] is None
    assert first["created_at"] <= second["created_at"]
    assert second["report"]["changes"]["documents"] == {"added": 1, "removed": 0, "changed": 0}
    assert client.get("/v1/indexes/empty/generations").json() == {"generations": []}
    check_problem(client.get("/v1/indexes/nowhere/generations"), 404, "index_not_found")


def test_a_kept_generation_is_activated_also_back_and_no_document_is_lost(client, data_dir):
    before = found(client)
    assert (before[0], set(before[1])) == ("gen-000002", {"1", "2", "4"})
    answer = client.post(f"{PETS}/generations/gen-000001/activate")
    assert answer.status_code == 200
    assert [each["current"] for each in answer.json()["generations"]] == [True, False]
    # What was written since the older one is searched with it, and scored as before.
    name, ids, warnings = found(client)
    assert (name, ids, warnings) == ("gen-000001", before[1], [])
    assert client.get(PETS).json()["generation"] == "gen-000001"
    client.post(f"{PETS}/generations/gen-000002/activate")
    assert found(client) == before
    with Catalogue.open(data_dir) as catalogue:  # numbers count on from the last one, whichever is served
        client.post(f"{PETS}/generations/gen-000001/activate")
        assert build_generation(catalogue, data_dir, "pets").generation == "gen-000003"


def test_an_unknown_or_damaged_generation_is_not_activated(client, data_dir):
    path = data_dir / "indexes" / "pets" / "gen-000001" / "lexical.sqlite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before, listed = found(client), generations(client)
    problem = check_problem(client.post(f"{PETS}/generations/gen-000001/activate"), 409, "generation_damaged")
    assert str(path) in problem["detail"]
    for name in ("gen-000009", "nope", "..", "gen-000001.building", "%2e%2e%2fpets"):
        assert client.post(f"{PETS}/generations/{name}/activate").status_code == 404
    check_problem(client.post("/v1/indexes/nowhere/generations/gen-000001/activate"), 404, "index_not_found")
    assert (found(client), generations(client)) == (before, listed)


def test_a_generation_whose_manifest_is_damaged_is_listed_with_its_fault(client, data_dir):
    (data_dir / "indexes" / "pets" / "gen-000001" / "manifest.json").write_bytes(b"{}")
    first, second = generations(client)
    assert "manifest.json is damaged" in first["fault"]
    assert (first["documents"], first["report"]["documents"], second["fault"]) == (None, 3, None)


def test_changed_settings_say_what_a_reindex_must_do(client, data_dir):
    info = client.get(PETS).json()
    assert info["pending"] == {"needs": "nothing", "retraining": [], "reencoding": [], "removed": []}
    settings = info["settings"]
    put = client.put(PETS, json={**settings, "views": ["words"]}).json()
    assert put["pending"]["needs"] == "re-analysis"
    hashing = {"hashing": {"type": "hashing", "fields": {"title": 3, "text": 1}}}
    put = client.put(PETS, json={**settings, "encoders": hashing}).json()
    assert put["pending"] == {
        "needs": "re-encoding",
        "retraining": [],
        "reencoding": ["hashing"],
        "removed": [],
    }
    with Catalogue.open(data_dir) as catalogue:
        build_generation(catalogue, data_dir, "pets", keep_encoders=True)
    client.app.state.service.engines.update("pets")
    assert client.get(PETS).json()["pending"]["needs"] == "nothing"
    assert client.get("/v1/indexes/empty").json()["pending"] is None


def test_a_deleted_index_is_gone_and_one_of_its_name_begins_from_nothing(client, data_dir):
    task = client.post(f"{PETS}/reindex", params={"wait": 60}).json()
    assert found(client)[0] == "gen-000003"
    answer = client.delete(PETS)
    assert (answer.status_code, answer.content) == (204, b"")
    for response in (
        client.get(PETS),
        client.delete(PETS),
        client.get(f"{PETS}/generations"),
        client.post(f"{PETS}/search", json={"q": "鱼"}),
        client.post(f"{PETS}/reindex"),
    ):
        check_problem(response, 404, "index_not_found")
    assert [each["name"] for each in client.get("/v1/indexes").json()["indexes"]] == ["empty"]
    assert not (data_dir / "indexes" / "pets").exists()
    assert client.get(f"/v1/tasks/{task['id']}").json() == task
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "pets", [{"id": "9", "text": "鱼"}])
    client.app.state.service.engines.update("pets")
    assert found(client)[1] == ["9"]
