import pytest

from indexer.database.records import TaskProgress
from indexer.errors import BadLine, CanceledError, InputError, MissingError


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
    with pytest.raises(InputError, match="is failed; to become") as caught:
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
