"""Layers, attention and heads of a tiny model, against the same worked out by hand."""

import numpy as np
import pytest

from indexer.encoders import make_encoder
from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.inside import InnerModel
from indexer.errors import FeatureMissingError, InputError
from tests.indexer.encoders.bert.tiny import LENGTH, TOKENS, graph, hidden_by_hand, weights, write_folder
from tests.indexer.encoders.corpora import analyse

LAYERS = ["hidden_states.0", "hidden_states.1", "attentions.0"]
HEADS = ["prediction_logits", "seq_relationship_logits"]
SHIP_CAT = [2, 10, 5, 3]
"""[CLS] ship 猫 [SEP]"""


def make(folder, **files):
    graphs = {f"onnx/{name}.onnx": graph(outputs) for name, outputs in files.items()}
    return make_encoder("bert", [], {"model": str(write_folder(folder, graphs))}, analyse)


@pytest.fixture(scope="module")
def inner(tmp_path_factory):
    """As it is found in a generation."""
    folder = tmp_path_factory.mktemp("inner")
    make(folder / "model", layers=LAYERS, heads=HEADS).save(folder / "saved")
    return InnerModel(BertEncoder.load(folder / "saved"))


def softmax(logits):
    chances = np.exp(logits - logits.max())
    return chances / chances.sum()


def test_vectors_of_each_layer_and_what_looks_at_what(inner):
    into, attention, out = hidden_by_hand(SHIP_CAT)
    for layer, wanted in enumerate((into, out)):
        found = inner.hidden_states("Ship猫", layer)
        np.testing.assert_allclose(found.values, wanted, atol=1e-5)
        assert (found.window.terms, found.left_out) == (["[CLS]", "ship", "猫", "[SEP]"], 0)
    found = inner.attention("Ship猫", 0, 0)
    np.testing.assert_allclose(found.values, attention, atol=1e-5)
    np.testing.assert_allclose(found.values.sum(axis=1), 1, atol=1e-6)


def test_what_does_not_fit_is_counted(inner):
    assert inner.hidden_states("猫 " * 40, 1).left_out == 40 - (LENGTH - 2)


def test_what_stands_at_a_mask(inner):
    mask = TOKENS.index("[MASK]")
    _, _, hidden = hidden_by_hand([2, 10, mask, 3])
    wanted = softmax(hidden[2] @ weights()["words"].astype(np.float64).T)
    [guess] = inner.fill_mask("ship [MASK]", 3)
    assert guess.offset == (5, 11)
    assert [token for token, _ in guess.tokens] == [TOKENS[each] for each in np.argsort(-wanted)[:3]]
    assert [chance for _, chance in guess.tokens] == pytest.approx(sorted(wanted)[:-4:-1], abs=1e-5)
    assert len(inner.fill_mask("[MASK] [MASK]", 1)) == 2


def test_whether_a_sentence_follows(inner):
    found = inner.next_sentence("ship", "猫")
    assert 0 < found < 1
    assert found != inner.next_sentence("猫", "ship")


def test_a_word_is_like_itself_where_it_stands_and_less_elsewhere(inner):
    same = inner.senses("ship bank", (5, 9), "ship bank", (5, 9))
    assert same == pytest.approx([1.0, 1.0])
    one, other = inner.hidden_states("ship bank", 1), inner.hidden_states("猫 船 bank", 1)
    by_hand = one.values[2] @ other.values[3]
    by_hand /= np.linalg.norm(one.values[2]) * np.linalg.norm(other.values[3])
    elsewhere = inner.senses("ship bank", (5, 9), "猫 船 bank", (4, 8))
    assert elsewhere[1] == pytest.approx(by_hand, abs=1e-5)
    assert elsewhere[1] < 0.999


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda inner: inner.hidden_states("a", 2), "unknown_layer"),
        (lambda inner: inner.hidden_states("a", -1), "unknown_layer"),
        (lambda inner: inner.attention("a", 0, 1), "unknown_head"),
        (lambda inner: inner.hidden_states(" ", 0), "invalid_input"),
        (lambda inner: inner.fill_mask("ship", 3), "no_mask"),
        (lambda inner: inner.next_sentence("a " * 20, "b " * 20), "too_large"),
        (lambda inner: inner.senses("a", (5, 6), "a", (0, 1)), "empty_span"),
    ],
)
def test_what_cannot_be_answered_is_refused(inner, ask, code):
    with pytest.raises(InputError) as caught:
        ask(inner)
    assert caught.value.code == code


def test_a_model_without_them_says_so(tmp_path):
    bare = InnerModel(make(tmp_path / "bare"))
    for ask in (
        lambda: bare.hidden_states("a", 0),
        lambda: bare.attention("a", 0, 0),
        lambda: bare.senses("a", (0, 1), "a", (0, 1)),
        lambda: bare.fill_mask("[MASK]", 1),
        lambda: bare.next_sentence("a", "b"),
    ):
        with pytest.raises(FeatureMissingError) as caught:
            ask()
        assert caught.value.code == "feature_not_in_model"
    masked = InnerModel(make(tmp_path / "masked", heads=HEADS[:1]))
    assert masked.fill_mask("[MASK]", 1)
    with pytest.raises(FeatureMissingError, match="next sentence"):
        masked.next_sentence("a", "b")


def test_vectors_and_fingerprint_do_not_depend_on_them(tmp_path):
    bare, whole = make(tmp_path / "bare"), make(tmp_path / "whole", layers=LAYERS, heads=HEADS)
    assert bare.fingerprint == whole.fingerprint
