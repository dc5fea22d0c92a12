"""The cache of embeddings: asked once, and never a fault or a wrong answer."""

import numpy as np
import pytest

from indexer.encoders import EmbeddingCache, make_encoder
from indexer.encoders.cache import FILE, FOLDER
from indexer.storage.sqlite import sqlite_module
from tests.indexer.encoders.bert.tiny import write_folder
from tests.indexer.encoders.corpora import analyse

TEXTS = ["猫 ship", "", "bank", "猫 " * 100, "bank"]


@pytest.fixture
def encoder(tmp_path):
    return make_encoder("bert", [], {"model": str(write_folder(tmp_path / "model"))}, analyse)


class Asked:
    """An encoder's rows, and which texts it was asked for."""

    def __init__(self, encoder):
        self.encoder, self.texts = encoder, []

    def __call__(self, texts):
        self.texts += texts
        return self.encoder.rows(texts)


def rows(cache, encoder, texts=TEXTS):
    asked = Asked(encoder)
    return cache.rows(encoder, asked)(texts), asked.texts


def assert_right(encoder, found):
    for one, other in zip(found, encoder.rows(TEXTS), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


def test_a_text_is_encoded_once_for_all(encoder, tmp_path):
    with EmbeddingCache(tmp_path) as cache:
        first, asked = rows(cache, encoder)
        assert asked == TEXTS[:4]
    with EmbeddingCache(tmp_path) as cache:
        second, asked = rows(cache, encoder)
    assert asked == []
    assert [each.tobytes() for each in first] == [each.tobytes() for each in second]
    assert_right(encoder, first)


def test_another_encoder_is_kept_apart(encoder, tmp_path):
    other = make_encoder("bert", [], {"model": str(tmp_path / "model"), "pooling": "cls"}, analyse)
    with EmbeddingCache(tmp_path) as cache:
        rows(cache, encoder)
        assert rows(cache, other)[1] == TEXTS[:4]


def test_a_file_that_is_none_is_begun_anew(encoder, tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_bytes(b"no database" * 1000)
    with EmbeddingCache(tmp_path) as cache:
        assert_right(encoder, rows(cache, encoder)[0])
    with EmbeddingCache(tmp_path) as cache:
        rows(cache, encoder)
    with EmbeddingCache(tmp_path) as cache:
        assert rows(cache, encoder)[1] == []


def test_a_bit_that_flips_anywhere_is_no_wrong_answer(encoder, tmp_path):
    with EmbeddingCache(tmp_path) as cache:
        rows(cache, encoder)
    whole = (tmp_path / FOLDER / FILE).read_bytes()
    rng = np.random.default_rng(3)
    for place in rng.integers(len(whole), size=60).tolist():
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        (tmp_path / FOLDER / FILE).write_bytes(flipped)
        with EmbeddingCache(tmp_path) as cache:
            assert_right(encoder, rows(cache, encoder)[0])


def test_who_cannot_write_goes_without(encoder, tmp_path):
    with EmbeddingCache(tmp_path) as cache:
        rows(cache, encoder, ["猫"])
    holder = sqlite_module().connect(tmp_path / FOLDER / FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with EmbeddingCache(tmp_path) as cache:
        assert_right(encoder, rows(cache, encoder)[0])
    holder.execute("ROLLBACK")
    holder.close()
    with EmbeddingCache(tmp_path) as cache:
        assert rows(cache, encoder, ["猫"])[1] == []


def test_where_a_folder_cannot_be_made_it_goes_without(encoder, tmp_path):
    (tmp_path / FOLDER).write_text("a file")
    with EmbeddingCache(tmp_path) as cache:
        assert_right(encoder, rows(cache, encoder)[0])
