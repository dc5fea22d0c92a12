"""GloVe: steps that are those of the formulas, and vectors that make sense."""

import tempfile
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders import glove, make_encoder
from indexer.encoders.cooccurrence import Cells, count_cells
from indexer.encoders.corpus import read_corpus
from indexer.encoders.glove import GloveOptions, train_glove
from indexer.errors import CanceledError, InputError
from indexer.types import no_progress
from tests.indexer.encoders.corpora import CATS, SHIPS, analyse, sentences

CORPUS = read_corpus(sentences(), 2, no_progress)


def train(corpus=CORPUS, progress=no_progress, **options):
    return train_glove(corpus, GloveOptions(**{"dims": 16, "epochs": 3, **options}), progress)


def step(word, context, squares, x, options):
    """One step of AdaGrad as the formulas say it, in plain Python; the loss f · difference² / 2."""
    *w, b = word
    *c, d = context
    f = min(1.0, (x / options.x_max) ** options.alpha)
    difference = sum(p * q for p, q in zip(w, c, strict=True)) + b + d - log(x)
    gradients = (
        [f * difference * each for each in c] + [f * difference],
        [f * difference * each for each in w] + [f * difference],
    )
    for values, gradient, square in zip((word, context), gradients, squares, strict=True):
        for k, each in enumerate(gradient):
            values[k] -= options.rate * each / sqrt(square[k])
            square[k] += each * each
    return f * difference**2 / 2


def test_an_epoch_is_the_formulas_in_plain_python():
    options = GloveOptions(dims=8, epochs=1, window=3, seed=5)
    corpus = read_corpus([["a", "b", "c", "a"], ["b", "d", "b"], ["d", "a"]], 1, no_progress)
    parameters = glove._Parameters(len(corpus.terms), options)
    plain = [each[:, 0].astype(float).tolist() for each in (parameters.words, parameters.contexts)]
    squares = [each[:, 1].astype(float).tolist() for each in (parameters.words, parameters.contexts)]
    with tempfile.TemporaryDirectory() as folder:
        cells = count_cells(corpus, 3, 1 << 20, Path(folder), no_progress)
        losses = glove._train(parameters, cells, Path(folder), corpus, options, no_progress)
    loss = 0.0
    for place in np.random.default_rng(5).permutation(len(cells)).tolist():
        i, j, x = int(cells.firsts[place]), int(cells.seconds[place]), float(cells.counts[place])
        for one, other in [(i, j)] if i == j else [(i, j), (j, i)]:
            loss += step(plain[0][one], plain[1][other], (squares[0][one], squares[1][other]), x, options)
    np.testing.assert_allclose(parameters.words[:, 0], plain[0], atol=1e-5)
    np.testing.assert_allclose(parameters.contexts[:, 0], plain[1], atol=1e-5)
    assert losses[0] == pytest.approx(loss / (2 * len(cells)), rel=1e-4)


def test_the_step_goes_down_the_slope_of_the_loss():
    """The first step of AdaGrad is rate · gradient; the gradient is that of finite differences."""
    rng = np.random.default_rng(2)
    word, context = rng.normal(size=9), rng.normal(size=9)
    f, x = 0.4, 3.0

    def loss(values):
        w, c = values[:9], values[9:]
        return f * (w[:8] @ c[:8] + w[8] + c[8] - log(x)) ** 2 / 2

    at = np.concatenate([word, context])
    slopes = [(loss(at + e) - loss(at - e)) / 2e-6 for e in np.eye(18) * 1e-6]
    rows = np.ones((2, 2, 9), np.float32)
    rows[:, 0] = word, context
    found = glove._descend(rows[0], rows[1], np.float32(log(x)), np.float32(f), np.float32(0.05))
    assert found == pytest.approx(loss(at), rel=1e-5)
    values, squares = np.concatenate(rows, axis=1)
    np.testing.assert_allclose(values, at - 0.05 * np.array(slopes), atol=1e-5)
    np.testing.assert_allclose(squares, 1 + np.square(slopes), rtol=1e-4)


def test_words_of_one_topic_are_near_each_other():
    """Words of the two topics stand together now and then: of pairs that never do GloVe learns nothing."""
    rng = np.random.default_rng(3)
    mixed = [
        [SHIPS[i] if (topic is CATS) == (rng.random() < 0.1) else CATS[i] for i in rng.integers(40, size=20)]
        for topic in (CATS, SHIPS)
        for _ in range(200)
    ]
    words = train(read_corpus(mixed, 2, no_progress), epochs=40, x_max=5).words
    unit = words.vectors / np.linalg.norm(words.vectors, axis=1, keepdims=True)
    cats = np.array([term in CATS for term in words.words])
    assert (unit[cats] @ unit[cats].T).mean() > (unit[cats] @ unit[~cats].T).mean() + 0.2


