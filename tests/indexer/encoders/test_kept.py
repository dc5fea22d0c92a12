"""Word vectors that are kept by name."""

import threading
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import KeptModels, WordVectors, kept_encoder, make_encoder
from indexer.encoders.static import StaticVectors
from indexer.encoders.subwords import Subwords
from indexer.encoders.wordspace import words_as_terms
from indexer.errors import CorruptError, IndexUnavailableError, InputError, MissingError
from indexer.types import EncoderSettings, Tokens, no_progress
from tests.indexer.encoders.corpora import analyse, sentences


def words(seed=1, subwords=True):
    rng = np.random.default_rng(seed)
    grams = Subwords(2, 3, np.arange(10, dtype=np.int32), rng.normal(size=(10, 4)).astype(np.float32))
    vectors = rng.normal(size=(3, 4)).astype(np.float32)
    return WordVectors(["猫0", "ship1", "x"], vectors, np.array([3, 2, 1]), grams if subwords else None)


@pytest.mark.parametrize("subwords", [False, True])
def test_what_is_kept_is_found_again_and_versions_stand_beside_each_other(tmp_path: Path, subwords):
    models = KeptModels(tmp_path)
    assert models.list() == []
    first = models.keep("wiki", "fasttext", words(1, subwords), "terms", {"losses": [2.0, 1.5]})
    second = models.keep("wiki", "fasttext", words(2, subwords), "words", {})
    assert (str(first), str(second)) == ("wiki@1", "wiki@2")
    assert [str(each) for each in models.list()] == ["wiki@2"]
    assert models.get("wiki@1") == first
    assert first.report == {"losses": [2.0, 1.5]}
    assert (first.dims, first.words, first.subwords, first.spelled) == (4, 3, subwords, "terms")
    for model, given in ((first, words(1, subwords)), (second, words(2, subwords))):
        found = models.words(model)
        assert found.words == given.words
        assert found.vectors.tobytes() == given.vectors.tobytes()
        assert found.counts is not None
        assert found.counts.tolist() == [3, 2, 1]
        assert (found.subwords is None) != subwords
    models.remove("wiki@2")
    assert models.get("wiki") == first
    models.remove("wiki")
    with pytest.raises(MissingError, match="Known: none"):
        models.get("wiki")


def test_an_unknown_name_or_version_is_told_with_the_known(tmp_path: Path):
    models = KeptModels(tmp_path)
    models.keep("wiki", "glove", words(subwords=False), "words", {})
    for reference in ("wikis", "wiki@2", "wiki@0", "wiki@x", "../wiki", "", "wiki/000001"):
        with pytest.raises(MissingError, match="`wiki`") as caught:
            models.get(reference)
        assert caught.value.code == "model_not_found"
    with pytest.raises(InputError) as named:
        models.keep("Wiki/..", "glove", words(), "words", {})
    assert named.value.code == "invalid_model_name"


def test_a_damaged_file_is_refused(tmp_path: Path):
    models = KeptModels(tmp_path)
    kept = models.keep("wiki", "fasttext", words(), "terms", {})
    folder = tmp_path / "models" / "wiki" / "000001"
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        changed = bytearray(whole)
        changed[-2] ^= 1
        for content in (whole[: len(whole) // 2], bytes(changed)):
            path.write_bytes(content)
            if path.name in ("counts.npy", "report.json") and content is not whole[: len(whole) // 2]:
                continue  # neither is part of what the vectors answer
            with pytest.raises(IndexUnavailableError):
                models.words(models.get(str(kept)))
        path.write_bytes(whole)
    models.words(models.get("wiki"))


def test_a_training_that_is_killed_leaves_the_former_version(tmp_path: Path):
    models = KeptModels(tmp_path)
    models.keep("wiki", "word2vec", words(subwords=False), "terms", {})
    unfinished = tmp_path / "models" / "wiki" / "000002.building"
    unfinished.mkdir()
    (unfinished / "vectors.npy").write_bytes(b"half")
    assert str(models.get("wiki")) == "wiki@1"
    assert str(models.keep("wiki", "word2vec", words(2, subwords=False), "terms", {})) == "wiki@2"
    assert not unfinished.exists()


def test_two_at_once_become_two_versions(tmp_path: Path):
    models = KeptModels(tmp_path)
    threads = [
        threading.Thread(target=models.keep, args=("wiki", "glove", words(each, False), "terms", {}))
        for each in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    kept = {models.words(models.get(f"wiki@{version}")).vectors.tobytes() for version in range(1, 7)}
    assert kept == {words(each, False).vectors.tobytes() for each in range(6)}


def test_words_become_terms_and_the_most_frequent_word_of_a_term_counts():
    def stems(text: str) -> Tokens:
        found = analyse(text)
        return Tokens([each.lower().removesuffix("s") for each in found.terms], *_places(found))

    def _places(found: Tokens) -> tuple[list[int], list[int], list[int]]:
        return found.starts, found.ends, found.positions

    vectors = np.arange(10, dtype=np.float32).reshape(5, 2)
    given = WordVectors(["Cats", "cat", "new york", "dogs", "CATS"], vectors, np.array([9, 8, 7, 6, 5]))
    found = words_as_terms(given, stems)
    assert list(found.words) == ["cat", "dog"]
    assert found.vectors.tolist() == [[0, 1], [6, 7]]
    assert found.counts is not None
    assert found.counts.tolist() == [9, 6]


def test_an_encoder_of_kept_words_is_weighted_for_the_texts_that_it_is_for(tmp_path: Path):
    models = KeptModels(tmp_path)
    trained = make_encoder("word2vec", sentences(), {"dims": 8, "epochs": 1}, analyse)
    assert isinstance(trained, StaticVectors)
    models.keep("own", "word2vec", trained.words, "terms", {})
    settings = EncoderSettings(type="word2vec", model="own", options={"pooling": "idf"})
    encoder = kept_encoder(models, settings, [["猫0", "猫1"], ["猫0", "zzz"]], analyse, no_progress)
    assert isinstance(encoder, StaticVectors)
    assert encoder.words.words == trained.words.words
    words = {term: encoder.word(term) for term in ("猫0", "猫1", "ship3")}
    weights = {term: word.weight for term, word in words.items() if word}
    assert weights == pytest.approx({"猫0": np.log(2), "猫1": np.log(3), "ship3": np.log(3)})
    assert encoder.report == {"coverage": 0.75, "model": "own@1"}
    with pytest.raises(InputError, match="is of the type `word2vec`") as caught:
        kept_encoder(models, settings.model_copy(update={"type": "glove"}), [], analyse, no_progress)
    assert caught.value.code == "model_of_another_type"


def test_a_folder_that_is_no_model_is_told(tmp_path: Path):
    (tmp_path / "models" / "odd" / "000001").mkdir(parents=True)
    with pytest.raises(CorruptError, match=r"encoder\.json"):
        KeptModels(tmp_path).list()
