"""Vectors in few bytes: what each way loses, and how that is measured."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from indexer.vectors import Encoded, Pca, Quantised, kept
from indexer.vectors.compressing import Bytes, through


def unit(n, dims, rank, seed=1):
    """Vectors of length 1 that differ in few directions."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, dims))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Same:
    """Nothing is lost."""

    def restored(self, vectors):
        return vectors


class Nothing:
    """All is lost: everything comes back as one vector."""

    def restored(self, vectors):
        return np.ones_like(vectors)


def test_one_byte_for_each_number_is_off_by_half_a_step_at_most():
    codes = np.array([[0, -1], [1, 3], [0.3, 0.1]], np.float32)
    rounding = Bytes.learned(codes)
    assert rounding.step == pytest.approx([1 / 255, 4 / 255])
    assert np.abs(rounding.rounded(codes) - codes).max(axis=0) == pytest.approx([0, 0], abs=2 / 255 + 1e-6)
    assert rounding.rounded(np.array([[9, -9]], np.float32)) == pytest.approx(np.array([[1, -1]]))


def test_pca_loses_what_scikit_learns_does_and_the_rounding():
    vectors = unit(400, 16, 16)
    found = Pca(vectors, 6).restored(vectors)
    oracle = PCA(6).fit(vectors)
    wanted = oracle.inverse_transform(oracle.transform(vectors))
    assert found == pytest.approx(wanted, abs=0.02)


def test_a_part_that_has_few_values_is_kept_by_product_quantisation():
    rng = np.random.default_rng(3)
    parts = rng.normal(size=(8, 5))
    vectors = np.asarray(parts[rng.integers(8, size=(600, 2))].reshape(600, 10), np.float32)
    assert Quantised(vectors, 2).restored(vectors) == pytest.approx(vectors, abs=1e-3)
    assert Quantised(vectors, 3).restored(vectors).shape == (600, 10)  # 10 cannot be cut into 3 equal parts


def test_layers_are_taken_one_after_the_other():
    """(1, −2) → max((−1 + 0, 1 + 1), 0) = (0, 2) → 3 · 2 + 1."""
    layers = [
        (np.array([[1, 1], [1, 0]], np.float32), np.array([0, 1], np.float32)),
        (np.array([[5], [3]], np.float32), np.array([1], np.float32)),
    ]
    assert through(np.array([[1, -2]], np.float32), layers).tolist() == [[7]]


def test_what_is_kept_is_all_of_the_same_and_chance_of_nothing():
    vectors = unit(300, 12, 12)
    base, queries = vectors[50:], vectors[:50]
    assert kept("same", 48, Same(), base, base, queries).recall_at_10 == 1
    assert kept("same", 48, Same(), base, base, queries).loss == 0
    lost = kept("nothing", 0, Nothing(), base, base, queries)
    assert lost.recall_at_10 < 0.3
    assert lost.loss > 1


def test_an_autoencoder_that_knows_the_directions_keeps_what_pca_keeps():
    vectors = unit(500, 12, 4)
    directions = np.linalg.svd(vectors, full_matrices=False)[2][:4].astype(np.float32)
    nothing = np.zeros(12, np.float32)
    encoded = Encoded(vectors, [(directions.T, nothing[:4])], [(directions, nothing)])
    one = kept("autoencoder", 4, encoded, vectors, vectors[20:], vectors[:20])
    other = kept("pca", 4, Pca(vectors, 4), vectors, vectors[20:], vectors[:20])
    assert one.loss == pytest.approx(other.loss, abs=1e-3)
    assert one.recall_at_10 == pytest.approx(other.recall_at_10, abs=0.1)