def test_the_loss_falls_and_the_same_seed_gives_the_same_bytes():
    one, again, other = train(epochs=10), train(epochs=10), train(epochs=10, seed=2)
    assert list(one.losses) == sorted(one.losses, reverse=True)
    assert one.words.vectors.tobytes() == again.words.vectors.tobytes()
    assert one.words.vectors.tobytes() != other.words.vectors.tobytes()


@pytest.mark.parametrize("options", [{"x_max": 1e-3}, {"x_max": 1e6}, {"alpha": 0.01, "workers": 3}])
def test_the_highest_rate_gives_finite_vectors(options):
    trained = train(rate=1.0, epochs=100, **options)
    assert np.isfinite(trained.words.vectors).all()
    assert np.isfinite(trained.losses).all()


@settings(max_examples=100, deadline=None)
@given(
    start=st.lists(st.floats(-1e3, 1e3, width=32), min_size=18, max_size=18),
    logs=st.lists(st.floats(-20, 20), min_size=1, max_size=50),
    rate=st.floats(1e-3, 1),
)
def test_no_step_is_longer_than_the_rate_times_the_largest_gradient(start, logs, rate):
    rows = np.ones((2, 2, 9), np.float32)
    rows[:, 0] = np.reshape(start, (2, 9))
    for log_x in logs:
        before = rows[:, 0].copy()
        glove._descend(rows[0], rows[1], np.float32(log_x), np.float32(1), np.float32(rate))
        assert np.abs(rows[:, 0] - before).max() <= rate * glove.CLIP + 1e-3
        assert np.isfinite(rows).all()


def test_cells_that_do_not_fit_into_memory_are_dealt_out_whole(tmp_path: Path):
    numbers = np.arange(1_000, dtype=np.int32)
    cells = Cells(numbers, numbers, numbers.astype(np.float32))
    parts = glove._dealt(cells, 300, tmp_path, np.random.default_rng(0), no_progress)
    assert [len(each) > 150 for each in parts] == [True] * 4
    assert sorted(np.concatenate([each.firsts for each in parts]).tolist()) == list(range(1_000))
    assert all((each.firsts == each.counts).all() for each in parts)


def test_a_training_from_disk_learns_what_one_in_memory_does():
    rng = np.random.default_rng(4)
    corpus = read_corpus([[f"w{word}" for word in rng.integers(3_000, size=150_000)]], 1, no_progress)
    seen: list[str] = []
    given = {"dims": 8, "epochs": 2, "memory_mb": 16}
    on_disk = train(corpus, lambda phase, *_: seen.append(phase), **given)
    assert {"merge co-occurrences", "shuffle co-occurrences"} <= set(seen)
    np.testing.assert_allclose(on_disk.losses, train(corpus, dims=8, epochs=2).losses, rtol=1e-2)


def test_several_workers_learn_as_well():
    assert train(epochs=20, workers=3).losses[-1] == pytest.approx(train(epochs=20).losses[-1], rel=0.2)


def test_progress_counts_words_with_the_loss():
    seen: list[tuple[str, int, int | None]] = []
    trained = train(progress=lambda *each: seen.append(each[:3]))
    assert seen == [
        ("count co-occurrences", 3_200, 3_200),
        *(("train glove", done, 9_600) for done in (3_200, 6_400, 9_600)),
    ]
    assert len(trained.losses) == 3


@pytest.mark.parametrize("last", ["count co-occurrences", "train glove"])
def test_a_training_that_is_stopped_leaves_no_files(last):
    before = set(Path(tempfile.gettempdir()).glob("textprism-*"))

    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        if phase == last:
            raise CanceledError("stopped")

    with pytest.raises(CanceledError):
        train(progress=stop)
    assert set(Path(tempfile.gettempdir()).glob("textprism-*")) <= before


def test_texts_of_one_word_each_have_no_neighbours():
    with pytest.raises(InputError, match="beside each other") as caught:
        make_encoder("glove", [[f"w{number % 60}"] for number in range(2_000)], {"dims": 8}, analyse)
    assert caught.value.code == "corpus_too_small"
