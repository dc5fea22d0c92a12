"""What is particular to encoders of RNNs: unknown words, poolings that do not split, pieces, bad folders."""

import json
import shutil

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from indexer.encoders import TextEncoder, TokenVector, load_encoder, make_encoder
from indexer.encoders.rnn import KeptRnnOptions, RnnOptions, check_rnn, make_kept_rnn, speaks
from indexer.encoders.rnn.encoder import WHOLE
from indexer.errors import CorruptError, FeatureMissingError, InputError
from indexer.pretraining.rnn.folder import Outputs, write_folder
from indexer.pretraining.rnn.model import Recurrent
from indexer.pretraining.rnn.words import WordPieces
from indexer.pretraining.vocabulary import learn_vocabulary
from tests.indexer.encoders.corpora import CATS, SHIPS, analyse
from tests.indexer.encoders.rnn.network import (
    LABELS,
    TERMS,
    architecture,
    layers_by_hand,
    linear_by_hand,
    pooled_by_hand,
    write_network,
)

TEXT = f"{CATS[0]} unheard {SHIPS[3]} {CATS[0]}"
IDS = [2, TERMS.index(CATS[0]), 1, TERMS.index(SHIPS[3]), TERMS.index(CATS[0])]


def made(folder, **options):
    return make_kept_rnn(folder, KeptRnnOptions(**options), analyse)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_an_unknown_word_moves_the_state_on_but_has_no_share(pooling, tmp_path):
    shape = architecture(pooling=pooling, projection=8)
    write_network(tmp_path, shape)
    [found] = made(tmp_path).encode([TEXT])
    states = layers_by_hand(tmp_path, shape, IDS)[-1]
    row, counts = pooled_by_hand(tmp_path, shape, IDS, states)
    vector = linear_by_hand(tmp_path, "projection", row)
    np.testing.assert_allclose(found.vector, vector / np.linalg.norm(vector), atol=1e-6)
    weights = [each.weight for each in found.tokens]
    assert weights == pytest.approx((counts[1:] / np.linalg.norm(vector)).tolist(), abs=1e-6)
    assert (weights[1], found.tokens[1].vector, found.oov) == (0.0, None, ["unheard"])


@pytest.mark.parametrize("pooling", ["last", "max"])
def test_what_is_no_sum_is_one_part(pooling, tmp_path):
    write_network(tmp_path, architecture(pooling=pooling))
    [found] = made(tmp_path).encode([TEXT])
    [token] = found.tokens
    assert isinstance(token, TokenVector)
    assert (token.term, token.start, token.end, token.weight) == (WHOLE, 0, len(TEXT), 1.0)
    assert found.oov == ["unheard"]
    assert made(tmp_path).encode(["unheard 没见过"])[0].vector is None


def test_words_beyond_what_is_read_are_told(tmp_path):
    write_network(tmp_path, architecture())
    encoder = made(tmp_path, max_length=8)
    [long] = encoder.encode([" ".join(CATS[:20])])
    assert (len(long.tokens), long.left_out) == (8, 12)
    [short] = encoder.encode([" ".join(CATS[:8])])
    np.testing.assert_allclose(long.vector, short.vector, atol=1e-6)
    huge = made(tmp_path).encode_query(" ".join(CATS * 2500))
    assert (huge.left_out, huge.vector is not None) == (90_000, True)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    """The folder of a network that reads pieces of words."""
    folder = tmp_path_factory.mktemp("pieces")
    vocabulary = WordPieces(learn_vocabulary(["green tea leaves", "小猫喜欢鱼", "green leaves"] * 3, 100))
    torch.manual_seed(1)
    shape = architecture(vocabulary=vocabulary.size, ordinary=vocabulary.ordinary, speaks=True)
    write_folder(folder, Recurrent(shape), vocabulary, Outputs("language", None, False, []))
    return folder


def test_pieces_of_words_are_read_from_texts(pieces, tmp_path):
    encoder = make_encoder("rnn", [], {"model": str(pieces)}, analyse)
    assert isinstance(encoder, TextEncoder)
    texts = ["Green tea", "", "鱼 tealeaves", "龘"]
    rows = encoder.rows(texts)
    assert [len(each) for each in rows] == [1, 0, 1, 0]
    found = encoder.encode(texts)
    for row, each, text in zip(rows, found, texts, strict=True):
        assert (each.vector is None) == (len(row) == 0) == (not encoder.encode_rows(text))
        if each.vector is not None:
            np.testing.assert_allclose(row[0], each.vector, atol=1e-6)
            total = sum(token.weight * token.vector for token in each.tokens if token.vector is not None)
            np.testing.assert_allclose(total, each.vector, atol=1e-5)
    first = found[2].tokens[0]
    assert texts[2][first.start : first.end] == "鱼"
    assert found[3].oov == ["龘"]
    encoder.save(tmp_path / "saved")
    again = load_encoder("rnn", tmp_path / "saved", analyse)
    assert again.fingerprint == encoder.fingerprint
    assert {path.name for path in (tmp_path / "saved").iterdir()} == {
        "config.json",
        "encoder.json",
        "rnn.onnx",
        "tokenizer.json",
    }


