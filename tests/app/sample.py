"""The small bilingual corpus that the tests of the service share, and what they check of answers."""

from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.testclient import TestClient

EXAMPLES = Path(__file__).parents[2] / "examples"
PROBLEM = {"type", "title", "status", "detail", "code", "errors", "request_id"}


def sample() -> list[dict[str, Any]]:
    """Each seventh document of the examples: 42 of them, of every language and subject."""
    return [orjson.loads(line) for line in (EXAMPLES / "corpus.jsonl").read_bytes().splitlines()[::7]]


def settle(client: TestClient, index: str = "news") -> None:
    """Waits until all that is stored and published of an index is searched."""
    app = client.app
    assert isinstance(app, FastAPI)
    app.state.service.engines.update(index)


def check_problem(response: Any, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    """The problem document of an answer, after everything that all of them have in common was checked."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == PROBLEM
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:textprism:error:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]
    if pointer is not None:
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    return problem


def untimed(answer: Any) -> Any:
    """An answer of a search without what may differ from one time to the next."""
    assert set(answer.pop("timings_ms")) >= {"fetch", "explain"}
    return answer
