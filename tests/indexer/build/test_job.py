"""A build from documents to a published generation."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing

import orjson
import pytest

from indexer.build import build_generation, lacked_memory
from indexer.errors import CanceledError, InputError, LockedError, MissingError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.storage.sqlite import sqlite_module
from indexer.types import EncoderSettings, IndexSettings
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "pets", CATS_AND_DOGS)
        yield opened


def folder_names(tmp_path):
    return sorted(path.name for path in (tmp_path / "indexes" / "pets").iterdir())


def test_a_build_publishes_all_documents(catalogue, tmp_path):
    report = build_generation(catalogue, tmp_path, "pets")
    assert (report.generation, report.documents, report.encoders) == ("gen-000001", 3, ["hashing"])
    generation, refused = IndexFolder(tmp_path, "pets").open()
    assert refused == []
    assert generation.lexical.doc_ids(range(3)) == ["1", "2", "3"]
    assert generation.manifest.through_seq == 3
    assert generation.manifest.encoders["hashing"].rows == 3
    [record] = catalogue.generations.list("pets")
    assert (record.name, record.through_seq) == ("gen-000001", 3)
    generation.close()


def test_the_manifest_lists_every_file_but_its_own_and_those_made_from_others(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "pets")
    generation, _ = IndexFolder(tmp_path, "pets").open()
    folder = tmp_path / "indexes" / "pets" / "gen-000001"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    derived = {path.relative_to(folder).as_posix() for path in (folder / "lexical.arrays").iterdir()}
    assert files - derived == {*generation.manifest.files, "manifest.json", "manifest.sha256"}
    summary = orjson.loads((folder / "lexical.arrays" / "arrays.json").read_bytes())
    listed = {f"lexical.arrays/{file}" for file in summary["files"]}
    assert derived == {*listed, "lexical.arrays/arrays.json"}
    assert summary["source"] == generation.manifest.files["lexical.sqlite"]
    generation.close()


def test_ordinals_follow_the_utf8_bytes_of_the_keys(catalogue, tmp_path):
    store(catalogue, "pets", [{"id": key, "text": "x"} for key in ("é", "Z", "a", "猫", "10")])
    build_generation(catalogue, tmp_path, "pets")
    generation, _ = IndexFolder(tmp_path, "pets").open()
    ids = generation.lexical.doc_ids(range(8))
    assert ids == sorted(ids, key=str.encode) == ["1", "10", "2", "3", "Z", "a", "é", "猫"]
    generation.close()


def test_only_the_named_encoders_are_built(catalogue, tmp_path):
    assert build_generation(catalogue, tmp_path, "pets", []).encoders == []
    with pytest.raises(UnknownNameError, match="`bert`; known: `hashing`"):
        build_generation(catalogue, tmp_path, "pets", ["bert"])


def test_a_corpus_too_small_to_train_on_is_built_without_the_encoder(tmp_path):
    settings = IndexSettings(encoders={"word2vec": EncoderSettings(type="word2vec")})
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS, settings)
        report = build_generation(catalogue, tmp_path, "pets")
    assert report.encoders == []
    [warning] = report.warnings
    assert "`word2vec` was left out" in warning
    assert "at least 1000 words" in warning


@pytest.mark.parametrize("keys", [["2"], ["1", "2", "3"]])
def test_damaged_documents_are_left_out_and_named(catalogue, tmp_path, keys):
    with closing(sqlite_module().connect(tmp_path / "textprism.db")) as connection, connection:
        connection.executemany("UPDATE documents SET body = '{}' WHERE doc_id = ?", [[key] for key in keys])
    report = build_generation(catalogue, tmp_path, "pets")
    named = ", ".join(f"`{key}`" for key in keys)
    assert report.warnings[0].endswith(f"document(s) are damaged in the catalogue and left out: {named}.")
    assert report.documents == 3 - len(keys)


def test_documents_with_no_word_that_is_known_have_no_vector(catalogue, tmp_path):
    store(catalogue, "pets", [{"id": "0", "text": "…"}])
    build_generation(catalogue, tmp_path, "pets")
    generation, _ = IndexFolder(tmp_path, "pets").open()
    assert generation.lexical.n_docs == 4
    assert generation.manifest.encoders["hashing"].rows == 3
    generation.close()


def test_an_index_without_a_text_field_is_refused(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        catalogue.indexes.create("empty", HASHING)
        with pytest.raises(InputError, match="no text field"):
            build_generation(catalogue, tmp_path, "empty")
        with pytest.raises(MissingError, match="no index `nowhere`"):
            build_generation(catalogue, tmp_path, "nowhere")


@pytest.mark.parametrize(
    "phase",
    [
        "analyse",
        "write postings",
        "encode hashing",
        "lay out postings",
        "verify",
    ],
)
def test_a_canceled_build_leaves_nothing_and_the_former_generation_serves(catalogue, tmp_path, phase):
    build_generation(catalogue, tmp_path, "pets")

    def cancel(reached, done, total, loss=None):
        if reached == phase:
            raise CanceledError("enough")

    with pytest.raises(CanceledError, match="enough"):
        build_generation(catalogue, tmp_path, "pets", progress=cancel)
    assert folder_names(tmp_path) == ["CURRENT", "build.lock", "gen-000001", "publish.lock"]
    assert IndexFolder(tmp_path, "pets").current() == "gen-000001"


def test_a_second_build_of_the_same_index_is_refused(catalogue, tmp_path):
    with IndexFolder(tmp_path, "pets").building(), pytest.raises(LockedError, match="held by another"):
        build_generation(catalogue, tmp_path, "pets")


def test_what_a_killed_build_left_is_cleared_by_the_next(catalogue, tmp_path):
    leftover = tmp_path / "indexes" / "pets" / "gen-000001.building"
    leftover.mkdir(parents=True)
    (leftover / "lexical.sqlite").write_bytes(b"half")
    build_generation(catalogue, tmp_path, "pets")
    assert folder_names(tmp_path) == ["CURRENT", "build.lock", "gen-000001", "publish.lock"]


def test_the_last_three_generations_are_kept(catalogue, tmp_path):
    for _ in range(5):
        build_generation(catalogue, tmp_path, "pets")
    kept = ["gen-000003", "gen-000004", "gen-000005"]
    assert folder_names(tmp_path) == ["CURRENT", "build.lock", *kept, "publish.lock"]


def test_the_same_documents_give_the_same_files(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "pets")
    first, _ = IndexFolder(tmp_path, "pets").open()
    build_generation(catalogue, tmp_path, "pets")
    second, _ = IndexFolder(tmp_path, "pets").open()
    assert first.manifest.files == second.manifest.files
    assert first.manifest.corpus_hash == second.manifest.corpus_hash
    first.close()
    second.close()


class BuildProcess(subprocess.Popen[bytes]):
    """`python -m indexer` on the index of a folder."""

    def __init__(self, data_dir, index="pets", *options):
        command = [sys.executable, "-m", "indexer", "build", index, "--data-dir", str(data_dir), *options]
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def lines(self):
        assert self.stdout is not None
        return map(orjson.loads, self.stdout)


FIGURES = {"phase", "done", "total", "per_second", "loss", "eta_seconds"}


def test_the_batch_job_reports_in_json_lines(catalogue, tmp_path):
    with BuildProcess(tmp_path) as process:
        lines = list(process.lines())
    assert process.returncode == 0
    assert lines[-1]["report"]["generation"] == "gen-000001"
    assert all(set(line) == FIGURES for line in lines[:-1])
    phases = [line["phase"] for line in lines[:-1]]
    assert list(dict.fromkeys(phases)) == [
        "analyse",
        "write postings",
        "encode hashing",
        "index hashing",
        "lay out postings",
        "verify",
    ]


def test_the_batch_job_tells_an_error_and_fails(catalogue, tmp_path):
    with BuildProcess(tmp_path, "nowhere") as process:
        [line] = process.lines()
    assert process.returncode == 1
    assert line["error"]["code"] == "index_not_found"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_batch_job_publishes_nothing(catalogue, tmp_path, number):
    documents = [{"id": str(i), "text": f"猫 喜欢 鱼 {i}"} for i in range(20_000)]
    store(catalogue, "pets", documents)
    with BuildProcess(tmp_path) as process:
        next(process.lines())
        os.kill(process.pid, number)
    assert process.returncode != 0
    assert "CURRENT" not in folder_names(tmp_path)
    left = [name for name in folder_names(tmp_path) if name.startswith("gen-")]
    assert left == ([] if number == signal.SIGTERM else ["gen-000001.building"])
    report = build_generation(catalogue, tmp_path, "pets")
    assert (report.generation, report.documents) == ("gen-000001", 20_000)


def test_the_rest_of_a_phase_takes_what_is_left_at_its_rate(catalogue, tmp_path):
    store(catalogue, "pets", [{"id": str(i), "text": f"猫 喜欢 鱼 {i}"} for i in range(5_000)])
    with BuildProcess(tmp_path) as process:
        lines = [line for line in process.lines() if line.get("eta_seconds") is not None]
    assert {"analyse", "encode hashing"} <= {line["phase"] for line in lines}
    for line in lines:
        left = line["total"] - line["done"]
        assert line["eta_seconds"] == pytest.approx(left / line["per_second"], abs=0.06, rel=0.01)


@pytest.mark.parametrize("n_bytes", [1, 64 << 20])
def test_a_batch_job_with_too_little_memory_publishes_nothing(catalogue, tmp_path, n_bytes):
    build_generation(catalogue, tmp_path, "pets")
    with BuildProcess(tmp_path, "pets", "--max-bytes", str(n_bytes)) as process:
        lines = list(process.lines())
    # It says so, unless a library had no room to say anything.
    assert process.returncode == 1 or lacked_memory(process.returncode, limited=True)
    assert process.returncode != 1 or lines[-1]["error"]["code"] == "out_of_memory"
    shutil.rmtree(tmp_path / "indexes" / "pets" / "gen-000002.building", ignore_errors=True)
    assert folder_names(tmp_path) == ["CURRENT", "build.lock", "gen-000001", "publish.lock"]


def test_a_batch_job_in_the_background_gives_way_waits_and_ends_with_who_started_it(catalogue, tmp_path):
    with IndexFolder(tmp_path, "pets").building():
        process = BuildProcess(tmp_path, "pets", "--background")
        while os.getpriority(os.PRIO_PROCESS, process.pid) < os.getpriority(os.PRIO_PROCESS, 0) + 10:
            assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()  # as the system does when its parent is killed
        assert process.wait() == 1
    with process:
        assert list(process.lines()) == []
    with IndexFolder(tmp_path, "pets").building():
        waiting = BuildProcess(tmp_path, "pets", "--background")
    with waiting:
        *_, last = waiting.lines()
    assert last["report"]["generation"] == "gen-000001"
