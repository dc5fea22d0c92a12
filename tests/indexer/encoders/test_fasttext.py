"""FastText: words made of their characters."""

import logging

import numpy as np
import pytest
from gensim.models.fasttext_inner import compute_ngrams_bytes

from indexer.encoders import make_encoder
from indexer.encoders.corpus import read_corpus
from indexer.encoders.fasttext import FastTextOptions, train_fasttext
from indexer.errors import InputError
from indexer.types import no_progress
from tests.indexer.encoders.corpora import CATS, analyse, sentences


def train(**options):
    return make_encoder("fasttext", sentences(), {"dims": 16, "epochs": 2, **options}, analyse)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("negative", [0, 5])
def test_words_of_one_topic_are_near_each_other(architecture, negative):
    words = train(architecture=architecture, negative=negative, epochs=60).words
    unit = words.vectors / np.linalg.norm(words.vectors, axis=1, keepdims=True)
    cats = np.array([term in CATS for term in words.words])
    assert (unit[cats] @ unit[cats].T).mean() > (unit[cats] @ unit[~cats].T).mean() + 0.2


def test_the_loss_falls_whatever_the_objective():
    for negative in (0, 5):
        losses = train(epochs=30, negative=negative).report["losses"]
        assert len(losses) == 30
        assert losses[-1] < losses[0]


def test_a_word_is_the_mean_of_itself_and_its_ngrams_as_gensim_has_it():
    from gensim.models.fasttext import FastText

    corpus = read_corpus(sentences(), 2, no_progress)
    options = FastTextOptions(dims=16, epochs=1, buckets=5_000)
    found = train_fasttext(corpus, options, no_progress).words
    model = FastText(
        vector_size=16,
        window=5,
        min_count=1,
        sg=1,
        negative=5,
        seed=1,
        workers=1,
        sorted_vocab=0,
        epochs=1,
        bucket=5_000,
    )
    model.build_vocab_from_freq(dict(zip(corpus.terms, corpus.cf.tolist(), strict=True)))
    batch = list(corpus.pieces(10_000))
    model.train(batch, total_examples=len(batch), epochs=1)
    assert list(found.words) == model.wv.index_to_key
    np.testing.assert_array_equal(found.vectors, model.wv.vectors)
    assert found.subwords is not None
    for word in ("猫0", "ship17"):  # every n-gram of a learned word has a row
        assert len(found.subwords.rows_of(word)) == len(compute_ngrams_bytes(word, 3, 6))


def test_a_misspelled_word_has_a_vector_near_the_right_one():
    encoder = train(epochs=60)
    assert encoder.word("ship1").made is False
    made = encoder.word("shipp1")
    assert made.made is True
    right, wrong = (encoder.word(each).vector for each in ("ship1", "猫1"))

    def cosine(other):
        return float(made.vector @ other / np.linalg.norm(made.vector) / np.linalg.norm(other))

    assert cosine(right) > cosine(wrong)
    [encoding] = encoder.encode(["shipp1 ☃"])
    assert [(each.known, each.made) for each in encoding.tokens] == [(True, True), (False, False)]
    assert encoding.oov == ["☃"]


def test_a_made_word_weighs_as_much_as_the_average_word_of_the_texts():
    encoder = train()
    every = [encoder.word(term).weight for sentence in sentences() for term in sentence]
    assert encoder.word("shipp1").weight == pytest.approx(np.mean(every), rel=1e-6)


def test_the_buckets_follow_the_number_of_ngrams():
    subwords = train(shortest=2, longest=4).words.subwords
    different = {each for word in train().words.words for each in compute_ngrams_bytes(word, 2, 4)}
    assert subwords.n_buckets == max(1_000, 2 * len(different))
    assert len(subwords.vectors) <= len(different)


def test_lengths_that_are_no_range_are_refused():
    with pytest.raises(InputError, match="must not be above"):
        train(shortest=5, longest=4)


def test_nothing_of_gensim_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        train()
    assert not [each for each in caplog.records if each.name.startswith("gensim")]
