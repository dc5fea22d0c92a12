"""The laws of every vector index in the table."""

from math import fsum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import IndexUnavailableError, InputError, MismatchError
from indexer.types import SCORE_UNIT
from indexer.vectors import advice, load_index, new_index, parse_kind, rows

EXACT = ("exact", "flat")
UNLEARNED = (*EXACT, "HNSW8")
LEARNED = ("IVF3,Flat", "SQ8", "PQ1", "IVF3,SQ8", "IVF3,PQ1")
COMPRESSED = LEARNED[1:]


@pytest.fixture(params=[*UNLEARNED, *LEARNED])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind, for laws of many rows."""
    name: str = request.param
    return name


@pytest.fixture(params=UNLEARNED)
def unlearned(request: pytest.FixtureRequest) -> str:
    """Each kind that takes any number of rows, as they are."""
    name: str = request.param
    return name


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def sample(seed, n_rows, dims, n_distinct, jitter=0.0, windows=1):
    """Rows with many equal or almost equal vectors, and documents of about `windows` rows."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n_distinct, dims))[rng.integers(n_distinct, size=n_rows)]
    ordinals = np.sort(rng.integers(0, 1 + n_rows * 2 // windows, size=n_rows)).astype(np.int32)
    return unit(vectors + jitter * rng.normal(size=vectors.shape)), ordinals, unit(rng.normal(size=dims))


def filled(kind, vectors, ordinals):
    index = new_index(kind, vectors.shape[1])
    index.add(vectors, ordinals)
    return index


def brute(vectors, ordinals, query):
    """Every document with its score, best first, computed without numpy's sums."""
    best: dict[int, int] = {}
    for vector, ordinal in zip(vectors.tolist(), ordinals.tolist(), strict=True):
        score = round(fsum(a * b for a, b in zip(vector, query.tolist(), strict=True)) * SCORE_UNIT)
        best[ordinal] = max(score, best.get(ordinal, score))
    return sorted(best.items(), key=lambda each: (-each[1], each[0]))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_rows=st.integers(1, 300),
    dims=st.sampled_from([1, 2, 3, 8, 33, 100]),
    n_distinct=st.integers(1, 40),
    jitter=st.sampled_from([0.0, 1e-8, 1e-7, 1e-6, 1.0]),
    windows=st.integers(1, 5),
    depth=st.integers(1, 320),
)
def test_the_top_is_that_of_the_exhaustive_ranking_at_every_depth(
    seed, n_rows, dims, n_distinct, jitter, windows, depth
):
    vectors, ordinals, query = sample(seed, n_rows, dims, n_distinct, jitter, windows)
    expected = brute(vectors, ordinals, query)
    for kind in EXACT:
        ranking = filled(kind, vectors, ordinals).search(query, depth)
        assert list(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True)) == expected[:depth]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_rows=st.integers(1, 300),
    windows=st.integers(1, 3),
    depth=st.integers(1, 320),
    share=st.sampled_from([0.0, 0.01, 0.1, 0.5, 0.9, 1.0]),
    block=st.sampled_from([0, 20, 4_096]),
)
def test_of_the_allowed_documents_it_is_the_ranking_of_all_without_the_others(
    seed, n_rows, windows, depth, share, block
):
    vectors, ordinals, query = sample(seed, n_rows, 8, 40, windows=windows)
    allowed = np.random.default_rng(seed).random(int(ordinals[-1]) + 1) < share
    expected = [each for each in brute(vectors, ordinals, query) if allowed[each[0]]]
    for kind in EXACT:
        with pytest.MonkeyPatch.context() as patched:  # rows up to which all are scored
            patched.setattr(rows, "BLOCK", max(block, 1))
            ranking = filled(kind, vectors, ordinals).search(query, depth, allowed)
        assert list(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True)) == expected[:depth]


def test_a_ranking_is_sorted_and_unique_and_its_types_are_those_of_the_house(kind):
    vectors, ordinals, query = sample(1, 500, 16, 30, windows=3)
    ranking = filled(kind, vectors, ordinals).search(query, 100)
    assert (ranking.ordinals.dtype, ranking.scores.dtype) == (np.int32, np.int64)
    assert len(set(ranking.ordinals.tolist())) == len(ranking.ordinals) == 100
    pairs = list(zip((-ranking.scores).tolist(), ranking.ordinals.tolist(), strict=True))
    assert pairs == sorted(pairs)


