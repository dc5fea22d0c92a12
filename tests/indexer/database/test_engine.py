import errno
from contextlib import closing

import pytest
from sqlalchemy import text

from indexer.database.catalogue import Catalogue
from indexer.database.engine import Database, sqlite_url
from indexer.database.migrate import migrate
from indexer.errors import CorruptError, InputError
from indexer.storage.sqlite import open_readonly, sqlite_module
from indexer.types import IndexSettings
from tests.library import new_catalogue


@pytest.fixture
def database(tmp_path):
    opened = Database(sqlite_url(tmp_path))
    yield opened
    opened.close()


def test_every_connection_is_durable_and_checks_keys(database):
    with database.read() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_read_sees_one_snapshot(database):
    with database.write() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER)"))
    with database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM numbers")).scalar() == 0
        with database.write() as writer:
            writer.execute(text("INSERT INTO numbers VALUES (1)"))
        assert reader.execute(text("SELECT count(*) FROM numbers")).scalar() == 0
    with database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM numbers")).scalar() == 1


def test_a_write_that_fails_leaves_nothing(database):
    with database.write() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER)"))

    def fail():
        with database.write() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM numbers")).scalar() == 0


def test_staging_leaves_no_file_and_no_table(database, tmp_path):
    with database.private() as connection:
        connection.execute(text("CREATE TABLE staging.numbers (n INTEGER)"))
        connection.commit()
        assert not list(tmp_path.glob(".staging*"))
    with database.private() as connection:
        assert connection.execute(text("SELECT count(*) FROM staging.sqlite_schema")).scalar() == 0


def test_a_file_that_is_no_database_is_corrupt(tmp_path):
    (tmp_path / "textprism.db").write_bytes(b"something else " * 1000)
    with pytest.raises(CorruptError, match="restore it from a snapshot"):
        Catalogue.open(tmp_path)


def test_a_damaged_name_in_the_schema_is_corrupt(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        catalogue.indexes.create("news", IndexSettings())
    path = tmp_path / "textprism.db"
    path.write_bytes(path.read_bytes().replace(b"content_hash", b"content_hasx"))
    with Catalogue.open(tmp_path) as catalogue, pytest.raises(CorruptError, match="restore it from a snap"):
        catalogue.documents.get("news", "a")


@pytest.mark.parametrize("settings", ["{", '{"views": 3}'])
def test_damaged_settings_are_corrupt(tmp_path, settings):
    with new_catalogue(tmp_path) as catalogue:
        catalogue.indexes.create("news", IndexSettings())
        with closing(sqlite_module().connect(tmp_path / "textprism.db")) as connection, connection:
            connection.execute("UPDATE indexes SET settings = ?", [settings])
        with pytest.raises(CorruptError, match="restore it from a snapshot"):
            catalogue.indexes.get("news")


def test_a_damaged_schema_that_is_not_even_text_is_corrupt(tmp_path):
    new_catalogue(tmp_path).close()
    path = tmp_path / "textprism.db"
    content = path.read_bytes().replace(b"CREATE TABLE indexes", b"CREATE TABLX indexes")
    path.write_bytes(content.replace(b"tableindexes", b"table\xeendexes"))
    with pytest.raises(CorruptError, match="restore it from a snapshot"):
        Catalogue.open(tmp_path)


def test_a_full_disk_is_an_os_error(database):
    def fill():
        with database.write() as connection:
            connection.execute(text("PRAGMA max_page_count = 20"))
            connection.execute(text("CREATE TABLE blobs AS SELECT zeroblob(1000000)"))

    with pytest.raises(OSError, match="free some space") as caught:
        fill()
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "sqlite+nodriver:///x.db"])
def test_another_url_is_refused(url):
    with pytest.raises(InputError, match="A catalogue's URL is") as caught:
        Database(url)
    assert caught.value.code == "invalid_catalogue_url"


def test_a_url_names_the_catalogue_in_place_of_the_folder(tmp_path):
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    migrate(url)
    with Catalogue.open(tmp_path / "data", url) as catalogue:
        assert catalogue.tasks.create("import", "news").id == "task-000001"
    rows = open_readonly(tmp_path / "elsewhere.db").execute("SELECT count(*) FROM tasks").fetchone()
    assert rows == (1,)
