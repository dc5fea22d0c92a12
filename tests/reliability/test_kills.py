"""kill −9 while documents are written and while generations are built: nothing acknowledged is lost."""

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import NotBuiltError
from indexer.generation import IndexFolder
from tests.library import HASHING, new_catalogue, store
from tests.reliability.extent import extent, tell
from tests.reliability.processes import GONE, ServiceProcess

BATCH = 3
DOCUMENTS = "/v1/indexes/pets/documents"


class Writer(threading.Thread):
    """Sends batches and single documents until the service is gone; notes what was acknowledged."""

    def __init__(self, service: ServiceProcess, name: str) -> None:
        super().__init__()
        self.acknowledged: list[str] = []
        self._service = service
        self._prefix = name

    def run(self) -> None:
        number = 0
        try:
            while True:
                batch = [f"{self._prefix}-{number}-{place}" for place in range(BATCH)]
                documents = [{"id": each, "text": f"fish of {each}"} for each in batch]
                if self._service.ask("POST", DOCUMENTS, documents).status == 202:
                    self.acknowledged += batch
                single = f"{self._prefix}-{number}-alone"
                answer = self._service.ask("PUT", f"{DOCUMENTS}/{single}", {"text": f"fish of {single}"})
                if answer.status == 201:
                    self.acknowledged.append(single)
                number += 1
        except GONE:
            return


def stored(data_dir: Path) -> set[str]:
    """The keys of all documents, each read and checked."""
    with Catalogue.open(data_dir) as catalogue:
        if catalogue.indexes.find("pets") is None:
            return set()
        assert list(catalogue.documents.damaged("pets", lambda _: None)) == []
        with catalogue.documents.snapshot("pets") as snapshot:
            return {document.doc_id for document in snapshot.documents()}


def half_batches(doc_ids: set[str]) -> list[str]:
    counted = Counter(each.rpartition("-")[0] for each in doc_ids if not each.endswith("alone"))
    return [batch for batch, n in counted.items() if n != BATCH]


def test_a_killed_service_has_lost_nothing_that_it_acknowledged(tmp_path):
    chance = random.Random(1)
    points, acknowledged, restarts = extent(4, 500), set[str](), list[float]()
    for point in range(points):
        service = ServiceProcess(tmp_path / "data", tmp_path / "log")
        restarts.append(service.wait_until_ready())
        if acknowledged:  # the first search after the kill finds what was written before it
            last = max(acknowledged)
            found = service.ask("POST", "/v1/indexes/pets/search", {"q": f'"{last}"', "limit": 100})
            assert last in {hit["id"] for hit in found.body["hits"]}
        writers = [Writer(service, f"p{point:04d}w{number}") for number in range(3)]
        for each in writers:
            each.start()
        enough = chance.randrange(1, 40)
        while sum(len(each.acknowledged) for each in writers) < enough:
            writers[0].join(0.001)
        service.kill()
        for each in writers:
            each.join()
            acknowledged.update(each.acknowledged)
        there = stored(tmp_path / "data")
        assert acknowledged <= there
        assert half_batches(there) == []
    tell(
        f"kill −9 of the service: {points} points, {len(acknowledged):,} documents acknowledged, 0 lost, "
        f"0 half batches, restart at most {max(restarts):.1f} s"
    )


_WRITES = """
import sys
from io import BytesIO
from pathlib import Path
from indexer.database import Catalogue
from indexer.documents import Source, import_documents
import orjson
catalogue = Catalogue.open(Path(sys.argv[1]))
for number in range(1_000_000):
    batch = [f"{sys.argv[2]}-{number}-{place}" for place in range(3)]
    body = b"".join(orjson.dumps({"id": each, "text": "fish"}) + b"\\n" for each in batch)
    print("begin", number, flush=True)
    import_documents(catalogue, "pets", [Source("test", "jsonl", lambda: BytesIO(body))])
    print("end", number, flush=True)
"""


def test_a_killed_import_has_stored_whole_batches(tmp_path):
    """The same without HTTP between, which is faster: killed a moment after a batch began."""
    with new_catalogue(tmp_path) as catalogue:
        catalogue.indexes.create("pets", HASHING)
    chance = random.Random(2)
    points, acknowledged = extent(22, 500), set[str]()
    for point in range(points):
        wanted, seconds = chance.randrange(12), chance.random() * 0.008
        command = [sys.executable, "-c", _WRITES, str(tmp_path), f"p{point:04d}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                word, number = line.split()
                if word == "end":
                    acknowledged.update(f"p{point:04d}-{number}-{place}" for place in range(BATCH))
                elif int(number) == wanted:
                    threading.Timer(seconds, process.kill).start()  # somewhere in the batch
        there = stored(tmp_path)
        assert acknowledged <= there
        assert half_batches(there) == []
    tell(f"kill −9 of an import: {points} points, {len(acknowledged):,} documents acknowledged, 0 lost")


def build_process(data_dir: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "indexer", "build", "pets", "--data-dir", str(data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)


def test_a_killed_build_leaves_the_former_generation_or_the_new_one(tmp_path):
    documents = [{"id": f"{number:04d}", "text": f"fish number {number} of 300"} for number in range(300)]
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", documents, HASHING)
        build_generation(catalogue, tmp_path, "pets")
    folder = IndexFolder(tmp_path, "pets")
    chance = random.Random(3)
    points, in_the_middle, phases = extent(14, 1_000), 0, Counter[str]()
    for _ in range(points):
        before = folder.current()
        wanted, seconds = chance.randrange(12), chance.random() * 0.03
        with build_process(tmp_path) as process:
            assert process.stdout is not None
            for number, line in enumerate(process.stdout):
                if number == wanted:
                    phases[json.loads(line).get("phase", "report")] += 1
                    threading.Timer(seconds, process.kill).start()
        in_the_middle += any(folder.path.glob("gen-*.building"))
        after = folder.current()
        assert after >= before
        generation, faults = folder.open()
        assert (generation.name, faults, generation.manifest.documents) == (after, [], 300)
        generation.close()
        folder.clear_leftovers()
        assert list(folder.path.glob("*.building")) == []
    tell(
        f"kill −9 of a build: {points} points, {in_the_middle / points:.0%} in the middle of it "
        f"({', '.join(f'{phase} {n}' for phase, n in phases.most_common())}), 0 half generations"
    )


def test_a_first_build_that_is_killed_leaves_none(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", [{"id": "1", "text": "fish"}], HASHING)
    with build_process(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    with suppress(NotBuiltError):
        assert IndexFolder(tmp_path, "pets").open()[0].manifest.documents == 1  # it was faster
