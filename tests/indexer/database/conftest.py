import pytest

from tests.indexer.database.catalogues import new_catalogue


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_catalogue(tmp_path_factory):
    with new_catalogue(tmp_path_factory.mktemp("shared")) as opened:
        yield opened
