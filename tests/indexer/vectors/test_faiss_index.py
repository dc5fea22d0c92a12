from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest

from indexer.errors import MismatchError
from indexer.storage.files import write_file
from indexer.vectors.exact import ExactVectors
from indexer.vectors.faiss_index import FaissIndex


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def test_rows_closer_to_each_other_than_the_error_of_faiss_are_ranked_exactly():
    """FAISS's order of such rows is noise; at the cuts where the exact score changes it would show."""
    rng = np.random.default_rng(0)
    query, base = unit(rng.normal(size=(2, 100)))
    vectors = unit(base + 1e-6 * rng.normal(size=(6000, 100)))
    flat, exact = FaissIndex(100, "flat"), ExactVectors(100)
    for index in (flat, exact):
        index.add(vectors, np.arange(len(vectors), dtype=np.int32))
    expected = exact.search(query, len(vectors))
    cuts = np.flatnonzero(np.diff(expected.scores))
    assert len(cuts) > 3
    for depth in (cuts[:, None] + np.arange(-10, 4)).clip(1).ravel().tolist():
        assert flat.search(query, depth).ordinals.tolist() == expected.ordinals[:depth].tolist()


def test_a_document_of_many_good_rows_does_not_crowd_out_the_others():
    query = np.array([1.0, 0.0], np.float32)
    vectors = np.concatenate((np.repeat(query[None], 500, axis=0), np.repeat([[0.6, 0.8]], 5, axis=0)))
    index = FaissIndex(2, "flat")
    index.add(vectors.astype(np.float32), np.array([0] * 500 + [1, 2, 3, 4, 5], np.int32))
    assert index.search(query, 4).ordinals.tolist() == [0, 1, 2, 3]


def test_threads_get_the_same_answers():
    rng = np.random.default_rng(1)
    vectors = unit(rng.normal(size=(2000, 32)))
    index = FaissIndex(32, "flat")
    index.add(vectors, np.arange(2000, dtype=np.int32))
    alone = [index.search(query, 20).scores.tolist() for query in vectors[:64]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda query: index.search(query, 20).scores.tolist(), vectors[:64]))
    assert together == alone


def test_an_index_of_another_metric_is_refused(tmp_path):
    write_file(tmp_path / "v.faiss", [faiss.serialize_index(faiss.IndexFlatL2(4)).data])
    with pytest.raises(MismatchError, match="IndexFlatL2"):
        FaissIndex.load(tmp_path, "v", 4, "flat")
