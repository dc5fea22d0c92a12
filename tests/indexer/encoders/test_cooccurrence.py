"""How often words stand near each other."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders.cooccurrence import count_cells
from indexer.encoders.corpus import read_corpus
from indexer.errors import CanceledError
from indexer.types import no_progress


def counted(sentences, window, folder, memory=1 << 24):
    corpus = read_corpus(sentences, 1, no_progress)
    cells = count_cells(corpus, window, memory, folder, no_progress)
    names = corpus.terms
    return {
        tuple(sorted((names[i], names[j]))): x
        for i, j, x in zip(cells.firsts.tolist(), cells.seconds.tolist(), cells.counts.tolist(), strict=True)
    }


def test_worked_example(tmp_path: Path):
    """猫 吃 鱼, window 2: neighbours count 1, those with a word between a half; a sentence ends it."""
    found = counted([["猫", "吃", "鱼"], ["吃", "鱼"]], 2, tmp_path)
    assert found == {("吃", "猫"): 1.0, ("猫", "鱼"): 0.5, ("吃", "鱼"): 2.0}


def test_a_word_beside_itself_is_counted_from_either_place(tmp_path: Path):
    """X_ij is what the places of i see of j; either 人 of 人人 sees the other."""
    assert counted([["人", "人", "口"]], 2, tmp_path) == {("人", "人"): 2.0, ("人", "口"): 1.5}


def brute(sentences, window):
    """What each place sees before and behind it."""
    cells: defaultdict[tuple[str, str], float] = defaultdict(float)
    for sentence in sentences:
        for place, one in enumerate(sentence):
            for there, other in enumerate(sentence):
                if one <= other and 0 < abs(place - there) <= window:
                    cells[one, other] += 1 / abs(place - there)
    return cells


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    n_sentences=st.integers(0, 40),
    n_words=st.integers(1, 200),
    window=st.integers(1, 12),
    memory=st.sampled_from([1, 1 << 15, 1 << 24]),
)
def test_it_is_the_sum_over_all_pairs_however_often_it_went_to_disk(
    tmp_path_factory, seed, n_sentences, n_words, window, memory
):
    rng = np.random.default_rng(seed)
    sentences = [
        [f"w{word}" for word in rng.integers(n_words, size=rng.integers(0, 60))] for _ in range(n_sentences)
    ]
    folder = tmp_path_factory.mktemp("cells")
    found = counted(sentences, window, folder, memory)
    expected = brute(sentences, window)
    assert found.keys() == expected.keys()
    for pair, x in found.items():
        assert x == pytest.approx(expected[pair], rel=1e-6)


def test_what_went_to_disk_gives_the_same_bytes(tmp_path: Path):
    rng = np.random.default_rng(1)
    corpus = read_corpus(
        [[f"w{word}" for word in rng.integers(300, size=200)] for _ in range(50)], 1, no_progress
    )
    (tmp_path / "disk").mkdir()
    in_memory = count_cells(corpus, 8, 1 << 24, tmp_path, no_progress)
    on_disk = count_cells(corpus, 8, 1 << 14, tmp_path / "disk", no_progress)
    assert len(list((tmp_path / "disk").glob("run-*"))) > 4
    assert list(tmp_path.iterdir()) == [tmp_path / "disk"]
    for name in ("firsts", "seconds", "counts"):
        assert getattr(in_memory, name).tobytes() == getattr(on_disk, name).tobytes()
    keys = list(zip(on_disk.firsts.tolist(), on_disk.seconds.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert all(i <= j for i, j in keys)


def test_progress_counts_words_also_within_a_long_text(tmp_path: Path):
    corpus = read_corpus([["a", "b"] * 250_000], 1, no_progress)
    seen: list[tuple[int, int | None]] = []
    count_cells(corpus, 5, 1 << 20, tmp_path, lambda _, done, total, loss=None: seen.append((done, total)))
    assert seen == [(200_000, 500_000), (400_000, 500_000), (500_000, 500_000)]


@pytest.mark.parametrize("last", ["count co-occurrences", "merge co-occurrences"])
def test_progress_can_stop_it(tmp_path: Path, last):
    rng = np.random.default_rng(1)
    corpus = read_corpus([[f"w{word}" for word in rng.integers(300, size=5_000)]], 1, no_progress)
    seen = []

    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        seen.append(phase)
        if phase == last:
            raise CanceledError("stopped")

    with pytest.raises(CanceledError):
        count_cells(corpus, 5, 1 << 14, tmp_path, stop)
    assert seen.count(last) == 1
