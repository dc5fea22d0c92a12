"""`textprism check`: what it says of a sound index and of a damaged one, and how it ends."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from app.cli import main
from app.cli.checking import SHOWN
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.generation import read_manifest, write_manifest
from indexer.storage.arrays import load_array, save_array
from indexer.storage.files import checksum
from tests.library import CATS_AND_DOGS, new_catalogue, store


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    with new_catalogue(folder) as catalogue:
        for index in ("birds", "pets"):
            store(catalogue, index, CATS_AND_DOGS)
            build_generation(catalogue, folder, index)
    return folder


@pytest.fixture
def data_dir(built, tmp_path):
    return shutil.copytree(built, tmp_path / "data")


@pytest.fixture
def check(data_dir, capsys):
    """Runs the command in the data folder: its status, and what it printed, the lines joined."""

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["check", *arguments, "--data-dir", str(data_dir)])
        printed = capsys.readouterr()
        assert printed.err == ""
        return ended.value.code, printed.out

    return command


@pytest.fixture
def check_json(check):
    """The status, and what is said of `pets`."""

    def command():
        status, out = check("pets", "--json")
        [checked] = json.loads(out)["indexes"]
        return status, checked

    return command


@pytest.fixture
def generation(data_dir):
    return data_dir / "indexes" / "pets" / "gen-000001"


def change(folder, script):
    """Writes into the counts of a generation as if its build had, so that all checksums are right."""
    path = folder / "lexical.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    sign(folder, path.name)


def sign(folder, name):
    """Puts the checksum of a changed file into the manifest."""
    manifest = read_manifest(folder)
    files = {**manifest.files, name: checksum(folder / name)}
    write_manifest(folder, manifest.model_copy(update={"files": files}))


def test_sound_indexes_are_told_with_status_0(check, check_json):
    assert check() == (
        0,
        "birds: gen-000001 is sound, 3 documents\npets: gen-000001 is sound, 3 documents\n",
    )
    assert check("pets") == (0, "pets: gen-000001 is sound, 3 documents\n")
    assert check_json() == (
        0,
        {"index": "pets", "generation": "gen-000001", "documents": 3, "faults": [], "notes": []},
    )


def test_every_damaged_file_is_named(check, check_json, generation):
    for name in ("lexical.sqlite", "hashing.faiss"):
        content = bytearray((generation / name).read_bytes())
        content[-1] ^= 1
        (generation / name).write_bytes(content)
    (generation / "hashing.ordinals.npy").unlink()
    status, checked = check_json()
    assert status == 1
    assert len(checked["faults"]) == 3
    assert all(
        any(f"{generation / name} " in fault for fault in checked["faults"])
        for name in ("lexical.sqlite", "hashing.faiss", "hashing.ordinals.npy")
    )
    status, out = check()
    assert status == 1
    assert out.count("fault pets: ") == 3
    assert "birds: gen-000001 is sound, 3 documents\n" in out
    assert out.endswith("next: textprism reindex pets\n")


def test_a_row_that_the_catalogue_cannot_find_is_told(check, data_dir):
    path = data_dir / "textprism.db"
    path.write_bytes(path.read_bytes().replace(b"hashing", b"hashinh", 1))
    path.write_bytes(path.read_bytes().replace(b"gen-000001", b"gen-000002", 1))
    status, out = check()
    assert status == 1
    assert f"fault SQLite finds in {path}" in out


def test_a_manifest_that_is_damaged_is_told(check_json, generation):
    (generation / "manifest.json").write_bytes(b"{}")
    status, checked = check_json()
    assert (status, checked["generation"]) == (1, "gen-000001")
    assert ["manifest.json is damaged" in fault for fault in checked["faults"]] == [True]


def test_counts_that_cannot_be_right_are_told_whatever_the_checksum_says(check_json, generation):
    change(generation, "UPDATE lengths SET lengths = x'0200'")
    status, checked = check_json()
    assert status == 1
    assert any("have not as many `words` in `title`" in fault for fault in checked["faults"])


def test_metadata_that_cannot_be_right_is_told_whatever_the_checksum_says(check_json, generation):
    name = "metadata/codes.npy"
    codes = load_array(generation / name).copy()
    codes[0] = 9
    save_array(generation / name, codes)
    sign(generation, name)
    status, checked = check_json()
    assert (status, checked["faults"]) == (
        1,
        ["The metadata of `lang` has a column of kind `keyword` with documents or values that do not exist."],
    )


def test_what_sqlite_finds_is_told(check_json, generation):
    change(
        generation,
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'first_term', 'terms') WHERE name = 'terms_by_name';",
    )
    status, checked = check_json()
    assert status == 1
    assert all("SQLite finds in " in fault and "terms_by_name" in fault for fault in checked["faults"])


def test_a_serving_form_that_is_missing_is_made_anew_and_noted(check, check_json, generation):
    shutil.rmtree(generation / "lexical.arrays")
    status, checked = check_json()
    assert (status, checked["faults"]) == (0, [])
    assert ["lexical.arrays" in note and "made anew" in note for note in checked["notes"]] == [True]
    assert check("pets") == (0, "pets: gen-000001 is sound, 3 documents\n")


def test_documents_written_since_are_noted(check, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        catalogue.documents.delete("pets", ["2"])
    status, out = check("pets")
    assert status == 0
    assert out.startswith("note pets: Documents were written since it was built: the catalogue has 2 now.\n")


def test_a_catalogue_of_another_number_of_documents_is_told(check_json, data_dir):
    with closing(sqlite3.connect(data_dir / "textprism.db")) as connection, connection:
        connection.execute("DELETE FROM documents WHERE doc_id = '2'")
    status, checked = check_json()
    assert status == 1
    assert checked["faults"] == [
        "gen-000001 has 3 documents, the catalogue has 2, and none was written since."
    ]


def test_an_index_that_was_never_built_is_noted(check, data_dir):
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "new", CATS_AND_DOGS)
    status, out = check("new")
    assert status == 0
    assert "note new: The index `new` has no generation yet" in out
    (data_dir / "indexes" / "pets" / "CURRENT").unlink()
    status, out = check("pets")
    assert status == 1
    assert "fault pets: The index `pets` has no generation yet" in out


def test_of_many_faults_the_first_are_listed(check_json, data_dir):
    ids = [f"{number:03d}" for number in range(128)]
    with Catalogue.open(data_dir) as catalogue:
        store(catalogue, "pets", [{"id": each, "text": "猫"} for each in ids])
        build_generation(catalogue, data_dir, "pets")
    generation = data_dir / "indexes" / "pets" / "gen-000002"
    backwards = json.dumps(ids[::-1])
    change(generation, f"UPDATE documents SET doc_ids = '{backwards}' WHERE first_ordinal = 0")
    status, checked = check_json()
    assert status == 1
    assert len(checked["faults"]) == SHOWN + 1
    assert checked["faults"][0] == "The document `126` stands behind `127`: keys have to ascend."
    assert checked["faults"][-1] == "There are more than these 100 faults."


def test_an_index_that_is_not_there_is_an_error(check):
    status, out = check("nope", "--json")
    assert (status, json.loads(out)["error"]["code"]) == (1, "index_not_found")