def test_ties_at_the_cut_go_to_the_smaller_ordinal(kind):
    vector = unit(np.array([1.0, 2.0, 3.0]))
    index = filled(kind, np.repeat(vector[None], 400, axis=0), np.arange(400, dtype=np.int32))
    assert index.search(vector, 5).ordinals.tolist() == [0, 1, 2, 3, 4]


def test_known_scores_are_those_of_the_ranking_in_any_order(kind):
    vectors, ordinals, query = sample(2, 300, 33, 250, windows=2)
    index = filled(kind, vectors, ordinals)
    ranking = index.search(query, 1000)
    some = np.random.default_rng(0).permutation(ranking.ordinals)
    scores = dict(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True))
    known = index.scores(query, some)
    assert known.present.all()
    assert known.scores.tolist() == [scores[ordinal] for ordinal in some.tolist()]
    for ordinal in some[:20]:
        assert index.scores(query, np.array([ordinal], np.int32)).scores.tolist() == [scores[ordinal]]


def test_a_document_without_a_vector_is_absent(unlearned):
    index = filled(unlearned, unit(np.eye(3)[:2]), np.array([1, 4], np.int32))
    asked = np.array([4, 0, 1, 9], np.int32)
    known = index.scores(unit(np.array([1.0, 1.0, 0.0])), asked)
    assert known.present.tolist() == [True, False, True, False]
    assert index.vector(0).shape == (0, 3)
    assert index.scores(unit(np.ones(3)), np.empty(0, np.int32)).scores.shape == (0,)


def test_a_document_scores_as_its_best_row(unlearned):
    index = filled(unlearned, np.eye(2, dtype=np.float32), np.array([7, 7], np.int32))
    ranking = index.search(np.array([0.0, 1.0], np.float32), 10)
    assert (ranking.ordinals.tolist(), ranking.scores.tolist()) == ([7], [SCORE_UNIT])
    assert (index.n_rows, index.n_docs) == (2, 1)


def test_a_negative_cosine_is_a_hit(unlearned):
    index = filled(unlearned, np.eye(2, dtype=np.float32), np.array([0, 1], np.int32))
    assert index.search(np.array([0.0, -1.0], np.float32), 10).scores.tolist() == [0, -SCORE_UNIT]


@pytest.mark.parametrize("name", [*UNLEARNED, "IVF3,Flat"])
def test_rows_come_back_as_they_were_added_and_batches_do_not_matter(name):
    vectors, ordinals, query = sample(3, 200, 8, 150, windows=2)
    whole, pieces = filled(name, vectors, ordinals), new_index(name, 8)
    for first in range(0, 200, 30):
        pieces.add(vectors[first : first + 30], ordinals[first : first + 30])
    for ordinal in np.unique(ordinals).tolist():
        assert whole.vector(ordinal).tobytes() == vectors[ordinals == ordinal].tobytes()
        assert pieces.vector(ordinal).tobytes() == whole.vector(ordinal).tobytes()
    assert pieces.search(query, 50).ordinals.tolist() == whole.search(query, 50).ordinals.tolist()


def test_an_empty_index_and_depths_beyond_the_bounds(unlearned):
    query = unit(np.ones(4))
    index = new_index(unlearned, 4)
    index.add(np.empty((0, 4), np.float32), np.empty(0, np.int32))
    assert (index.n_rows, index.n_docs, len(index.search(query, 5).ordinals)) == (0, 0, 0)
    index.add(unit(np.eye(4)), np.arange(4, dtype=np.int32))
    assert len(index.search(query, 10**9).ordinals) == 4
    for depth in (0, -1):
        assert len(index.search(query, depth).ordinals) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, 2.0, 1e30])
def test_what_is_not_a_unit_vector_is_refused_and_nothing_is_added(kind, bad):
    index = new_index(kind, 2)
    vectors = np.array([[1, 0], [0, bad]], np.float32)
    with pytest.raises(InputError, match="row 1") as caught:
        index.add(vectors, np.arange(2, dtype=np.int32))
    assert caught.value.code == "not_a_unit_vector"
    assert index.n_rows == 0
    index.add(vectors[:1], np.zeros(1, np.int32))
    with pytest.raises(InputError):
        index.search(vectors[1], 1)
    with pytest.raises(InputError):
        index.scores(vectors[1], np.zeros(1, np.int32))


