from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.database.records import TaskProgress
from indexer.errors import BadLine, CanceledError, ConflictError, MissingError


def test_a_task_goes_from_enqueued_to_succeeded(catalogue):
    tasks = catalogue.tasks
    created = tasks.create("import", "news")
    assert (created.id, created.type, created.index, created.status) == (
        "task-000001",
        "import",
        "news",
        "enqueued",
    )
    started = tasks.start(created.id)
    assert started.status == "processing"
    assert started.started_at is not None
    tasks.progress(created.id, TaskProgress("read", 10, None))
    assert tasks.get(created.id).progress == TaskProgress("read", 10, None)
    done = tasks.succeed(created.id, {"added": 3})
    assert (done.status, done.result, done.error) == ("succeeded", {"added": 3}, None)
    assert done.finished_at is not None
    assert tasks.get(created.id) == done


def test_a_failed_task_keeps_its_error_and_its_bad_lines(catalogue):
    task = catalogue.tasks.create("import", "news").id
    lines = [BadLine("a.jsonl", 3, "empty_id", "…", None), BadLine("a.jsonl", 1, "wrong_type", "…", "x")]
    catalogue.tasks.add_errors(task, lines)
    catalogue.tasks.add_errors(task, [])
    failed = catalogue.tasks.fail(task, {"code": "bad_lines"})
    assert (failed.status, failed.error) == ("failed", {"code": "bad_lines"})
    assert catalogue.tasks.errors(task) == lines


def test_a_canceled_task_stops_at_its_next_progress(catalogue):
    task = catalogue.tasks.create("reindex", "news").id
    catalogue.tasks.start(task)
    assert catalogue.tasks.cancel(task).status == "canceled"
    with pytest.raises(CanceledError):
        catalogue.tasks.progress(task, TaskProgress("read", 1, 2))
    assert catalogue.tasks.get(task).progress is None


def test_a_task_that_was_canceled_too_late_has_succeeded(catalogue):
    task = catalogue.tasks.create("reindex", "news").id
    catalogue.tasks.start(task)
    catalogue.tasks.cancel(task)
    assert catalogue.tasks.succeed(task, {}).status == "succeeded"


@pytest.mark.parametrize("step", ["start", "cancel", "fail", "succeed"])
def test_a_task_that_has_ended_does_not_begin_again(catalogue, step):
    tasks = catalogue.tasks
    task = tasks.create("reindex", "news").id
    tasks.fail(task, {})
    steps = {
        "start": lambda: tasks.start(task),
        "cancel": lambda: tasks.cancel(task),
        "fail": lambda: tasks.fail(task, {}),
        "succeed": lambda: tasks.succeed(task, {}),
    }
    with pytest.raises(ConflictError, match="is failed; to become") as caught:
        steps[step]()
    assert caught.value.code == "task_status"


def test_tasks_are_listed_newest_first_by_index_and_status(catalogue):
    tasks = catalogue.tasks
    first, second, third = (tasks.create("import", index).id for index in ("a", "b", "a"))
    tasks.start(second)
    assert [each.id for each in tasks.list()] == [third, second, first]
    assert [each.id for each in tasks.list(index="a")] == [third, first]
    assert [each.id for each in tasks.list(status="processing")] == [second]
    assert [each.id for each in tasks.list(limit=1)] == [third]


@pytest.mark.parametrize("task_id", ["task-000001", "task-1", "1", "", "task-" + "9" * 30, "task-00000１"])
def test_a_task_that_is_not_there_is_missing(catalogue, task_id):
    with pytest.raises(MissingError) as caught:
        catalogue.tasks.get(task_id)
    assert caught.value.code == "task_not_found"


def test_what_was_asked_is_kept_and_beginnings_are_counted(catalogue):
    tasks = catalogue.tasks
    task = tasks.create("reindex", "news", {"encoders": ["a"]}).id
    assert (tasks.get(task).request, tasks.get(task).attempts) == ({"encoders": ["a"]}, 0)
    assert tasks.start(task).attempts == 1
    tasks.progress(task, TaskProgress("analyse", 1, 2))
    again = tasks.requeue(task, attempts=1)
    assert (again.status, again.attempts, again.progress) == ("enqueued", 1, None)
    assert tasks.start(task).attempts == 2
    assert tasks.requeue(task, attempts=1).attempts == 1
    tasks.fail(task, {})
    with pytest.raises(ConflictError):
        tasks.requeue(task, attempts=0)


def test_a_task_that_is_to_be_alone_is_refused_beside_another_of_its_kind(catalogue):
    tasks = catalogue.tasks
    first = tasks.create("reindex", "news", alone=True).id
    for status in ("enqueued", "processing"):
        assert tasks.get(first).status == status
        with pytest.raises(ConflictError, match=f"`{first}` .*is {status}") as caught:
            tasks.create("reindex", "news", alone=True)
        assert caught.value.code == "already_running"
        if status == "enqueued":
            tasks.start(first)
    others = [tasks.create("reindex", "other", alone=True).id, tasks.create("train", "news", alone=True).id]
    assert [each.id for each in tasks.unfinished()] == [first, *others]
    tasks.cancel(first)
    assert tasks.create("reindex", "news", alone=True).status == "enqueued"


def test_one_of_many_who_ask_at_once_is_let_in(catalogue):
    def ask(_):
        try:
            return catalogue.tasks.create("reindex", "news", alone=True).id
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(ask, range(8)))
    assert answers == ["already_running"] * 7 + ["task-000001"]
