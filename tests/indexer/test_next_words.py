"""The language model of an RNN as a model of the next word, as it is written."""

import numpy as np
import pytest

from indexer.analysis import Analyzer
from indexer.encoders.rnn import KeptRnnOptions, make_kept_rnn
from indexer.generation import next_words
from indexer.generation.next_words import next_word_models
from indexer.pretraining.rnn.words import SPECIALS
from indexer.types import AnalysisSettings
from tests.indexer.completion.indexes import ngrams_of
from tests.indexer.encoders.rnn import network
from tests.indexer.encoders.rnn.network import architecture, write_network

TERMS = [*SPECIALS, "cat", "run", "fish", "never"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A network of four stems, with random weights."""
    folder = tmp_path_factory.mktemp("network")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "TERMS", TERMS)
        write_network(folder, architecture(vocabulary=len(TERMS), speaks=True))
    return make_kept_rnn(folder, KeptRnnOptions(), Analyzer(AnalysisSettings()).analyse)


@pytest.fixture(scope="module")
def ngrams(tmp_path_factory):
    return ngrams_of(tmp_path_factory.mktemp("texts"), ["cats run", "cats running", "cat runs", "fish other"])


def test_a_stem_is_shared_by_its_words_as_their_documents_are(encoder, ngrams):
    [model] = next_word_models({"mine": encoder}, ngrams)
    [row] = model.probabilities([["cats", "zyzzyva"]])
    found = dict(zip(ngrams.words, row.tolist(), strict=True))
    assert model.name == "mine"
    assert found["other"] == 0
    assert found["cats"] == pytest.approx(2 * found["cat"])
    assert found["run"] == pytest.approx(found["running"]) == pytest.approx(found["runs"])
    chances = encoder.language.next_words("cats zyzzyva")
    stems = {term: chances[TERMS.index(term)] for term in ("cat", "run", "fish")}
    known = sum(stems.values())  # `never` stands in no document, and `other` is not known
    assert found["cats"] + found["cat"] == pytest.approx(stems["cat"] / known)
    assert found["fish"] == pytest.approx(stems["fish"] / known)


def test_what_was_asked_before_is_answered_again(encoder, ngrams, monkeypatch):
    monkeypatch.setattr(next_words, "MOST_KNOWN", 2)
    [model] = next_word_models({"mine": encoder}, ngrams)
    contexts = [["cat"], ["run", "cat"], [], ["cat"]]
    first = model.probabilities(contexts)
    assert np.array_equal(first[0], first[3])
    assert np.array_equal(model.probabilities(contexts), first)
    assert len(model._known) == 2
