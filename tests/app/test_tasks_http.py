"""Reindexing as a task: run in a child process, watched, waited for, canceled."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.tasks import MOST_ATTEMPTS, MOST_WAITERS
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.generation import IndexFolder
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
    found = subprocess.run(["pgrep", "-f", f"indexer build.*{data_dir}"], capture_output=True, check=False)
    return found.stdout.split()


def only_builder(data_dir, ended=()):
    """The process that builds in a data folder, once there is one; none of those that have ended."""
    while not (found := {int(each) for each in builders(data_dir)} - set(ended)):
        pass
    [process] = found
    return process


def until(client, task_id, status):
    while client.get(f"/v1/tasks/{task_id}?wait=0.05").json()["status"] != status:
        pass


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
    told = dict(ended["result"])
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
        "changes": None,
    }
    assert (ended["request"], ended["attempts"]) == ({"encoders": None, "keep_encoders": False}, 1)
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
    problem = check_problem(client.post(f"/v1/tasks/{task['id']}/cancel"), 409, "task_status")
    assert "is succeeded" in problem["detail"]
    assert client.get(f"/v1/tasks/{task['id']}").json() == ended | {"result": told}


def test_canceled_tasks_publish_nothing_and_the_next_one_runs(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "pets", [{"id": f"n{i}", "text": f"猫 {i} 狗 {i * i}"} for i in range(4_000)])
        store(catalogue, "others", CATS_AND_DOGS)
    running, waiting = (
        client.post(f"/v1/indexes/{index}/reindex").json()["id"] for index in ("pets", "others")
    )
    canceled = client.post(f"/v1/tasks/{waiting}/cancel").json()
    assert (canceled["status"], canceled["started_at"]) == ("canceled", None)
    while (task := client.get(f"/v1/tasks/{running}?wait=0.05").json())["progress"] is None:
        assert task["status"] in ("enqueued", "processing")
    assert client.post(f"/v1/tasks/{running}/cancel").json()["status"] == "canceled"
    check_problem(client.post(f"/v1/tasks/{running}/cancel"), 409, "task_status")
    following = client.post(REINDEX).json()["id"]
    assert client.get(f"/v1/tasks/{following}?wait=60").json()["result"]["generation"] == "gen-000001"
    assert left_in(data_dir / "indexes" / "pets") == ["CURRENT", "build.lock", "gen-000001", "publish.lock"]
    assert client.get(f"/v1/tasks/{waiting}").json() == canceled
    assert [task["id"] for task in client.get("/v1/tasks").json()["tasks"]] == [following, waiting, running]
    listed = client.get("/v1/tasks", params={"status": "canceled", "index": "pets"}).json()["tasks"]
    assert [task["id"] for task in listed] == [running]
    assert client.get("/v1/tasks", params={"index": "none"}).json() == {"tasks": []}


def test_a_second_reindex_of_an_index_is_refused_while_one_has_not_ended(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "others", CATS_AND_DOGS)
    with IndexFolder(data_dir, "pets").building():  # as from the command line: the task waits for it
        first, other = (
            client.post(f"/v1/indexes/{index}/reindex").json()["id"] for index in ("pets", "others")
        )
        until(client, first, "processing")
        for index, task in (("pets", first), ("others", other)):
            problem = check_problem(client.post(f"/v1/indexes/{index}/reindex"), 409, "already_running")
            assert f"`{task}`" in problem["detail"]
        check_problem(client.delete("/v1/indexes/pets"), 409, "locked")
        check_problem(client.delete("/v1/indexes/others"), 409, "already_running")
        assert client.post("/v1/indexes/pets/search", json={"q": "猫"}).status_code == 200
    for task in (first, other):
        assert client.get(f"/v1/tasks/{task}?wait=60").json()["status"] == "succeeded"
    assert client.post(REINDEX, params={"wait": 60}).json()["result"]["generation"] == "gen-000002"


def test_a_cancel_ends_a_job_that_hears_no_signal(client, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "others", CATS_AND_DOGS)
    with IndexFolder(data_dir, "pets").building():
        running, other = (
            client.post(f"/v1/indexes/{index}/reindex").json()["id"] for index in ("pets", "others")
        )
        process = only_builder(data_dir)
        os.kill(process, signal.SIGSTOP)  # as deaf as in one long call
        assert client.post(f"/v1/tasks/{running}/cancel").json()["status"] == "canceled"
        assert client.get(f"/v1/tasks/{other}?wait=60").json()["status"] == "succeeded"
    assert client.get(f"/v1/tasks/{running}").json()["status"] == "canceled"


def test_a_reindex_can_keep_the_encoders_and_tells_what_changes(client, data_dir):
    task = client.post(REINDEX, json={"keep_encoders": True}, params={"wait": 60}).json()
    assert (task["status"], task["error"]["code"]) == ("failed", "index_not_built")
    assert client.post(REINDEX, params={"wait": 60}).json()["status"] == "succeeded"
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "pets", [{"id": "4", "text": "鱼 不 喜欢 猫"}])
    task = client.post(REINDEX, json={"keep_encoders": True}, params={"wait": 60}).json()
    assert task["request"] == {"encoders": None, "keep_encoders": True}
    assert task["result"]["changes"]["since"] == "gen-000001"
    assert task["result"]["changes"]["documents"] == {"added": 1, "removed": 0, "changed": 0}
    assert task["progress"]["phase"] == "compare"


def test_a_build_that_needs_more_memory_than_it_may_have_fails_and_the_service_serves_on(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        build_generation(catalogue, data_dir, "pets")
    settings = Settings(data_dir=data_dir, max_build_bytes=64 << 20)
    with TestClient(create_app(settings)) as client:
        task = client.post(REINDEX, params={"wait": 60}).json()
        assert (task["status"], task["error"]["code"]) == ("failed", "out_of_memory")
        answer = client.post("/v1/indexes/pets/search", json={"q": "猫"}).json()
    assert (answer["generation"], answer["warnings"]) == ("gen-000001", [])
    assert not list(data_dir.rglob("*.building"))


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


def test_a_service_that_stops_ends_the_build_and_takes_it_up_at_its_next_start(data_dir):
    with IndexFolder(data_dir, "pets").building():
        with TestClient(create_app(Settings(data_dir=data_dir))) as client:
            task_id = client.post(REINDEX).json()["id"]
            only_builder(data_dir)
        assert builders(data_dir) == []
    with Catalogue.open(data_dir) as catalogue:
        task = catalogue.tasks.get(task_id)
        assert (task.status, task.attempts) == ("enqueued", 0)
        # A command may build meanwhile; what is left half-way by others is cleared.
        build_generation(catalogue, data_dir, "pets")
    (data_dir / "indexes" / "pets" / "gen-000007.building").mkdir()
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        assert not list(data_dir.rglob("gen-000007.building"))
        ended = client.get(f"/v1/tasks/{task_id}?wait=60").json()
    assert (ended["status"], ended["attempts"]) == ("succeeded", 1)
    assert ended["result"]["generation"] == "gen-000002"


SERVICE = """
import sys
from pathlib import Path
from app.search.engines import Engines
from app.tasks import TaskRunner
from indexer.database import Catalogue

