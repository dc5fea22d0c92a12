"""Encoders that read texts, in a build and beside it."""

import numpy as np
import pytest

from indexer.build import build_generation
from indexer.build.encoding import LEAST_TEXTS
from indexer.encoders import EmbeddingCache
from indexer.encoders.cache import FOLDER
from indexer.errors import CanceledError
from indexer.generation import Generation, IndexFolder
from indexer.live import LiveIndex
from indexer.types import EncoderSettings, IndexSettings
from tests.indexer.encoders.bert.tiny import write_folder
from tests.library import new_catalogue, store

DOCUMENTS = [
    {"id": "a", "title": "Ship", "text": "a bank 猫"},
    {"id": "b", "title": "", "text": "狗 " * 100},
    {"id": "c", "title": "", "text": "."},
    {"id": "d", "title": "bank", "text": "ship 船"},
]
NEW = {"id": "e", "title": "query", "text": "passage 狗"}


@pytest.fixture
def model(tmp_path):
    return write_folder(tmp_path / "model")


def settings(model, fields=None, **options):
    encoder = EncoderSettings(type="bert", options={"model": str(model), **options}, fields=fields)
    return IndexSettings(encoders={"bert": encoder})


@pytest.fixture
def catalogue(tmp_path, model):
    with new_catalogue(tmp_path) as opened:
        store(opened, "news", DOCUMENTS, settings(model))
        yield opened


def opened(tmp_path):
    folder = IndexFolder(tmp_path, "news")
    return Generation.open(folder.path / folder.current())


def rows(generation, doc_id):
    return generation.dense["bert"].vectors.vector(generation.lexical.ordinal(doc_id))


def assert_as_encoded(generation, documents):
    """The text is the longest field of each: a row for each of its windows, with the title beside it."""
    encoder = generation.dense["bert"].encoder
    for each in documents:
        title, text = (found.astype(np.float64) for found in encoder.rows([each["title"], each["text"]]))
        wanted = text + (title[0] if len(title) else 0)
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        np.testing.assert_allclose(rows(generation, each["id"]), wanted, rtol=0, atol=1e-5)


def test_a_document_has_a_row_for_each_window_of_its_longest_field(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    generation = opened(tmp_path)
    assert_as_encoded(generation, DOCUMENTS)
    assert [len(rows(generation, each)) for each in "abcd"] == [1, 4, 1, 1]


def test_fields_may_weigh_more_or_less(catalogue, tmp_path, model):
    catalogue.indexes.save_settings(
        "news", settings(model, {"title": 2, "text": 1}).model_copy(update={"fields": fields(catalogue)})
    )
    build_generation(catalogue, tmp_path, "news")
    generation = opened(tmp_path)
    encoder = generation.dense["bert"].encoder
    title, text = (each[0].astype(np.float64) for each in encoder.rows(["Ship", "a bank 猫"]))
    total = 2 * title + text
    np.testing.assert_allclose(rows(generation, "a")[0], total / np.linalg.norm(total), atol=1e-6)


def fields(catalogue):
    return catalogue.indexes.get("news").settings.fields


def test_a_reindex_without_changes_encodes_nothing(catalogue, tmp_path):
    """All that it would ask for is in the cache."""
    build_generation(catalogue, tmp_path, "news")
    generation = opened(tmp_path)
    texts = [each["text"] for each in DOCUMENTS]

    def asked(missing):
        raise AssertionError(missing)

    with EmbeddingCache(tmp_path) as cache:
        encode = generation.dense["bert"].documents.text_encoding(cache, asked)
        assert [len(each) for each in encode(texts)] == [1, 4, 1, 1]
        with pytest.raises(AssertionError, match="new"):
            encode(["new"])
    former = [rows(generation, each).tobytes() for each in "abcd"]
    build_generation(catalogue, tmp_path, "news")
    assert [rows(opened(tmp_path), each).tobytes() for each in "abcd"] == former


def test_a_canceled_build_leaves_nothing_but_what_it_encoded(catalogue, tmp_path):
    def cancel(phase, done, total, loss=None):
        if phase == "encode bert":
            raise CanceledError("stop")

    with pytest.raises(CanceledError):
        build_generation(catalogue, tmp_path, "news", progress=cancel)
    assert sorted(path.name for path in (tmp_path / "indexes" / "news").glob("gen*")) == []
    assert (tmp_path / FOLDER).is_dir()
    build_generation(catalogue, tmp_path, "news")
    assert_as_encoded(opened(tmp_path), DOCUMENTS)


def test_a_generation_does_without_the_folder_it_was_made_of(catalogue, tmp_path, model):
    build_generation(catalogue, tmp_path, "news")
    for path in sorted(model.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert_as_encoded(opened(tmp_path), DOCUMENTS)
    build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    assert_as_encoded(opened(tmp_path), DOCUMENTS)


def test_what_is_written_beside_a_generation_is_found(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    live = LiveIndex(opened(tmp_path), tmp_path / "indexes" / "news")
    store(catalogue, "news", [NEW])
    catalogue.documents.delete("news", ["a"])
    assert live.refresh(catalogue)
    assert live.encode()
    assert_as_encoded(live.current, [*DOCUMENTS[1:], NEW])


def test_so_many_documents_that_processes_encode_them_have_the_same_vectors(catalogue, tmp_path):
    many = [
        {"id": f"n{number:03d}", "title": "", "text": f"ship {number} 猫"} for number in range(LEAST_TEXTS)
    ]
    store(catalogue, "news", many)
    build_generation(catalogue, tmp_path, "news")
    generation = opened(tmp_path)
    assert generation.dense["bert"].vectors.n_rows == len(many) + 7
    assert_as_encoded(generation, [*DOCUMENTS, *many[::50]])
