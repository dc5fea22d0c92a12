"""Texts through a tiny model: pooling by hand, windows, offsets, batches."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders import WHOLE, make_encoder
from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.tokenizer import MOST_WINDOWS
from indexer.errors import InputError
from tests.indexer.encoders.bert.tiny import (
    DIMS,
    LENGTH,
    TOKENS,
    graph,
    hidden_by_hand,
    weights,
    write_folder,
)
from tests.indexer.encoders.corpora import analyse


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("model"))


def make(folder, **options):
    return make_encoder("bert", [], {"model": str(folder), **options}, analyse)


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_vectors_are_those_of_the_model_worked_out_by_hand(folder):
    """[CLS] ship 猫 [SEP]"""
    _, _, hidden = hidden_by_hand([2, 10, 5, 3])
    for pooling, wanted in (("mean", hidden.mean(0)), ("cls", hidden[0]), ("max", hidden.max(0))):
        [found] = make(folder, pooling=pooling).encode(["Ship猫"])
        np.testing.assert_allclose(found.vector, unit(wanted), atol=1e-6)


def test_tokens_have_offsets_in_the_text_and_special_ones_none(folder):
    found = make(folder, document_prompt="passage: ").encode(["Ship  猫x"])[0]
    assert [(each.term, each.start, each.end) for each in found.tokens] == [
        ("[CLS]", 0, 0),
        ("passage", 0, 0),
        (":", 0, 0),
        ("ship", 0, 4),
        ("猫", 6, 7),
        ("x", 7, 8),
        ("[SEP]", 8, 8),
    ]


def test_a_query_has_its_own_prompt(folder):
    encoder = make(folder, query_prompt="query: ", document_prompt="passage: ")
    assert [each.term for each in encoder.encode_query("猫").tokens][1:3] == ["query", ":"]
    assert [each.term for each in encoder.encode(["猫"])[0].tokens][1:3] == ["passage", ":"]


def test_other_poolings_are_one_opaque_part(folder):
    [found] = make(folder, pooling="cls").encode(["ship 猫"])
    [token] = found.tokens
    assert (token.term, token.start, token.end, token.weight) == (WHOLE, 0, 6, 1.0)
    assert token.vector is found.vector


def test_a_long_text_is_read_in_windows_that_overlap(folder):
    """Of the 12 tokens of a window ten are of the text; each begins 9 behind the one before."""
    encoder = make(folder, max_length=12)
    text = "abcdefghijklmnopqrstuvwxyz0123456789" * 2
    spread = " ".join(text)
    [found] = encoder.tokenizer.windows([spread], "", 12)
    inside = [[spread[s:e] for s, e in zip(w.starts, w.ends, strict=True) if s < e] for w in found.windows]
    assert ["".join(each) for each in inside] == [text[begin : begin + 10] for begin in range(0, 64, 9)]
    assert "".join(inside[-1]).endswith(text[-1])
    assert found.left_out == 0
    rows = encoder.rows([spread])[0]
    assert rows.shape == (len(inside), DIMS)
    [mean] = make(folder, max_length=12, windows="mean").rows([spread])
    np.testing.assert_allclose(mean[0], unit(rows.mean(0)), atol=1e-6)


def test_nothing_is_cut_silently(folder):
    encoder = make(folder)
    assert [each.left_out for each in encoder.encode(["猫 " * 30, "猫 " * 31])] == [0, 0]
    query = encoder.encode_query("猫 " * 40)
    assert (query.left_out, len(query.tokens)) == (10, LENGTH)
    room, step = 30, 27
    reach = room + (MOST_WINDOWS - 1) * step
    [long] = encoder.encode(["猫 " * 100_000])
    assert long.left_out == 100_000 - reach
    assert len(encoder.rows(["猫 " * 100_000])[0]) == MOST_WINDOWS


TEXTS = st.lists(st.text(st.sampled_from("猫狗船ab 9é\U0001f600"), max_size=60), max_size=40)


@given(texts=TEXTS)
def test_a_batch_of_any_lengths_gives_the_vectors_of_each_alone(folder, texts):
    encoder = make_once(folder)
    for text, rows in zip(texts, encoder.rows(texts), strict=True):
        np.testing.assert_allclose(rows, encoder.rows([text])[0], rtol=0, atol=1e-5)


@given(texts=TEXTS)
def test_a_graph_that_is_quantised_as_it_runs_gets_one_window_a_call(quantised, texts):
    for text, rows in zip(texts, quantised.rows(texts), strict=True):
        assert rows.tobytes() == quantised.rows([text])[0].tobytes()


@given(text=st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_has_tokens_inside_it(folder, text):
    [found] = make_once(folder).encode([text])
    assert all(0 <= each.start <= each.end <= len(text) for each in found.tokens)
    assert (found.vector is None) == (not found.tokens)


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    files = {"onnx/model.onnx": None, "onnx/model_quantized.onnx": graph(quantised=True)}
    return make(write_folder(tmp_path_factory.mktemp("quantised"), files))


_MADE: dict[Path, BertEncoder] = {}


def make_once(folder):
    if folder not in _MADE:
        _MADE[folder] = make(folder)
    return _MADE[folder]


def test_a_number_that_is_none_is_refused_when_it_comes(tmp_path):
    """Only the vector of one letter is NaN, which the first look at the model does not meet."""
    words = weights()["words"]
    words[TOKENS.index("z")] = np.nan
    encoder = make(write_folder(tmp_path, {"onnx/model.onnx": graph(given={"words": words})}))
    assert encoder.encode(["ship"])[0].vector is not None
    with pytest.raises(InputError, match="not finite"):
        encoder.encode(["z"])