data_dir = Path(sys.argv[1])
with Catalogue.open(data_dir) as catalogue:
    runner = TaskRunner(catalogue, Engines(catalogue, data_dir), data_dir)
    runner.start()
    for index in sys.argv[2:]:
        print(runner.reindex(index, None).id, flush=True)
    sys.stdin.read()
"""
"""The part of the service that works, as a process that can be killed."""


def test_tasks_of_a_service_that_was_killed_are_taken_up_by_the_next(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "others", CATS_AND_DOGS)
    command = [sys.executable, "-c", SERVICE, str(data_dir), "pets", "others"]
    with (
        IndexFolder(data_dir, "pets").building(),
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service,
    ):
        assert service.stdout is not None
        running, waiting = (service.stdout.readline().strip() for _ in range(2))
        only_builder(data_dir)
        service.kill()
        service.wait()
        while builders(data_dir):  # it ends with its parent, though it waits for the lock
            pass
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        for task_id, attempts in ((running, 2), (waiting, 1)):
            ended = client.get(f"/v1/tasks/{task_id}?wait=60").json()
            assert (ended["status"], ended["attempts"]) == ("succeeded", attempts)
        assert client.get("/v1/indexes/pets").json()["generation"] == "gen-000001"


def test_a_build_that_is_killed_is_begun_again_but_not_for_ever(client, data_dir):
    with IndexFolder(data_dir, "pets").building():
        task_id = client.post(REINDEX).json()["id"]
        killed: set[int] = set()
        while len(killed) < MOST_ATTEMPTS:
            process = only_builder(data_dir, killed)
            (data_dir / "indexes" / "pets" / "gen-000001.building").mkdir(exist_ok=True)
            os.kill(process, signal.SIGKILL)
            killed.add(process)
        ended = client.get(f"/v1/tasks/{task_id}?wait=60").json()
    assert (ended["status"], ended["attempts"]) == ("failed", MOST_ATTEMPTS)
    assert ended["error"]["code"] == "interrupted"
    assert "begun 3 times" in ended["error"]["message"]
    # Asked for again it is built, and what was left half-way is gone.
    again = client.post(REINDEX, params={"wait": 60}).json()
    assert (again["status"], again["result"]["generation"]) == ("succeeded", "gen-000001")
    assert not list(data_dir.rglob("*.building"))


@pytest.mark.parametrize(("limit", "code"), [(1 << 40, "out_of_memory"), (None, "build_ended")])
@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_build_that_ends_as_libraries_do_without_memory_is_not_begun_again(data_dir, limit, code, number):
    settings = Settings(data_dir=data_dir, max_build_bytes=limit)
    with TestClient(create_app(settings)) as client, IndexFolder(data_dir, "pets").building():
        task_id = client.post(REINDEX).json()["id"]
        os.kill(only_builder(data_dir), number)
        ended = client.get(f"/v1/tasks/{task_id}?wait=60").json()
    assert (ended["status"], ended["attempts"], ended["error"]["code"]) == ("failed", 1, code)


def test_what_cannot_be_taken_up_is_told_apart_as_failed(data_dir):
    with Catalogue.open(data_dir) as catalogue:
        other = catalogue.tasks.start(catalogue.tasks.create("import", "pets").id).id
        request = {"encoders": None, "keep_encoders": False}
        often = catalogue.tasks.create("reindex", "pets", request).id
        for attempts in range(MOST_ATTEMPTS):
            catalogue.tasks.requeue(often, attempts=attempts)
            catalogue.tasks.start(often)
    with TestClient(create_app(Settings(data_dir=data_dir))) as client:
        for task_id in (other, often):
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
