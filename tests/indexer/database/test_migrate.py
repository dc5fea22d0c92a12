from contextlib import closing
from hashlib import sha256

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import migrations
from indexer.database.catalogue import Catalogue
from indexer.database.engine import Database, sqlite_url
from indexer.database.migrate import migrate
from indexer.database.schema import REVISION, metadata
from indexer.errors import FormatError
from indexer.storage.sqlite import sqlite_module
from tests.indexer.database.catalogues import new_catalogue, store, texts

connect = sqlite_module().connect


def test_migrate_creates_the_folder_and_says_the_revision_it_is_at(tmp_path):
    data_dir = tmp_path / "new folder?#%41" / "数据"
    assert migrate(sqlite_url(data_dir)) == REVISION
    assert (data_dir / "textprism.db").is_file()
    assert migrate(sqlite_url(data_dir)) == REVISION
    Catalogue.open(data_dir).close()


def test_the_newest_migration_is_the_revision_of_the_schema():
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_migrated_tables_are_those_of_the_schema(tmp_path):
    migrate(sqlite_url(tmp_path))
    database = Database(sqlite_url(tmp_path))
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_documents_of_an_older_catalogue_are_as_they_were_stored(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "news", texts(**{f"{number:04d}": "text" for number in range(1_001)}, bad="text"))
        catalogue.documents.delete("news", ["0003"])
    with closing(connect(tmp_path / "textprism.db")) as connection, connection:  # as revision 0004 had it
        old = sha256(b'{"text":"text"}').hexdigest()
        connection.execute("UPDATE documents SET content_hash = ? WHERE NOT deleted", [old])
        connection.execute("UPDATE documents SET body = '{\"text\":\"tixt\"}' WHERE doc_id = 'bad'")
        connection.execute("UPDATE alembic_version SET version_num = '0004'")
    migrate(sqlite_url(tmp_path))
    with Catalogue.open(tmp_path) as catalogue:
        assert list(catalogue.documents.damaged("news", lambda _: None)) == ["bad"]
        assert len(catalogue.documents.list("news", 0, 2_000).documents) == 1_000


def test_a_folder_without_a_catalogue_is_refused_and_stays_empty(tmp_path):
    with pytest.raises(FormatError, match="run `textprism migrate`"):
        Catalogue.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_refused(tmp_path):
    (tmp_path / "textprism.db").touch()
    with pytest.raises(FormatError, match=r"is at revision none.*run `textprism migrate`"):
        Catalogue.open(tmp_path)


def test_a_newer_catalogue_is_refused_by_open_and_by_migrate(tmp_path):
    migrate(sqlite_url(tmp_path))
    database = Database(sqlite_url(tmp_path))
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(FormatError, match="revision 9999"):
        Catalogue.open(tmp_path)
    with pytest.raises(FormatError, match="use the newer TextPrism"):
        migrate(sqlite_url(tmp_path))
