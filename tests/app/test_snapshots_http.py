"""Snapshots over HTTP: taken as a task, listed, fetched and restored, removed."""

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import LockedError
from indexer.snapshots import Snapshots, restore
from indexer.storage.locks import file_lock
from tests.app.sample import check_problem
from tests.library import CATS_AND_DOGS, new_catalogue, store

SNAPSHOTS = "/v1/snapshots"


@pytest.fixture
def data_dir(tmp_path):
    with new_catalogue(tmp_path / "data") as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
        build_generation(catalogue, tmp_path / "data", "pets")
    return tmp_path / "data"


@pytest.fixture
def client(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as opened:
        yield opened


def test_a_snapshot_is_taken_fetched_restored_and_removed(client, tmp_path):
    response = client.post(f"{SNAPSHOTS}?wait=60")
    task = response.json()
    assert (response.status_code, task["type"], task["index"]) == (202, "snapshot", None)
    assert client.get(response.headers["location"]).json()["status"] == "succeeded"
    taken = task["result"]
    assert client.get(SNAPSHOTS).json() == {"snapshots": [taken]}
    archive = client.get(f"{SNAPSHOTS}/{taken['name']}")
    assert archive.headers["content-type"] == "application/x-tar"
    assert f"{taken['name']}.tar" in archive.headers["content-disposition"]
    (tmp_path / "fetched.tar").write_bytes(archive.content)
    restore(tmp_path / "fetched.tar", tmp_path / "restored")
    with TestClient(create_app(Settings(data_dir=tmp_path / "restored"))) as other:
        body = {"q": "猫 fish"}
        path = "/v1/indexes/pets/search"
        assert other.post(path, json=body).json()["hits"] == client.post(path, json=body).json()["hits"]
        # its own task was under way when the catalogue was copied, and is not begun again
        assert [(each["type"], each["status"]) for each in other.get("/v1/tasks").json()["tasks"]] == [
            ("snapshot", "failed")
        ]
        assert other.get(SNAPSHOTS).json() == {"snapshots": []}
    assert client.delete(f"{SNAPSHOTS}/{taken['name']}").status_code == 204
    assert client.get(SNAPSHOTS).json() == {"snapshots": []}


@pytest.mark.parametrize("name", ["snapshot-20260101-000000-00000000", "..%2Ftextprism", "x", "x" * 101])
def test_only_a_snapshot_is_fetched_or_removed(client, data_dir, name):
    (data_dir / "snapshots").mkdir()
    (data_dir / "snapshots" / "x.tar").touch()
    for method in (client.get, client.delete):
        answer = method(f"{SNAPSHOTS}/{name}")
        check_problem(answer, *((422, "invalid_request") if len(name) > 100 else (404, "snapshot_not_found")))
    assert (data_dir / "snapshots" / "x.tar").exists()
    assert (data_dir / "textprism.db").exists()


def test_while_one_is_asked_for_another_is_refused(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        waiting = catalogue.tasks.create("snapshot", None, alone=True)
        app = create_app(Settings(data_dir=data_dir))
        with TestClient(app) as client:
            # One whose service had ended is told so, and stands in nobody's way.
            assert client.get(f"/v1/tasks/{waiting.id}").json()["error"]["code"] == "interrupted"
            catalogue.tasks.create("snapshot", None, alone=True)
            problem = check_problem(client.post(SNAPSHOTS), 409, "already_running")
            assert "(snapshot) is enqueued" in problem["detail"]


def test_what_a_killed_snapshot_left_is_cleared_unless_one_is_being_taken(data_dir):
    snapshots = Snapshots(data_dir)
    held = data_dir / ".snapshot-abc"
    unfinished = data_dir / "snapshots" / ".snapshot-20260101-000000-00000000.new"
    held.mkdir()
    unfinished.parent.mkdir()
    unfinished.touch()
    with file_lock(data_dir / "snapshot.lock", wait=False):
        snapshots.clear_leftovers()
        with Catalogue.open(data_dir) as catalogue, pytest.raises(LockedError):
            snapshots.take(catalogue)
    assert held.exists()
    assert unfinished.exists()
    with TestClient(create_app(Settings(data_dir=data_dir))):
        assert not held.exists()
        assert not unfinished.exists()