def test_other_dimensions_are_refused(kind):
    index = filled(kind, np.eye(3, dtype=np.float32), np.arange(3, dtype=np.int32))
    with pytest.raises(InputError, match="3 dimensions"):
        index.search(unit(np.ones(4)), 1)
    with pytest.raises(InputError, match="3 dimensions"):
        index.add(np.eye(4, dtype=np.float32), np.arange(3, 7, dtype=np.int32))


@pytest.mark.parametrize("ordinals", [[2, 1], [5, 4], [0, 1], [5], [5, 6, 7], [-1, 5]])
def test_ordinals_that_fall_or_are_not_one_a_row_are_refused(kind, ordinals):
    index = filled(kind, np.eye(2, dtype=np.float32)[:1], np.array([4], np.int32))
    with pytest.raises(InputError, match="2 ordinals"):
        index.add(np.eye(2, dtype=np.float32), np.array(ordinals, np.int32))
    assert (index.n_rows, index.n_docs) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "n_rows"),
    [
        *((kind, n) for kind in UNLEARNED for n in (0, 1, 300)),
        *((kind, n) for kind in LEARNED for n in (0, 300)),
    ],
)
def test_saved_and_loaded_it_gives_the_same_bytes(kind, n_rows, tmp_path: Path):
    vectors, ordinals, query = sample(4, n_rows, 12, 200, windows=2)
    index = filled(kind, vectors, ordinals)
    index.save(tmp_path, "word2vec")
    assert all(path.name.startswith("word2vec.") for path in tmp_path.iterdir())
    loaded = load_index(kind, tmp_path, "word2vec", 12)
    assert (loaded.dims, loaded.n_rows, loaded.n_docs) == (index.dims, index.n_rows, index.n_docs)
    one, other = index.search(query, 50), loaded.search(query, 50)
    assert one.ordinals.tobytes() == other.ordinals.tobytes()
    assert one.scores.tobytes() == other.scores.tobytes()
    with pytest.raises(AssertionError, match="no more rows"):
        loaded.add(vectors, ordinals)
    (tmp_path / "again").mkdir()
    loaded.save(tmp_path / "again", "word2vec")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_truncated_or_missing_file_is_refused(kind, tmp_path: Path):
    filled(kind, *sample(5, 300, 8, 300)[:2]).save(tmp_path, "v")
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for size in (0, 3, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:size])
            with pytest.raises(IndexUnavailableError, match=path.name):
                load_index(kind, tmp_path, "v", 8)
        path.unlink()
        with pytest.raises(IndexUnavailableError, match=path.name):
            load_index(kind, tmp_path, "v", 8)
        path.write_bytes(whole)
    assert load_index(kind, tmp_path, "v", 8).n_rows == 300


def test_parts_that_do_not_belong_together_are_refused(kind, tmp_path: Path):
    filled(kind, *sample(6, 300, 8, 300)[:2]).save(tmp_path, "v")
    with pytest.raises(MismatchError, match="12"):
        load_index(kind, tmp_path, "v", 12)
    filled(kind, *sample(6, 299, 8, 299)[:2]).save(tmp_path, "w")
    (tmp_path / "w.ordinals.npy").replace(tmp_path / "v.ordinals.npy")
    with pytest.raises(MismatchError, match="300 ordinals"):
        load_index(kind, tmp_path, "v", 8)


@pytest.mark.parametrize(
    "name", ["flatt", "Flat", "HNSW", "HNSW0", "IVF0,Flat", "PQ0", "IVF4", "HNSW32,PQ4", "flat,SQ8", ""]
)
def test_an_unknown_kind_is_refused_with_the_forms(name):
    with pytest.raises(InputError) as caught:
        new_index(name, 8)
    assert caught.value.code == "unknown_vector_index"


def test_parts_that_do_not_divide_the_dimensions_are_refused_with_those_that_do():
    with pytest.raises(InputError, match="take one of 1, 2, 3, 4, 6, 12"):
        new_index("IVF16,PQ5", 12)


