"""A snapshot restores to the same answers, whatever was written while it was taken; a bad one to nothing."""

import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.search.engines import Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import BadFileError, CanceledError, CorruptError, FormatError, InputError, MissingError
from indexer.snapshots import Snapshots, restore
from tests.library import CATS_AND_DOGS, new_catalogue, store


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with new_catalogue(tmp_path / "data") as opened:
        store(opened, "pets", CATS_AND_DOGS)
        build_generation(opened, tmp_path / "data", "pets")
        store(opened, "pets", [{"id": "4", "text": "a parrot and a fish"}])
        store(opened, "unbuilt", [{"id": "1", "text": "fish"}])
        yield opened


@pytest.fixture
def archive(catalogue: Catalogue, tmp_path: Path) -> Path:
    return Path(Snapshots(tmp_path / "data").take(catalogue).path)


def hits(catalogue: Catalogue, data_dir: Path, index: str) -> list[object]:
    engine = Engines(catalogue, data_dir).get(index)
    found = search(catalogue, engine, SearchRequest(q="fish 猫", explain="full"))
    return [engine.generation.name, found.fingerprint, found.hits]


def test_a_restored_folder_gives_the_same_answers(catalogue, archive, tmp_path):
    restored = restore(archive, tmp_path / "new")
    assert {"textprism.db", "indexes/pets/CURRENT", "indexes/pets/gen-000001/lexical.sqlite"} <= set(
        restored.members
    )
    with Catalogue.open(tmp_path / "new") as other:
        for index in ("pets", "unbuilt"):
            assert hits(other, tmp_path / "new", index) == hits(catalogue, tmp_path / "data", index)
    assert list(tmp_path.glob(".*")) == []  # nothing but the two folders


def test_a_snapshot_is_of_one_moment_while_others_write_and_publish(catalogue, tmp_path):
    ended = threading.Event()
    written = []

    def write() -> None:
        with Catalogue.open(tmp_path / "data") as other:
            for number in range(200):
                if ended.is_set():
                    break
                store(
                    other,
                    "pets",
                    [{"id": f"a{number}", "text": "fish"}, {"id": f"b{number}", "text": "fish"}],
                )
                written.append(number)
                if number % 5 == 0:
                    build_generation(other, tmp_path / "data", "pets")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        taken = [Snapshots(tmp_path / "data").take(catalogue) for _ in range(3)]
    finally:
        ended.set()
        writer.join()
    assert written
    for number, each in enumerate(taken):
        folder = tmp_path / f"restored-{number}"
        restore(Path(each.path), folder)
        with Catalogue.open(folder) as other:
            stored = {document.doc_id for document in other.documents.list("pets", 0, 1_000).documents}
            firsts = {each[1:] for each in stored if each.startswith("a")}
            assert firsts == {each[1:] for each in stored if each.startswith("b")}  # no half batch
            engine = Engines(other, folder).get("pets")
            assert engine.faults == ()
            assert set(engine.generation.lexical.doc_ids(range(len(stored)))) == stored


def test_snapshots_are_listed_and_removed_by_their_own_names(catalogue, archive, tmp_path):
    snapshots = Snapshots(tmp_path / "data")
    [listed] = snapshots.list()
    assert (listed.path, listed.bytes) == (str(archive), archive.stat().st_size)
    for name in ("nothing", "../data/textprism.db", f"../snapshots/{listed.name}", ""):
        with pytest.raises(MissingError):
            snapshots.remove(name)
    snapshots.remove(listed.name)
    assert snapshots.list() == []


def test_a_damaged_generation_is_in_no_snapshot(catalogue, tmp_path):
    path = tmp_path / "data" / "indexes" / "pets" / "gen-000001" / "lexical.sqlite"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(CorruptError, match=r"gen-000001/lexical\.sqlite"):
        Snapshots(tmp_path / "data").take(catalogue)
    assert list((tmp_path / "data" / "snapshots").iterdir()) == []


