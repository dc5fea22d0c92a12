"""What every model of the next word keeps."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.completion import KneserNey, Mixture
from indexer.encoders.rnn import KeptRnnOptions, make_kept_rnn
from indexer.generation.next_words import next_word_models
from tests.indexer.completion.indexes import TEXTS, ngrams_of
from tests.indexer.completion.models import Uniform
from tests.indexer.encoders.corpora import CATS, SHIPS, analyse
from tests.indexer.encoders.rnn.network import architecture, write_network


def recurrent(ngrams):
    """A network with random weights, which knows some of the words."""
    with TemporaryDirectory() as folder:
        write_network(Path(folder), architecture(speaks=True))
        encoder = make_kept_rnn(Path(folder), KeptRnnOptions(), analyse)
        [model] = next_word_models({"rnn": encoder}, ngrams)
        model.probabilities([()])
    return model


MODELS = {
    "uniform": lambda ngrams: Uniform(len(ngrams.words)),
    "ngrams": KneserNey,
    "rnn": recurrent,
    "mixture": lambda ngrams: Mixture([KneserNey(ngrams), recurrent(ngrams)]),
}
CONTEXTS = st.lists(
    st.lists(
        st.sampled_from(
            ["machine", "learning", CATS[0], SHIPS[1], "of", "the", "机器", "学习", "zyzzyva", ""]
        ),
        max_size=6,
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def ngrams(tmp_path_factory):
    return ngrams_of(tmp_path_factory.mktemp("texts"), [*TEXTS, *map(" ".join, (CATS, SHIPS))])


@pytest.fixture(scope="module", params=MODELS)
def model(request, ngrams):
    return MODELS[request.param](ngrams)


@given(CONTEXTS)
def test_probabilities_of_all_words_sum_to_1(model, ngrams, contexts):
    found = model.probabilities(contexts)
    assert found.shape == (len(contexts), len(ngrams.words))
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(len(contexts)))


@given(CONTEXTS)
def test_a_context_is_answered_as_alone(model, contexts):
    together = model.probabilities(contexts)
    for context, row in zip(contexts, together, strict=True):
        assert model.probabilities([context])[0] == pytest.approx(row, rel=1e-5, abs=1e-9)


def test_a_model_has_a_name_and_reads_many_words(model):
    assert model.name
    [row] = model.probabilities([["machine"] * 64])
    assert np.isfinite(row).all()