@pytest.mark.parametrize("name", ["IVF301,Flat", "PQ4"])
def test_too_few_rows_to_learn_from_are_refused(name):
    vectors, ordinals, query = sample(7, 200, 8, 200)
    index = filled(name, vectors, ordinals)
    with pytest.raises(InputError, match="learns from at least") as caught:
        index.search(query, 3)
    assert caught.value.code == "too_few_vectors"
    assert len(new_index(name, 8).search(query, 3).ordinals) == 0


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_score_is_that_of_the_vector_as_it_is_kept(name):
    """What compression loses of a score is what it loses of the vector."""
    vectors, _, query = sample(8, 400, 8, 400)
    index = filled(name, vectors, np.arange(400, dtype=np.int32))
    assert not index.exact
    known = index.scores(query, np.arange(400, dtype=np.int32)).scores.tolist()
    lost = 0
    for ordinal, score in enumerate(known):
        [kept] = index.vector(ordinal)
        assert score == round(
            fsum(a * b for a, b in zip(kept.tolist(), query.tolist(), strict=True)) * SCORE_UNIT
        )
        lost += not np.array_equal(kept, vectors[ordinal])
    assert lost > 300


def test_it_holds_what_was_added_and_nothing_else(kind):
    vectors, ordinals, _ = sample(9, 400, 8, 400, windows=2)
    index = filled(kind, vectors, ordinals)
    for ordinal in np.unique(ordinals).tolist():
        own = vectors[ordinals == ordinal]
        assert index.holds(ordinal, own)
        assert not index.holds(ordinal, own[:-1])
        assert not index.holds(ordinal, -own)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
    depth=st.integers(1, 400),
    kind=st.sampled_from([*UNLEARNED, *LEARNED]),
)
def test_no_kind_finds_what_is_not_allowed_or_fewer_than_there_are(seed, share, depth, kind):
    vectors, ordinals, query = sample(seed, 400, 8, 300, windows=2)
    allowed = np.random.default_rng(seed).random(int(ordinals[-1]) + 1) < share
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rows, "BLOCK", 5)
        found = filled(kind, vectors, ordinals).search(query, depth, allowed)
    present = np.unique(ordinals)
    assert len(found.ordinals) == min(depth, np.count_nonzero(allowed[present]))
    assert allowed[found.ordinals].all()
    pairs = list(zip((-found.scores).tolist(), found.ordinals.tolist(), strict=True))
    assert pairs == sorted(set(pairs))


def test_the_same_rows_give_the_same_bytes(kind, tmp_path: Path):
    vectors, ordinals, _ = sample(10, 600, 8, 600)
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        filled(kind, vectors, ordinals).save(tmp_path / folder, "v")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("name", "least"), [("HNSW32", 0.95), ("IVF32,Flat", 0.9), ("SQ8", 0.9), ("IVF32,SQ8", 0.85)]
)
def test_most_of_the_nearest_are_found(name, least):
    """Of rows that lie in clusters, as those of words do; seeded, so that it is the same each time."""
    rng = np.random.default_rng(11)
    centres = rng.normal(size=(50, 24))
    vectors = unit(centres[rng.integers(50, size=5_000)] + 0.7 * rng.normal(size=(5_000, 24)))
    ordinals = np.arange(5_000, dtype=np.int32)
    exact, index = filled("exact", vectors, ordinals), filled(name, vectors, ordinals)
    for share in (1.0, 0.4):
        allowed = None if share == 1.0 else rng.random(5_000) < share
        found = 0
        for query in vectors[:40]:
            best = set(exact.search(query, 20, allowed).ordinals.tolist())
            found += len(best & set(index.search(query, 20, allowed).ordinals.tolist()))
        assert found / 800 >= least


def test_the_advice_is_flat_up_to_a_bound_and_a_graph_above():
    assert (advice(50_000).kind, advice(50_001).kind) == ("flat", "HNSW32")
    assert parse_kind("flat").memory(1_000, 100) == 400_000
    assert parse_kind("HNSW32").memory(1_000, 100) == 400_000 + 256_000
    assert parse_kind("IVF16,PQ25").memory(1_000, 100) == 25_000 + 16 * 400 + 8_000
