"""A generation is opened whole or not at all; the one before it serves while the newest cannot."""

import shutil

import orjson
import pytest

from indexer.build import build_generation
from indexer.errors import (
    ConflictError,
    CorruptError,
    FormatError,
    MismatchError,
    MissingError,
    NotBuiltError,
)
from indexer.generation import Generation, IndexFolder, Manifest, write_manifest
from tests.library import CATS_AND_DOGS, new_catalogue, store


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    with new_catalogue(data_dir) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
        build_generation(catalogue, data_dir, "pets")
        build_generation(catalogue, data_dir, "pets")
    return data_dir


@pytest.fixture
def folder(built, tmp_path):
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return IndexFolder(tmp_path, "pets")


FILES = sorted(
    [
        "completion/discounts.npy",
        "completion/documents.npy",
        "completion/pair_begins.npy",
        "completion/pair_documents.npy",
        "completion/pair_followed.npy",
        "completion/pair_preceded.npy",
        "completion/pair_words.npy",
        "completion/preceded.npy",
        "completion/triple_begins.npy",
        "completion/triple_counts.npy",
        "completion/triple_documents.npy",
        "completion/triple_words.npy",
        "completion/word_begins.npy",
        "completion/word_bytes.npy",
        "hashing.faiss",
        "hashing.ordinals.npy",
        "lexical.sqlite",
        "manifest.json",
        "manifest.sha256",
        "metadata/booleans.npy",
        "metadata/codes.npy",
        "metadata/columns.json",
        "metadata/dates.npy",
        "metadata/empty.npy",
        "metadata/keyword_begins.npy",
        "metadata/keyword_bytes.npy",
        "metadata/numbers.npy",
        "metadata/ordinals.npy",
        "metadata/present.npy",
        "models/hashing/encoder.json",
        "spelling/cf.npy",
        "spelling/df.npy",
        "spelling/forms.txt",
    ]
)


def test_these_are_the_files_of_a_generation(folder):
    newest = folder.path / "gen-000002"
    found = {path.relative_to(newest).as_posix() for path in newest.rglob("*") if path.is_file()}
    derived = {file for file in found if file.startswith("lexical.arrays/")}
    assert sorted(found - derived) == FILES
    assert "lexical.arrays/arrays.json" in derived


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def remove(path):
    path.unlink()


@pytest.mark.parametrize("harm", [flip, truncate, remove])
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_refused_by_name_and_the_former_generation_serves(folder, file, harm):
    harm(folder.path / "gen-000002" / file)
    generation, refused = folder.open()
    assert generation.name == "gen-000001"
    assert generation.lexical.doc_ids([0]) == ["1"]
    [reason] = refused
    assert file.removesuffix(".sha256") in reason
    generation.close()


def test_without_a_whole_generation_the_newest_ones_fault_is_told(folder):
    for name in ("gen-000001", "gen-000002"):
        flip(folder.path / name / "lexical.sqlite")
    with pytest.raises(CorruptError, match=r"gen-000002/lexical\.sqlite is damaged"):
        folder.open()


def test_an_index_without_a_generation_says_how_to_get_one(tmp_path):
    with pytest.raises(NotBuiltError, match="textprism reindex pets"):
        IndexFolder(tmp_path, "pets").open()


@pytest.mark.parametrize(
    "content", [b"", b"gen-2", b"gen-000000\n", b"gen-000003\n", b"../gen-000001", b"\xff\xfe"]
)
def test_a_damaged_pointer_is_told_and_the_newest_generation_serves(folder, content):
    (folder.path / "CURRENT").write_bytes(content)
    generation, refused = folder.open()
    assert generation.name == "gen-000002"
    assert "CURRENT" in refused[0]
    generation.close()


