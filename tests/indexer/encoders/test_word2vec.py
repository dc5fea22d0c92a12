import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from indexer.encoders import gensim_training, make_encoder
from indexer.errors import CanceledError, InputError
from indexer.types import no_progress
from tests.indexer.encoders.corpora import CATS, analyse, sentences


def train(corpus, progress=no_progress, **options):
    return make_encoder("word2vec", corpus, {"dims": 16, "epochs": 2, **options}, analyse, progress)


FINGERPRINT = """
from tests.indexer.encoders.test_word2vec import sentences, train
print(train(sentences()).fingerprint)
"""


def test_the_same_seed_gives_the_same_bytes_in_every_process():
    here = train(sentences()).fingerprint
    there = [
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert [each.stdout.strip() for each in there] == [here, here]
    assert [each.stderr for each in there] == ["", ""]


def test_another_seed_gives_other_vectors():
    assert not np.array_equal(
        train(sentences(), seed=1).words.vectors, train(sentences(), seed=2).words.vectors
    )


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("negative", [0, 5])
def test_words_of_one_topic_are_near_each_other(architecture, negative):
    vectors = train(sentences(), architecture=architecture, negative=negative, epochs=60)
    unit = vectors.words.vectors / np.linalg.norm(vectors.words.vectors, axis=1, keepdims=True)
    cats = np.array([term in CATS for term in vectors.words.words])
    assert (unit[cats] @ unit[cats].T).mean() > (unit[cats] @ unit[~cats].T).mean() + 0.2


def test_the_epochs_follow_the_size_of_the_corpus():
    assert train(sentences(), epochs=None).parameters["epochs"] == 60
    assert train(sentences(), epochs=3).parameters["epochs"] == 3


def test_rare_words_are_unknown_and_weights_are_squared_idf():
    corpus = [*sentences(), ["once", "twice"], ["twice", "猫0"]]
    vectors = train(corpus)
    assert "once" not in vectors.words.words
    assert vectors.weights[vectors.words.words.index("twice")] == pytest.approx(np.log(1 + 402 / 2) ** 2)


@pytest.mark.parametrize(
    ("corpus", "found"),
    [([], "found 0 and 0"), (sentences(100), "found 800 and 80"), ([["a"] * 2000], "2000 and 1")],
)
def test_a_corpus_that_is_too_small_is_refused(corpus, found):
    with pytest.raises(InputError, match=f"1000 words .* 50 different .* {found}") as caught:
        train(corpus)
    assert caught.value.code == "corpus_too_small"


def test_the_end_of_a_very_long_text_is_learned_too():
    late = [f"late{number}" for number in range(60)]
    corpus = [[f"early{number}" for number in range(600)] * 20 + late * 3]
    once, twice = train(corpus, epochs=1), train(corpus, epochs=2)
    row = once.words.words.index("late7")
    assert not np.array_equal(once.words.vectors[row], twice.words.vectors[row])


def test_progress_counts_words_and_ends_at_the_total():
    seen: list[tuple[str, int, int | None, float | None]] = []

    def note(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        seen.append((phase, done, total, loss))

    vectors = train(sentences(), note)
    assert [each[:3] for each in seen] == [("train word2vec", 3200, 6400), ("train word2vec", 6400, 6400)]
    assert [round(each[3] or 0, 6) for each in seen] == vectors.report["losses"]


def test_a_corpus_that_is_not_held_in_memory_gives_the_same_bytes(monkeypatch):
    held = train(sentences()).fingerprint
    monkeypatch.setattr(gensim_training, "HELD_WORDS", 100)
    assert train(sentences()).fingerprint == held


def test_progress_on_the_way_can_stop_the_training_at_once(monkeypatch):
    monkeypatch.setattr(gensim_training, "REPORT_WORDS", 500)
    seen: list[int] = []

    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        seen.append(done)
        if done > 4_000:
            raise CanceledError("stopped")

    with pytest.raises(CanceledError):
        train(sentences(), stop, epochs=50)
    assert seen[:3] == [504, 1_008, 1_512]
    assert seen[-1] < 5_000


def test_progress_can_stop_the_training():
    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        raise CanceledError("stopped")

    with pytest.raises(CanceledError):
        train(sentences(), stop)


def test_a_source_that_fails_ends_the_training():
    def broken() -> Iterator[list[str]]:
        yield from map(list, sentences())
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        train(broken())


def test_the_log_has_a_line_an_epoch_with_a_falling_loss_and_nothing_of_gensim(caplog):
    with caplog.at_level(logging.DEBUG):
        train(sentences(), epochs=20)
    assert not [each for each in caplog.records if each.name.startswith("gensim")]
    losses = [
        float(each.getMessage().split("loss=")[1]) for each in caplog.records if "loss=" in each.getMessage()
    ]
    assert len(losses) == 20
    assert losses[-1] < losses[0]


LOADS = """
import sys
from pathlib import Path
from indexer.encoders import load_encoder
from tests.indexer.encoders.corpora import analyse
encoder = load_encoder("word2vec", Path(sys.argv[1]), analyse)
assert encoder.encode(["猫1 猫2"])[0].vector is not None
print([name for name in sys.modules if name.split(".")[0] == "gensim"])
"""


def test_serving_does_not_import_gensim(tmp_path):
    train(sentences()).save(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", LOADS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
