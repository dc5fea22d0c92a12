"""Reindexing as a task: run in a child process, watched, waited for, canceled."""

import subprocess
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.tasks import MOST_WAITERS
from indexer.build import build_generation
from indexer.database import Catalogue
from tests.app.sample import check_problem, settle
from tests.library import CATS_AND_DOGS, new_catalogue, store

REINDEX = "/v1/indexes/pets/reindex"


@pytest.fixture
def data_dir(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
    return tmp_path


@pytest.fixture
def client(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir, max_wait_seconds=60))) as opened:
        yield opened


def builders(data_dir):
    """Processes that build in a data folder."""
    found = subprocess.run(["pgrep", "-f", f"indexer.*{data_dir}"], capture_output=True, check=False)
    return found.stdout.split()


def left_in(folder: Path):
    return sorted(path.name for path in folder.iterdir())


def test_a_reindex_ends_with_a_generation_that_is_served(client, data_dir):
    assert client.post("/v1/indexes/pets/search", json={"q": "猫"}).json()["generation"] == "gen-000000"
    response = client.post(REINDEX)
    assert response.status_code == 202
    task = response.json()
    assert (task["type"], task["index"], task["status"]) == ("reindex", "pets", "enqueued")
    assert response.headers["location"] == f"/v1/tasks/{task['id']}"
    ended = client.get(response.headers["location"], params={"wait": 60}).json()
    assert ended["status"] == "succeeded", ended
    assert ended["result"].pop("seconds") > 0
    assert ended["result"] == {
        "generation": "gen-000001",
        "documents": 3,
        "encoders": ["hashing"],
        "vectors": {
            "hashing": {
                "kind": "flat",
                "vectors": 3,
                "memory": 3 * 256 * 4,
                "advised": "flat",
                "reason": "up to 50,000 rows all are looked at",
            }
        },
        "warnings": [],
    }
    assert ended["progress"]["phase"] == "verify"
    assert ended["created_at"] <= ended["started_at"] <= ended["finished_at"]
    answer = client.post("/v1/indexes/pets/search", json={"q": "猫"}).json()
    assert (answer["hits"][0]["id"], answer["generation"]) == ("1", "gen-000001")
    with Catalogue.open(data_dir) as catalogue:
        # What another process publishes is served without a restart.
        build_generation(catalogue, data_dir, "pets", [])
    settle(client, "pets")
    assert client.get("/v1/indexes/pets").json()["generation"] == "gen-000002"
    answer = client.post("/v1/indexes/pets/search", json={"q": "猫"}).json()
    assert [part["name"] for part in answer["hits"][0]["parts"]] == ["bm25"]
    # One that has ended cannot be canceled any more.
    check_problem(client.post(f"/v1/tasks/{task['id']}/cancel"), 422, "task_status")


def test_canceled_tasks_publish_nothing_and_the_next_one_runs(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "pets", [{"id": f"n{i}", "text": f"猫 {i} 狗 {i * i}"} for i in range(4_000)])
    running, waiting, following = (client.post(REINDEX).json()["id"] for _ in range(3))
    canceled = client.post(f"/v1/tasks/{waiting}/cancel").json()
    assert (canceled["status"], canceled["started_at"]) == ("canceled", None)
    while (task := client.get(f"/v1/tasks/{running}?wait=0.05").json())["progress"] is None:
        assert task["status"] in ("enqueued", "processing")
    assert client.post(f"/v1/tasks/{running}/cancel").json()["status"] == "canceled"
    assert client.get(f"/v1/tasks/{following}?wait=60").json()["result"]["generation"] == "gen-000001"
    assert left_in(data_dir / "indexes" / "pets") == ["CURRENT", "build.lock", "gen-000001"]
    assert client.get(f"/v1/tasks/{waiting}").json() == canceled
    assert [task["id"] for task in client.get("/v1/tasks").json()["tasks"]] == [following, waiting, running]
    listed = client.get("/v1/tasks", params={"status": "canceled", "index": "pets"}).json()["tasks"]
    assert [task["id"] for task in listed] == [waiting, running]
    assert client.get("/v1/tasks", params={"index": "other"}).json() == {"tasks": []}


