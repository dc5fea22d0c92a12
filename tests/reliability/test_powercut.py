"""The power is cut at any moment of a service at work: what it acknowledged is there afterwards."""

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from indexer.database import Catalogue
from indexer.errors import FormatError, IndexUnavailableError, NotBuiltError, TextPrismError
from indexer.generation import IndexFolder
from indexer.storage.sqlite import sqlite_module
from tests.reliability.extent import extent, tell
from tests.reliability.processes import ServiceProcess
from tests.reliability.recording import recorded, recorder
from tests.reliability.replay import Disk, Mode, Record, acknowledge, records

INDEX = "/v1/indexes/pets"
SETTINGS = {"encoders": {"hashing": {"type": "hashing", "options": {"dims": 8}}}}


@dataclass(frozen=True, slots=True)
class Recording:
    """All changes of one run, with what clients were told in between."""

    root: str
    records: Sequence[Record]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("recording")
    root, log = folder / "root", folder / "record"
    root.mkdir()
    with ServiceProcess(root / "data", folder / "log", recorded(recorder(folder), root, log)) as service:

        def told(**what: object) -> None:
            acknowledge(log, json.dumps(what).encode())

        assert service.ask("PUT", INDEX, SETTINGS).status == 200
        chance = random.Random(4)

        def write(name: str, n: int) -> None:
            for number in range(n):
                key = f"{name}-{number}"
                if chance.random() < 0.5:
                    batch = [{"id": f"{key}-{place}", "text": f"fish {key} {place}"} for place in range(3)]
                    assert service.ask("POST", f"{INDEX}/documents", batch).status == 202
                    told(stored=[each["id"] for each in batch])
                else:
                    assert (
                        service.ask("PUT", f"{INDEX}/documents/{key}", {"text": f"fish {key}"}).status == 201
                    )
                    told(stored=[key])
                if number % 7 == 6:
                    told(asked=[key])  # from now on it may be gone
                    assert service.ask("DELETE", f"{INDEX}/documents/{key}").status in (204, 404)
                    told(deleted=[key])

        write("first", 15)
        for build in range(3):
            writers = [threading.Thread(target=write, args=(f"build{build}-{n}", 12)) for n in range(2)]
            for each in writers:
                each.start()
            task = service.ask("POST", f"{INDEX}/reindex?wait=60", {}).body
            assert task["status"] == "succeeded", task
            told(generation=task["result"]["generation"])
            for each in writers:
                each.join()
        service.kill()
    return Recording(str(root), list(records(log)))


Dropped = Callable[[str], bool]
"""Whether an fsync of this path is taken for one that nobody asked for."""


def states(
    recording: Recording, n: int, mode: Mode, dropped: Dropped, seed: int
) -> Iterable[tuple[Path, dict[str, set[str]]]]:
    """Folders after a power cut at `n` moments, each with what was acknowledged before it."""
    chance = random.Random(seed)
    places = range(len(recording.records) // 50, len(recording.records))
    points = sorted(chance.sample(places, min(n, len(places))))
    disk = Disk(recording.root)
    told: dict[str, set[str]] = {name: set() for name in ("stored", "asked", "deleted", "generation")}
    done = 0
    for point in points:
        for record in recording.records[done:point]:
            if record.kind == "s":
                if not dropped(record.path):
                    disk.sync(record.path, mode)
            elif record.kind == "A":
                for name, what in json.loads(record.data).items():
                    told[name].update([what] if isinstance(what, str) else what)
            else:
                disk.take(record)
        done = point
        folder = Path(mkdtemp(prefix="textprism-power-"))
        try:
            disk.cut(folder, mode, chance)
            yield folder / "data", told
        finally:
            shutil.rmtree(folder)


def fault(data_dir: Path, told: dict[str, set[str]]) -> str:
    """What is wrong with a folder, empty where nothing is."""
    if not (data_dir / "textprism.db").exists():
        return "the catalogue is gone" if any(told.values()) else ""
    try:
        with Catalogue.open(data_dir) as catalogue:
            if catalogue.indexes.find("pets") is None:
                return "the index is gone" if any(told.values()) else ""
            damaged = list(catalogue.documents.damaged("pets", lambda _: None))
            with catalogue.documents.snapshot("pets") as snapshot:
                there = {document.doc_id for document in snapshot.documents()}
    except FormatError:
        return "the catalogue has no tables" if any(told.values()) else ""
    except (TextPrismError, OSError, sqlite_module().DatabaseError) as error:
        return f"the catalogue cannot be read: {error}"
    if damaged:
        return f"damaged documents: {damaged}"
    if lost := told["stored"] - told["asked"] - there:
        return f"lost: {sorted(lost)[:5]}"
    if kept := told["deleted"] & there:
        return f"deleted and there again: {sorted(kept)[:5]}"
    return _generation_fault(IndexFolder(data_dir, "pets"), told)


def _generation_fault(folder: IndexFolder, told: dict[str, set[str]]) -> str:
    try:
        generation, faults = folder.open()
    except NotBuiltError:
        return "the generation is gone" if told["generation"] else ""
    except IndexUnavailableError as error:
        return f"no generation can be read: {error}"
    generation.close()
    if faults:
        return f"refused: {faults}"
    if told["generation"] and generation.name < max(told["generation"]):
        return f"{generation.name} is older than what was told"
    return ""


def nothing(_: str) -> bool:
    return False


@pytest.mark.parametrize(("mode", "short", "long"), [("strict", 60, 5_000), ("ext4", 20, 1_000)])
def test_after_a_power_cut_all_is_there_that_was_acknowledged(recording, mode, short, long):
    n = extent(short, long)
    found = [fault(*each) for each in states(recording, n, mode, nothing, seed=5)]
    assert [each for each in found if each] == []
    tell(f"power cut, {mode}: {len(found):,} states of {len(recording.records):,} changes, 0 faults")


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("synchronous=NORMAL", lambda path: path.endswith("-wal")),
        ("synchronous=OFF", lambda path: "textprism.db" in path),
        ("generations that are not synced", lambda path: "/indexes" in path),
    ],
)
def test_without_a_sync_the_same_test_fails(recording, name, dropped):
    """The controls: where nothing is found wrong with these, the test above proves nothing."""
    n = extent(40, 400)
    found = [fault(*each) for each in states(recording, n, "strict", dropped, seed=6)]
    assert any(found)
    tell(f"control, {name}: {sum(map(bool, found))} of {n} states with a fault")
