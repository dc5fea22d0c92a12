"""The files around the packages: what can be known of them without a container engine."""

import ast
import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
UID = "10001"


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    """The one service of the compose file."""
    [service] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    return service  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def stages() -> list[list[tuple[str, str]]]:
    """The instructions (word, rest) of each stage of the Dockerfile."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    stages: list[list[tuple[str, str]]] = []
    for line in filter(None, text.splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


def test_the_container_can_do_nothing_but_its_work(service: dict[str, Any]) -> None:
    assert service["user"] == f"{UID}:{UID}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"}


def test_the_container_writes_to_one_volume_and_tmp(service: dict[str, Any]) -> None:
    volumes = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["volumes"]
    assert service["volumes"] == ["data:/data"]
    assert list(volumes) == ["data"]
    assert [each.partition(":")[0] for each in service["tmpfs"]] == ["/tmp"]


def test_no_port_is_open_beyond_this_machine(service: dict[str, Any]) -> None:
    assert service["ports"] == ["127.0.0.1:8000:8000"]


def test_the_container_has_time_to_stop(service: dict[str, Any]) -> None:
    assert int(service["stop_grace_period"].removesuffix("s")) >= 30


def test_the_image_runs_the_service_without_root(stages: list[list[tuple[str, str]]]) -> None:
    final = dict(stages[-1])
    assert len(stages) == 2
    assert all(stage[0][1].startswith("python:3.11-slim") for stage in stages)
    assert final["USER"] == f"{UID}:{UID}"
    assert final["VOLUME"] == "/data"
    assert json.loads(final["CMD"]) == ["textprism", "serve", "--host", "0.0.0.0", "--port", "8000"]
    environment = dict(each.split("=", 1) for each in shlex.split(final["ENV"]))
    assert environment["TEXTPRISM_DATA_DIR"] == "/data"
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_image_has_no_development_tools(stages: list[list[tuple[str, str]]]) -> None:
    [install] = [rest for word, rest in stages[0] if word == "RUN" and "pip install" in rest]
    assert shlex.split(install)[-1] == "."


def test_what_the_image_is_built_from_is_let_through(stages: list[list[tuple[str, str]]]) -> None:
    sources = [each for word, rest in stages[0] if word == "COPY" for each in rest.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)
    assert [each for each in sources if not (ROOT / each).exists()] == []


def test_the_health_check_asks_the_service(
    service: dict[str, Any], stages: list[list[tuple[str, str]]]
) -> None:
    check = service["healthcheck"]["test"]
    assert check[:3] == ["CMD", "python", "-c"]
    assert "127.0.0.1:8000" in check[3]
    assert "/healthz" in check[3]
    ast.parse(check[3])
    assert json.loads(dict(stages[-1])["HEALTHCHECK"].partition("CMD ")[2]) == check[1:]


def test_the_license_is_the_one_that_is_named() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License\n" in text
    assert "Version 2.0, January 2004" in text
    assert "Copyright 2026 TextPrism authors" in text


@pytest.mark.skipif(which("make") is None, reason="needs make")
def test_every_target_is_listed_by_make_help() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert [line.split()[1] for line in make().splitlines()] == phony.split()


@pytest.mark.skipif(which("make") is None, reason="needs make")
def test_ci_runs_every_check_and_the_tests_once() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    *_, last = script.read_text().splitlines()
    planned = make("--dry-run", *last.split()[1:])
    for check in ["ruff format --check", "ruff check", "mypy", "lint-imports", "pytest"]:
        assert planned.count(f"/{check}") == 1


def make(*arguments: str) -> str:
    """What make prints; the flags of a make that runs these tests are not passed on."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
