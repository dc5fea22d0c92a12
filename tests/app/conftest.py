"""The service over one small bilingual index, built once for all tests that only read it."""

import shutil

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from tests.app.sample import sample
from tests.library import new_catalogue, store


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A data folder with the index `news`; nobody writes to it."""
    folder = tmp_path_factory.mktemp("built")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", sample())
        build_generation(catalogue, folder, "news")
    return folder


@pytest.fixture(scope="session")
def client(built, tmp_path_factory):
    """The service over a copy of it; a test that writes takes an index of its own."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("service") / "data")
    with TestClient(create_app(Settings(data_dir=folder))) as opened:
        yield opened


@pytest.fixture
def data_dir(built, tmp_path):
    """A data folder of the test's own, with the index `news`."""
    return shutil.copytree(built, tmp_path / "data")
