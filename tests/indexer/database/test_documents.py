from contextlib import closing
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.database.catalogue import Catalogue
from indexer.errors import CorruptError, MissingError
from indexer.storage.sqlite import sqlite_module
from indexer.types import Document, IndexSettings
from tests.indexer.database.catalogues import new_catalogue, store, texts

connect = sqlite_module().connect
doc_ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
strings = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = strings | scalars | st.lists(strings) | st.dictionaries(strings, strings | scalars, max_size=3)
names = (f"index-{number}" for number in count())


@settings(max_examples=25, deadline=None)
@given(fields=st.dictionaries(strings, values), doc_id=doc_ids)
def test_a_document_comes_back_as_it_was_stored(shared_catalogue, fields, doc_id):
    index = next(names)
    document = Document(doc_id, fields)
    store(shared_catalogue, index, [document])
    found = shared_catalogue.documents.get(index, doc_id)
    assert found == document
    assert list(found.fields) == list(fields)


@settings(max_examples=25, deadline=None)
@given(ids=st.lists(doc_ids, unique=True))
def test_a_snapshot_is_in_the_order_of_utf8_bytes(shared_catalogue, ids):
    index = next(names)
    store(shared_catalogue, index, [Document(each, {"text": "x"}) for each in ids])
    with shared_catalogue.documents.snapshot(index) as snapshot:
        found = [each.doc_id for each in snapshot.documents()]
        assert snapshot.count == snapshot.seq == len(ids)
    assert found == sorted(ids, key=str.encode)


def test_a_snapshot_does_not_see_what_comes_later(catalogue):
    store(catalogue, "news", texts(a="one", b="two"))
    with catalogue.documents.snapshot("news") as snapshot:
        store(catalogue, "news", texts(a="changed", c="three"))
        catalogue.documents.delete("news", ["b"])
        assert (snapshot.seq, snapshot.count) == (2, 2)
        assert list(snapshot.documents()) == texts(a="one", b="two")
    with catalogue.documents.snapshot("news") as snapshot:
        assert (snapshot.seq, snapshot.count) == (5, 2)
        assert list(snapshot.documents()) == texts(a="changed", c="three")


def test_get_many_returns_those_that_are_there(catalogue):
    store(catalogue, "news", [Document(f"d{i}", {"text": str(i)}) for i in range(2500)])
    wanted = [f"d{i}" for i in range(0, 3000, 1)]
    found = catalogue.documents.get_many("news", wanted)
    assert len(found) == 2500
    assert found["d2499"] == Document("d2499", {"text": "2499"})
    assert catalogue.documents.get_many("news", []) == {}


def test_a_missing_document_and_a_missing_index_are_told_apart(catalogue):
    catalogue.indexes.create("news", IndexSettings())
    with pytest.raises(MissingError) as caught:
        catalogue.documents.get("news", "x")
    assert caught.value.code == "document_not_found"
    with pytest.raises(MissingError) as caught:
        catalogue.documents.count("other")
    assert caught.value.code == "index_not_found"


def test_pages_are_by_doc_id(catalogue):
    store(catalogue, "news", texts(c="3", a="1", B="0", b="2"))
    pages = [catalogue.documents.list("news", offset, 3) for offset in (0, 3, 6)]
    assert [[each.doc_id for each in page.documents] for page in pages] == [["B", "a", "b"], ["c"], []]


@pytest.mark.parametrize(
    "harm",
    [
        "body = replace(body, 'two', 'tow')",
        "body = 'no JSON'",
        "body = CAST(x'ee' || body AS TEXT)",
        "doc_id = 'bb'",
        "content_hash = ''",
    ],
)
def test_a_damaged_document_is_named_and_never_handed_out(catalogue, tmp_path, harm):
    store(catalogue, "news", texts(a="one", b="two", c="three"))
    with closing(connect(tmp_path / "textprism.db")) as connection, connection:
        connection.execute(f"UPDATE documents SET {harm} WHERE doc_id = 'b'")
    key = "bb" if harm.startswith("doc_id") else "b"
    sound = texts(a="one", c="three")
    assert list(catalogue.documents.damaged("news", lambda _: None)) == [key]
    assert list(catalogue.documents.get_many("news", ["a", key, "c"]).values()) == sound
    page = catalogue.documents.list("news", 0, 9)
    assert (page.documents, page.damaged) == (sound, [key])
    with catalogue.documents.snapshot("news") as snapshot:
        assert list(snapshot.documents()) == list(snapshot.changed(0, 3)) == sound
        assert snapshot.damaged == [key, key]
    with pytest.raises(CorruptError):
        catalogue.documents.get("news", key)


def test_a_document_that_a_damaged_row_calls_deleted_is_named(catalogue, tmp_path):
    store(catalogue, "news", texts(a="one", b="two"))
    catalogue.documents.delete("news", ["a"])
    assert list(catalogue.documents.damaged("news", lambda _: None)) == []
    with closing(connect(tmp_path / "textprism.db")) as connection, connection:
        connection.execute("UPDATE documents SET deleted = NOT deleted")
    assert list(catalogue.documents.damaged("news", lambda _: None)) == ["a", "b"]


def test_a_row_that_the_indexes_of_the_file_do_not_know_is_a_fault(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "news", texts(unmistakable="one"))
        assert catalogue.faults() == []
    path = tmp_path / "textprism.db"
    path.write_bytes(path.read_bytes().replace(b"unmistakable", b"unmistakeble", 1))
    with Catalogue.open(tmp_path) as catalogue:
        assert "SQLite finds in" in catalogue.faults()[0]


def test_a_deleted_document_is_gone_until_it_is_stored_again(catalogue):
    store(catalogue, "news", texts(a="one", b="two", c="three"))
    assert catalogue.documents.delete("news", ["a", "c", "a", "x"]) == 2
    assert catalogue.documents.delete("news", ["a"]) == 0
    assert catalogue.documents.count("news") == 1
    assert catalogue.documents.list("news", 0, 9).documents == texts(b="two")
    assert catalogue.documents.get_many("news", ["a", "b"]) == {"b": texts(b="two")[0]}
    assert catalogue.indexes.get("news").seq == 5
    counts = store(catalogue, "news", texts(a="one", b="two"))
    assert (counts.added, counts.updated, counts.unchanged) == (1, 0, 1)
    assert catalogue.documents.get("news", "a") == texts(a="one")[0]
