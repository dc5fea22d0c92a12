"""A disk that fails once, and one that is full: no lie, no damage, and on it goes."""

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.database import Catalogue
from indexer.generation import IndexFolder
from tests.reliability.extent import extent, tell
from tests.reliability.processes import ServiceProcess
from tests.reliability.recording import recorded, recorder

INDEX = "/v1/indexes/pets"
SETTINGS = {"encoders": {"hashing": {"type": "hashing", "options": {"dims": 8}}}}
SYNCS = 120
"""About so many fsyncs there are from the start to the end of what is tried."""


def test_every_sync_may_fail_once(tmp_path):
    library = recorder(tmp_path)
    points = extent(2, SYNCS)
    chance = random.Random(7)
    places = sorted(chance.sample(range(1, SYNCS + 1), points))
    ended = Counter[str]()
    for place in places:
        folder = tmp_path / f"at-{place}"
        folder.mkdir()
        environment = {
            **recorded(library, folder, folder / "record"),
            "RECORD_FAIL_SYNC": str(place),
            "RECORD_FAIL_COUNT": str(folder / "count"),
        }
        stored: set[str] = set()
        outcomes: list[int] = []
        try:
            with ServiceProcess(folder / "data", folder / "log", environment) as service:
                outcomes.append(service.ask("PUT", INDEX, SETTINGS).status)
                for number in range(8):
                    key = f"{number}"
                    answer = service.ask("PUT", f"{INDEX}/documents/{key}", {"text": f"fish {key}"})
                    outcomes.append(answer.status)
                    if answer.status == 201:
                        stored.add(key)
                    if number == 3:
                        answer = service.ask("POST", f"{INDEX}/reindex?wait=60", {})
                        outcomes.append(
                            answer.status
                            if answer.status != 202
                            else {"succeeded": 202, "failed": 500}[answer.body["status"]]
                        )
                # Whatever failed, the service goes on.
                assert service.ask("PUT", f"{INDEX}/documents/last", {"text": "fish"}).status == 201
                found = service.ask("POST", f"{INDEX}/search", {"q": "fish", "retrievers": ["bm25"]})
                assert found.status == 200
        except RuntimeError:
            ended["the service refused to start"] += 1
        else:
            stored.add("last")
            failed = sum(status >= 500 for status in outcomes)
            ended["nobody noticed" if not failed else f"{failed} request(s) refused"] += 1
        if stored:
            with Catalogue.open(folder / "data") as catalogue:
                there = catalogue.documents.get_many("pets", sorted(stored))
                assert set(there) == stored
            if IndexFolder(folder / "data", "pets").generations():
                generation, faults = IndexFolder(folder / "data", "pets").open()
                assert faults == []
                generation.close()
        shutil.rmtree(folder)
    told = ", ".join(f"{what} {n}" for what, n in ended.most_common())
    tell(f"one fsync that fails: {points} points, 0 lost, 0 damaged ({told})")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_refuses_writes_and_answers_on(small_disk, tmp_path):
    acknowledged: list[str] = []
    filler = "x" * 20_000
    with ServiceProcess(small_disk / "data", tmp_path / "log") as service:
        assert service.ask("PUT", INDEX, SETTINGS).status == 200
        refused = None
        for number in range(1_000):
            documents = [
                {"id": f"{number}-{place}", "text": f"fish {number}", "note": filler} for place in range(3)
            ]
            answer = service.ask("POST", f"{INDEX}/documents", documents)
            if answer.status != 202:
                refused = answer
                break
            acknowledged += [each["id"] for each in documents]
        assert refused is not None
        assert (refused.status, refused.body["code"]) == (507, "insufficient_storage"), refused
        found = service.ask("POST", f"{INDEX}/search", {"q": "fish", "retrievers": ["bm25"]})
        assert found.status == 200
        service.kill()
    with ServiceProcess(small_disk / "data", tmp_path / "log") as service:  # it starts on the full disk
        listed = service.ask("GET", f"{INDEX}/documents?limit=0")
        assert (listed.status, listed.body["total"]) == (200, len(acknowledged))
        for path in (f"{INDEX}/reindex", "/v1/snapshots"):
            refused = service.ask("POST", f"{path}?wait=60")
            told = refused.body if refused.status == 507 else refused.body["error"]
            assert told["code"] == "insufficient_storage", refused
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        # There is room again: it goes on without a restart.
        assert service.ask("PUT", f"{INDEX}/documents/more", {"text": "fish more"}).status == 201
        task = service.ask("POST", f"{INDEX}/reindex?wait=60", {}).body
        assert task["status"] == "succeeded", task
    with Catalogue.open(small_disk / "data") as catalogue:
        assert len(catalogue.documents.get_many("pets", acknowledged)) == len(acknowledged)
    tell(
        f"full disk: {len(acknowledged)} documents acknowledged, then 507; 0 lost; it went on with room again"
    )
