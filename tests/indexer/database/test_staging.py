import pytest

from indexer.database.records import Place, StoredCounts
from indexer.errors import InputError
from indexer.types import Document, FieldSettings, IndexSettings
from tests.indexer.database.catalogues import TEXT, staged, store, texts


def test_commit_counts_what_it_changed_and_numbers_the_changes(catalogue):
    assert store(catalogue, "news", texts(a="1", b="2", c="3")) == StoredCounts(3, 0, 0, True)
    assert store(catalogue, "news", texts(a="1", b="2+", c="3", d="4")) == StoredCounts(1, 1, 2, False)
    assert catalogue.indexes.get("news").seq == 5
    assert store(catalogue, "news", texts(a="1")) == StoredCounts(0, 0, 1, False)
    assert catalogue.indexes.get("news").seq == 5


def test_the_order_of_fields_is_kept_and_no_change(catalogue):
    store(catalogue, "news", [Document("a", {"title": "t", "text": "x"})])
    counts = store(catalogue, "news", [Document("a", {"text": "x", "title": "t"})])
    assert counts.unchanged == 1
    assert list(catalogue.documents.get("news", "a").fields) == ["title", "text"]


def test_a_duplicate_is_left_out_and_told_with_the_place_of_the_first(catalogue):
    with catalogue.documents.staging("news") as staging:
        assert staging.add(staged(texts(a="1", b="2"), "one.jsonl")) == {}
        assert staging.add([]) == {}
        batch = [*texts(c="3"), *texts(a="other"), *texts(c="another")]
        duplicates = staging.add(staged(batch, "two.jsonl", first_line=7))
        assert duplicates == {1: Place("one.jsonl", 1), 2: Place("two.jsonl", 7)}
        assert staging.commit(TEXT) == StoredCounts(3, 0, 0, True)
    assert catalogue.documents.list("news", 0, 9).documents == texts(a="1", b="2", c="3")


def test_without_a_commit_nothing_is_stored(catalogue):
    with catalogue.documents.staging("news") as staging:
        staging.add(staged(texts(a="1")))
    assert catalogue.indexes.list() == []


def test_new_fields_follow_those_that_the_index_has(catalogue):
    catalogue.indexes.create("news", IndexSettings(fields={"z": FieldSettings(type="keyword")}))
    store(catalogue, "news", texts(a="1"))
    assert list(catalogue.indexes.get("news").settings.fields) == ["z", "text"]


def test_fields_that_changed_meanwhile_stop_the_import(catalogue):
    with catalogue.documents.staging("news") as staging:
        staging.add(staged(texts(a="1")))
        catalogue.indexes.create("news", IndexSettings(fields={"text": FieldSettings(type="keyword")}))
        with pytest.raises(InputError, match="Field `text` of index `news` is now `keyword`") as caught:
            staging.commit(TEXT)
    assert caught.value.code == "fields_changed"
    assert catalogue.documents.count("news") == 0


def test_other_settings_that_changed_meanwhile_are_kept(catalogue):
    with catalogue.documents.staging("news") as staging:
        staging.add(staged(texts(a="1")))
        catalogue.indexes.create("news", IndexSettings(views=["words"]))
        staging.commit(TEXT)
    assert catalogue.indexes.get("news").settings == IndexSettings(fields=TEXT, views=["words"])


def test_staging_for_a_bad_name_is_refused_before_anything_is_read(catalogue):
    with pytest.raises(InputError, match="cannot name an index"), catalogue.documents.staging("No"):
        raise AssertionError
