"""An index is removed as a whole, or not at all."""

from contextlib import suppress

import pytest

from indexer.build import build_generation, clear_removed, remove_index
from indexer.errors import ConflictError, LockedError, MissingError
from indexer.generation import IndexFolder
from tests.library import CATS_AND_DOGS, new_catalogue, store


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        for index in ("pets", "others"):
            store(opened, index, CATS_AND_DOGS)
            build_generation(opened, tmp_path, index)
        opened.profiles.save("pets", "default", {})
        yield opened


def folders(tmp_path):
    return sorted(path.name for path in (tmp_path / "indexes").iterdir())


def test_an_index_goes_with_all_it_holds_but_its_tasks(catalogue, tmp_path):
    task = catalogue.tasks.fail(catalogue.tasks.create("reindex", "pets").id, {})
    remove_index(catalogue, tmp_path, "pets")
    assert [each.name for each in catalogue.indexes.list()] == ["others"]
    assert folders(tmp_path) == ["others"]
    assert catalogue.tasks.get(task.id) == task
    assert catalogue.documents.count("others") == 3
    with pytest.raises(MissingError):
        remove_index(catalogue, tmp_path, "pets")
    # One of the same name begins from nothing.
    store(catalogue, "pets", CATS_AND_DOGS[:1])
    assert catalogue.documents.count("pets") == 1
    assert (catalogue.generations.list("pets"), catalogue.profiles.list("pets")) == ([], [])
    assert build_generation(catalogue, tmp_path, "pets").generation == "gen-000001"


def test_an_index_without_a_generation_goes_too(catalogue, tmp_path):
    store(catalogue, "new", CATS_AND_DOGS)
    remove_index(catalogue, tmp_path, "new")
    assert folders(tmp_path) == ["others", "pets"]


def test_an_index_that_is_built_stays(catalogue, tmp_path):
    with IndexFolder(tmp_path, "pets").building(), pytest.raises(LockedError):
        remove_index(catalogue, tmp_path, "pets")
    task = catalogue.tasks.create("reindex", "pets").id
    with pytest.raises(ConflictError, match=f"`{task}`") as caught:
        remove_index(catalogue, tmp_path, "pets")
    assert caught.value.code == "already_running"
    assert catalogue.documents.count("pets") == 3
    assert IndexFolder(tmp_path, "pets").current() == "gen-000001"


def test_what_a_crash_left_of_a_removal_is_removed_and_an_index_that_was_to_stay_is_there(
    catalogue, tmp_path
):
    with suppress(KeyboardInterrupt), catalogue.indexes.deleting("pets"):
        IndexFolder(tmp_path, "pets").set_aside()
        raise KeyboardInterrupt
    assert folders(tmp_path) == [".removed-pets", "others"]
    assert catalogue.documents.count("pets") == 3
    clear_removed(tmp_path)
    assert folders(tmp_path) == ["others"]
    assert build_generation(catalogue, tmp_path, "pets").documents == 3