def test_taking_and_restoring_can_be_stopped_and_leave_nothing(catalogue, archive, tmp_path):
    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        if done == 2:
            raise CanceledError("stop")

    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CanceledError):
        Snapshots(tmp_path / "data").take(catalogue, progress=stop)
    with pytest.raises(CanceledError):
        restore(archive, tmp_path / "new", stop)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_with_anything_in_it_is_refused(archive, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").touch()
    for folder in (tmp_path / "new", tmp_path / "data", archive):
        with pytest.raises(InputError, match="not empty"):
            restore(archive, folder)
    (tmp_path / "new" / "file").unlink()
    restore(archive, tmp_path / "new")


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


def entry(name: str, content: bytes = b"x", **said: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in said.items():
        setattr(info, key, value)
    return info, content


def with_member(name: str) -> Change:
    """Puts a file into the archive and its manifest."""

    def change(entries: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        manifest = json.loads(entries[0][1])
        digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of x
        manifest["members"][name] = {"bytes": 1, "sha256": digest}
        entries[0] = entry("snapshot.json", json.dumps(manifest).encode())
        entries.append(entry(name))

    return change


def edited(path: str, value: object) -> Change:
    """Says something else in the manifest."""

    def change(entries: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        manifest = json.loads(entries[0][1])
        manifest[path] = value
        entries[0] = entry("snapshot.json", json.dumps(manifest).encode())

    return change


def damage(entries: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    info, content = entries[-1]
    entries[-1] = info, content[:-1] + bytes([content[-1] ^ 1])


BAD: dict[str, Change] = {
    **{
        f"a file {name}": with_member(name)
        for name in (
            "../escaped",
            "/tmp/escaped",
            "indexes/pets/gen-000001/../../../../escaped",
            "indexes/pets/gen-000001/./x",
            "indexes/../models/x/y",
            "models/..",
            "elsewhere/file",
            "indexes/pets/gen-000001",
            "textprism.db-wal",
            "models/a\\b/c",
            "",
        )
    },
    "a checksum that differs": damage,
    "a file that no manifest names": lambda entries: entries.append(entry("indexes/x/CURRENT")),
    "a file twice": lambda entries: entries.append(entries[-1]),
    "a link": lambda entries: entries.__setitem__(
        -1, entry(entries[-1][0].name, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    ),
    "a device": lambda entries: entries.__setitem__(
        -1, entry(entries[-1][0].name, b"", type=tarfile.CHRTYPE)
    ),
    "a file less": lambda entries: entries.__delitem__(-1),
    "no manifest": lambda entries: entries.__delitem__(0),
    "a manifest that is none": lambda entries: entries.__setitem__(0, entry("snapshot.json", b"{}")),
    "no catalogue": lambda entries: entries.__delitem__(1),
    "a newer format": edited("format", 99),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_archive_is_refused_and_nothing_is_restored(archive, tmp_path, what):
    with tarfile.open(archive) as opened:
        entries = [(info, opened.extractfile(info).read()) for info in opened]  # type: ignore[union-attr]
    BAD[what](entries)
    bad = tmp_path / "bad.tar"
    with tarfile.open(bad, "w") as written:
        for info, content in entries:
            written.addfile(info, io.BytesIO(content))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises((BadFileError, FormatError)):
        restore(bad, tmp_path / "new")
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_that_is_cut_off_anywhere_is_refused(archive, tmp_path):
    content = archive.read_bytes()
    end = content.rstrip(b"\0")
    for size in (0, 100, 512, 2_000, len(content) // 2, len(end) - 1):
        (tmp_path / "cut.tar").write_bytes(content[:size])
        with pytest.raises(BadFileError):
            restore(tmp_path / "cut.tar", tmp_path / "new")
        assert not (tmp_path / "new").exists()


def test_what_has_no_room_is_refused_before_it_is_written(archive, tmp_path):
    with tarfile.open(archive) as opened:
        entries = [(info, opened.extractfile(info).read()) for info in opened]  # type: ignore[union-attr]
    manifest = json.loads(entries[0][1])
    manifest["members"]["textprism.db"]["bytes"] = 1 << 60
    with tarfile.open(tmp_path / "large.tar", "w") as written:
        info, content = entry("snapshot.json", json.dumps(manifest).encode())
        written.addfile(info, io.BytesIO(content))
    with pytest.raises(InputError, match="make room"):
        restore(tmp_path / "large.tar", tmp_path / "new")