def test_many_who_wait_leave_the_service_free_for_others(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        task_id = catalogue.tasks.create("reindex", "pets").id  # nobody runs it
    with ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(client.get, f"/v1/tasks/{task_id}?wait=60") for _ in range(60)]
        answered = list(islice(as_completed(waiting, timeout=30), 60 - MOST_WAITERS))
        assert {each.result().json()["status"] for each in answered} == {"enqueued"}
        assert client.get("/v1/indexes/pets/documents").json()["total"] == 3
        client.post(f"/v1/tasks/{task_id}/cancel")
        ended = [each.result().json()["status"] for each in waiting]
    assert ended.count("canceled") == MOST_WAITERS


def test_a_service_that_stops_ends_the_build_and_leaves_nothing(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        task_id = client.post(REINDEX).json()["id"]
        while client.get(f"/v1/tasks/{task_id}?wait=0.05").json()["status"] == "enqueued":
            pass
    assert builders(data_dir) == []
    assert not list(data_dir.rglob("*.building"))
    with Catalogue.open(data_dir) as catalogue:
        assert catalogue.tasks.get(task_id).status in ("canceled", "succeeded")


def test_tasks_that_a_former_service_left_are_told_apart(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        waiting = catalogue.tasks.create("reindex", "pets").id
        running = catalogue.tasks.start(catalogue.tasks.create("reindex", "pets").id).id
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        for task_id in (waiting, running):
            task = client.get(f"/v1/tasks/{task_id}").json()
            assert (task["status"], task["error"]["code"]) == ("failed", "interrupted")


def test_a_build_that_fails_says_why_and_the_former_generation_serves(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        build_generation(catalogue, data_dir, "pets")
        settings = catalogue.indexes.get("pets").settings
        catalogue.indexes.save_settings("pets", settings.model_copy(update={"views": ["nonsense"]}))
    task = client.post(f"{REINDEX}?wait=60").json()
    assert (task["status"], task["error"]["code"]) == ("failed", "unknown_view")
    assert "`words`" in task["error"]["message"]
    answer = client.post("/v1/indexes/pets/search", json={"q": "猫"}).json()
    assert (answer["generation"], answer["warnings"]) == ("gen-000001", [])


def test_an_unknown_encoder_is_refused_before_there_is_a_task(client):
    for name in ("bert", "--help", "-x", "a,b"):
        response = client.post(REINDEX, json={"encoders": ["hashing", name]})
        problem = check_problem(response, 422, "unknown_encoder", "/encoders/1")
        assert "known: `hashing`" in problem["detail"]
    check_problem(client.post(REINDEX, json={"encoders": [""]}), 422, "invalid_request", "/encoders/0")
    assert client.get("/v1/tasks").json() == {"tasks": []}


def test_tasks_of_unknown_keys_are_404(client):
    for task_id in ("task-999999", "task-1", "nope", "task-%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A1"):
        for path in ("", "/errors"):
            check_problem(client.get(f"/v1/tasks/{task_id}{path}?wait=inf"), 404, "task_not_found")
        check_problem(client.post(f"/v1/tasks/{task_id}/cancel"), 404, "task_not_found")
    check_problem(client.post("/v1/indexes/nope/reindex"), 404, "index_not_found")


def test_settings_are_kept_and_told(client):
    settings: dict[str, Any] = {"views": ["words"], "encoders": {}, "fields": {"title": {"type": "text"}}}
    settings |= {
        "analysis": {"dictionary": ["天气真好"], "stop_words": None, "synonyms": []},
        "positions": True,
    }
    put = client.put("/v1/indexes/new", json=settings)
    assert put.status_code == 200
    assert put.json()["settings"] == settings
    assert client.get("/v1/indexes/new").json() == put.json()
    assert [each["name"] for each in client.get("/v1/indexes").json()["indexes"]] == ["new", "pets"]
    settings["views"] = ["words", "bigrams"]
    assert client.put("/v1/indexes/new", json=settings).json()["settings"] == settings