def rewrite(folder, **changes):
    """The newest generation, with a manifest that says something else than its twin's."""
    twin = orjson.loads((folder.path / "gen-000001" / "manifest.json").read_bytes())
    path = folder.path / "gen-000002" / "manifest.json"
    write_manifest(path.parent, Manifest.model_validate(twin | changes))
    return Generation.open(path.parent)


def test_another_format_is_refused_with_the_way_out(folder):
    with pytest.raises(FormatError, match=r"index format 4, this program reads 5.*textprism reindex pets"):
        rewrite(folder, format=4)


def test_another_analysis_is_refused_with_the_way_out(folder):
    with pytest.raises(MismatchError, match="other versions of the dictionaries"):
        rewrite(folder, analysis="sha256:0")


def test_row_counts_must_agree(folder):
    with pytest.raises(MismatchError, match=r"Wanted 4 documents.*found 3"):
        rewrite(folder, documents=4)
    encoders = orjson.loads((folder.path / "gen-000001" / "manifest.json").read_bytes())["encoders"]
    with pytest.raises(MismatchError, match=r"Wanted 7 rows.*found 3"):
        rewrite(folder, encoders={"hashing": encoders["hashing"] | {"rows": 7}})
    with pytest.raises(MismatchError, match="not the one of its vectors"):
        rewrite(folder, encoders={"hashing": encoders["hashing"] | {"fingerprint": "0"}})


def test_any_kept_generation_is_activated_also_back(folder):
    for name in ("gen-000001", "gen-000001", "gen-000002"):
        folder.activate(name)
        generation, refused = folder.open()
        assert (folder.current(), generation.name, refused) == (name, name, [])
        generation.close()


@pytest.mark.parametrize("name", ["gen-000009", "gen-000001.building", "..", "", "CURRENT"])
def test_a_generation_that_is_not_kept_is_not_activated(folder, name):
    with pytest.raises(MissingError, match="Known: `gen-000001`, `gen-000002`") as caught:
        folder.activate(name)
    assert caught.value.code == "generation_not_found"
    assert folder.current() == "gen-000002"


@pytest.mark.parametrize("harm", [flip, truncate, remove])
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_generation_is_not_activated_and_nothing_changes(folder, file, harm):
    harm(folder.path / "gen-000001" / file)
    with pytest.raises(ConflictError, match="`gen-000001` cannot be served") as caught:
        folder.activate("gen-000001")
    assert caught.value.code == "generation_damaged"
    assert file.removesuffix(".sha256") in caught.value.message
    assert folder.current() == "gen-000002"


def test_a_generation_of_another_format_is_not_activated(folder):
    with pytest.raises(FormatError):
        rewrite(folder, format=3)
    with pytest.raises(ConflictError, match="index format 3"):
        folder.activate("gen-000002")


def test_numbers_are_never_given_twice(folder):
    assert folder.new()[0] == "gen-000003"
    assert folder.new()[0] == "gen-000003"  # what was not finished has no number
    (folder.path / "gen-000002").rename(folder.path / "gen-000002.unreadable")
    assert folder.new()[0] == "gen-000003"
    shutil.rmtree(folder.path / "gen-000002.unreadable")
    assert folder.new(["gen-000001", "gen-000007"])[0] == "gen-000008"


def test_leftovers_are_cleared_unless_somebody_builds(folder):
    name, building = folder.new()
    (building / "lexical.sqlite").write_bytes(b"half")
    (folder.path / ".CURRENT.1.new").write_bytes(b"half")
    (folder.path / "gen-000000.removed").mkdir()
    with folder.building():
        assert folder.clear_leftovers() == []
        assert building.is_dir()
    assert folder.clear_leftovers() == ["gen-000000.removed", f"{name}.building"]
    assert folder.clear_leftovers() == []
    left = sorted(path.name for path in folder.path.iterdir())
    assert left == ["CURRENT", "build.lock", "gen-000001", "gen-000002", "publish.lock"]
    assert IndexFolder(folder.path, "nowhere").clear_leftovers() == []
    assert not (folder.path / "indexes").exists()