def test_states_attention_and_senses_are_those_of_the_formula(tmp_path):
    shape = architecture(pooling="attention", bidirectional=True, layers=2)
    write_network(tmp_path, shape)
    inner = made(tmp_path).inner
    states = layers_by_hand(tmp_path, shape, IDS)
    for layer, wanted in enumerate(states):
        found = inner.hidden_states(TEXT, layer)
        np.testing.assert_allclose(found.values, wanted, atol=1e-5)
        assert found.window.terms == ["[BOS]", CATS[0], "unheard", SHIPS[3], CATS[0]]
    counts = pooled_by_hand(tmp_path, shape, IDS, states[-1])[1]
    np.testing.assert_allclose(inner.attention(TEXT, 0, 0).values, counts[None], atol=1e-5)
    first, last = (0, len(CATS[0])), (len(TEXT) - len(CATS[0]), len(TEXT))
    cosines = [
        float(layer[1] @ layer[4] / np.linalg.norm(layer[1]) / np.linalg.norm(layer[4])) for layer in states
    ]
    assert inner.senses(TEXT, first, TEXT, last) == pytest.approx(cosines, abs=1e-5)
    assert cosines[0] == pytest.approx(1)  # the same word, before anything was read
    for layer, head in ((1, 0), (0, 1), (-1, 0)):
        with pytest.raises(InputError, match="was wanted"):
            inner.attention(TEXT, layer, head)
    with pytest.raises(InputError, match="at least one word"):
        inner.hidden_states("", 0)
    write_network(tmp_path, architecture())
    with pytest.raises(FeatureMissingError, match="pools by `mean`"):
        made(tmp_path).inner.attention(TEXT, 0, 0)


def test_what_comes_out_at_each_word_and_of_the_text(tmp_path):
    shape = architecture(outputs=3, speaks=True)
    write_network(tmp_path, shape, Outputs("labelling", "kinds", True, LABELS))
    encoder = made(tmp_path)
    inside = speaks(encoder)
    assert inside is not None
    found = inside.outputs(TEXT, 2)
    assert [(each.token, each.start, each.end) for each in found.steps][:2] == [
        ("[BOS]", 0, 0),
        (CATS[0], 0, len(CATS[0])),
    ]
    assert found.steps[0].labels == []
    states = layers_by_hand(tmp_path, shape, IDS)[-1]
    logits = linear_by_hand(tmp_path, "output", states[1])
    chances = np.exp(logits) / np.exp(logits).sum()
    name, chance = found.steps[1].labels[0]
    assert name == LABELS[int(np.argmax(chances))]
    assert chance == pytest.approx(chances.max(), abs=1e-6)
    assert encoder.language is not None
    np.testing.assert_allclose(
        [chance for _, chance in found.steps[1].next_word],
        [chance for _, chance in encoder.language.likeliest(CATS[0], 2)],
        atol=1e-6,
    )
    assert (found.labels, found.value, found.left_out, inside.field) == ([], None, 0, "kinds")
    long = inside.outputs(" ".join(CATS[:40] * 30), 1)
    assert (len(long.steps), long.left_out) == (1001, 200)

    write_network(tmp_path, architecture(outputs=3), Outputs("classification", "kind", False, LABELS))
    inside = speaks(made(tmp_path))
    assert inside is not None
    assert sum(chance for _, chance in inside.outputs(TEXT, 3).labels) == pytest.approx(1)
    write_network(tmp_path, architecture(outputs=1), Outputs("regression", "year", False, []))
    inside = speaks(made(tmp_path))
    assert inside is not None
    row = pooled_by_hand(tmp_path, shape, IDS, layers_by_hand(tmp_path, shape, IDS)[-1])[0]
    assert inside.outputs(TEXT, 1).value == pytest.approx(
        linear_by_hand(tmp_path, "output", row)[0], abs=1e-5
    )
    write_network(tmp_path, architecture())
    assert speaks(made(tmp_path)) is None


def test_a_folder_that_is_not_sound_is_refused_by_name(tmp_path):
    sound = tmp_path / "sound"
    write_network(sound, architecture())
    told = (sound / "config.json").read_text()

    def refused(match: str, name: str, content: bytes | None) -> None:
        folder = tmp_path / "bad"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        with pytest.raises(InputError, match=match) as caught:
            make_encoder("rnn", [], {"model": str(folder)}, analyse)
        assert (caught.value.code, caught.value.pointer) == ("bad_model_folder", "/model")

    for name in ("config.json", "rnn.onnx", "terms.txt", "forms.txt"):
        refused(f"`{name}` is wanted", name, None)
    refused("format", "config.json", told.replace('"format": 1', '"format": 9').encode())
    refused("Invalid JSON", "config.json", b"{")
    refused("Extra inputs", "config.json", json.dumps({**json.loads(told), "x": 1}).encode())
    refused("belong together", "terms.txt", b"a\nb\n")
    refused("not UTF-8", "forms.txt", b"\xff\n")
    refused("no graph that can be run", "rnn.onnx", b"no graph")
    refused(
        "wanted is `?next_logits", "config.json", told.replace('"speaks": false', '"speaks": true').encode()
    )
    refused(
        r"wanted is \(1, 3\)", "config.json", told.replace('"projection": null', '"projection": 3').encode()
    )
    graph = onnx.load(sound / "rnn.onnx")
    for each in graph.graph.initializer:
        if each.name == "embedding":
            each.CopyFrom(numpy_helper.from_array(np.full((len(TERMS), 6), np.nan, np.float32), "embedding"))
    refused("not finite", "rnn.onnx", graph.SerializeToString())
    with pytest.raises(InputError, match="no such folder"):
        check_rnn(RnnOptions(model=str(tmp_path / "nowhere")))
    check_rnn(RnnOptions(model=str(sound)))
    encoder = make_encoder("rnn", [], {"model": str(sound)}, analyse)
    encoder.save(tmp_path / "saved")
    description = tmp_path / "saved" / "encoder.json"
    description.write_text(description.read_text().replace("options", "opinions"))
    with pytest.raises(CorruptError, match="damaged"):
        load_encoder("rnn", tmp_path / "saved", analyse)
