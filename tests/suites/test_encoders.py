"""The laws of every encoder in the table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders import (
    ENCODER_TYPES,
    Encoder,
    TermEncoder,
    TextEncoder,
    encoder_options,
    load_encoder,
    make_encoder,
)
from indexer.errors import IndexUnavailableError, InputError, MismatchError, UnknownNameError
from tests.indexer.encoders.bert.tiny import DIMS, write_folder
from tests.indexer.encoders.corpora import CATS, SHIPS, analyse, sentences
from tests.indexer.encoders.rnn.network import architecture, write_network

OPTIONS: dict[str, dict[str, Any]] = {
    "hashing": {"dims": 64},
    "word2vec": {"dims": 16, "epochs": 2},
    "fasttext": {"dims": 16, "epochs": 2, "buckets": 2000},
    "glove": {"dims": 16, "epochs": 2},
}
"""Small, for the tests; an entry of the table that is not here runs with its defaults."""

OTHERS: dict[str, dict[str, Any]] = {"bert": {"pooling": "cls"}, "rnn": {"max_length": 24}}
"""Options that make another encoder: other `dims` where nothing is here."""

OUT_OF_BOUNDS: dict[str, dict[str, Any]] = {"bert": {"max_length": 1}, "rnn": {"max_length": 1}}

BATCHED = frozenset({"bert", "rnn"})
"""Types whose vectors are the same to 1e-5, not to the byte, whatever is encoded beside them."""

TEXTS = st.lists(st.sampled_from([*CATS[:5], *SHIPS[:5], "unheard-of", "没见过"]), max_size=8).map(" ".join)


@pytest.fixture(scope="module", autouse=True)
def model_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    OPTIONS["bert"] = {"model": str(write_folder(tmp_path_factory.mktemp("bert")))}
    recurrent = tmp_path_factory.mktemp("rnn")
    write_network(recurrent, architecture(hidden=DIMS))
    OPTIONS["rnn"] = {"model": str(recurrent)}
    yield
    del OPTIONS["bert"], OPTIONS["rnn"]


def make(name: str) -> Encoder:
    return make_encoder(name, sentences(), OPTIONS.get(name, {}), analyse)


@pytest.fixture(scope="module", params=sorted(ENCODER_TYPES))
def encoder(request: pytest.FixtureRequest, model_folders: None) -> Encoder:
    return make(request.param)


def test_type_and_dims_are_those_asked_for(encoder):
    assert encoder.type in ENCODER_TYPES
    wanted = encoder_options(encoder.type, OPTIONS.get(encoder.type, {})).model_dump().get("dims", DIMS)
    assert encoder.dims == wanted
    assert len(encoder.fingerprint) == 64


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS, max_size=6))
def test_a_text_alone_gets_the_same_bytes_as_in_any_batch(encoder, texts):
    together = encoder.encode(texts)
    backwards = encoder.encode(texts[::-1])[::-1]
    for text, one, other in zip(texts, together, backwards, strict=True):
        alone = encoder.encode([text])[0]
        for encoding in (one, other):
            assert (encoding.vector is None) == (alone.vector is None)
            if encoding.vector is not None and alone.vector is not None:
                assert_same(encoder, encoding.vector, alone.vector)


def assert_same(encoder, one, other):
    if encoder.type in BATCHED:
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    else:
        assert one.tobytes() == other.tobytes()


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS, max_size=6))
def test_texts_give_the_rows_of_each_alone(encoder, texts):
    if not isinstance(encoder, TextEncoder):
        pytest.skip("looks at the terms")
    for text, rows in zip(texts, encoder.rows(texts), strict=True):
        vectors = [each.vector for each in encoder.encode_rows(text)]
        assert rows.shape == (len(vectors), encoder.dims)
        [whole] = encoder.encode([text])
        assert bool(vectors) == (whole.vector is not None)
        for row, vector in zip(rows, vectors, strict=True):
            assert_same(encoder, row, vector)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(TEXTS, max_size=6))
def test_terms_give_the_same_bytes_as_text(encoder, texts):
    if not isinstance(encoder, TermEncoder):
        pytest.skip("looks at more than the terms")
    rows = encoder.encode_terms([analyse(text).terms for text in texts])
    vectors = [encoding.vector for encoding in encoder.encode(texts)]
    assert rows.positions.tolist() == [i for i, vector in enumerate(vectors) if vector is not None]
    assert rows.vectors.shape == (len(rows.positions), encoder.dims)
    assert rows.vectors.tobytes() == b"".join(v.tobytes() for v in vectors if v is not None)


@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_a_vector_is_a_unit_vector_and_the_sum_of_its_tokens(encoder, text):
    for encoding in (encoder.encode([text])[0], encoder.encode_query(text)):
        if isinstance(encoder, TermEncoder):
            tokens = analyse(text)
            assert [each.term for each in encoding.tokens] == tokens.terms
            offsets = list(zip(tokens.starts, tokens.ends, strict=True))
            assert [(each.start, each.end) for each in encoding.tokens] == offsets
        assert_sum_of_its_tokens(encoder, encoding)


def assert_sum_of_its_tokens(encoder, encoding):
    known = [each for each in encoding.tokens if each.known]
    if encoding.vector is None:
        assert all(each.weight == 0 for each in encoding.tokens)
        return
    assert encoding.vector.shape == (encoder.dims,)
    assert encoding.vector.dtype == np.float32
    assert np.linalg.norm(encoding.vector.astype(np.float64)) == pytest.approx(1, abs=1e-6)
    total = sum(each.weight * each.vector.astype(np.float64) for each in known)
    np.testing.assert_allclose(total, encoding.vector, atol=1e-5)


def test_unknown_terms_are_named_once_and_nothing_known_gives_no_vector(encoder):
    first, second = encoder.encode(["unheard-of 没见过 unheard-of", f"没见过 {CATS[0]}"])
    if first.oov:  # an encoder may know every term
        assert first.oov == ["unheard-of", "没见过"]
        assert first.vector is None
        assert second.oov == ["没见过"]
        assert [each.known for each in second.tokens] == [False, True]
    assert second.vector is not None


def test_no_text_and_an_empty_text(encoder):
    assert encoder.encode([]) == []
    empty = encoder.encode([""])[0]
    assert (empty.vector, list(empty.tokens), list(empty.oov)) == (None, [], [])


def test_saved_and_loaded_it_gives_the_same_bytes(encoder, tmp_path: Path):
    encoder.save(tmp_path / "models" / "one")
    loaded = load_encoder(encoder.type, tmp_path / "models" / "one", analyse)
    assert (loaded.type, loaded.dims, loaded.fingerprint) == (encoder.type, encoder.dims, encoder.fingerprint)
    text = f"{CATS[0]} {SHIPS[0]} 没见过"
    one, other = encoder.encode([text])[0], loaded.encode([text])[0]
    assert one.vector is not None
    assert other.vector is not None
    assert one.vector.tobytes() == other.vector.tobytes()
    assert one.oov == other.oov
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / "models" / "one" / path.name).read_bytes()


def test_the_same_input_makes_the_same_encoder_and_other_options_another(encoder):
    assert make(encoder.type).fingerprint == encoder.fingerprint
    changed = {**OPTIONS.get(encoder.type, {}), **OTHERS.get(encoder.type, {"dims": 24})}
    other = make_encoder(encoder.type, sentences(), changed, analyse)
    assert other.fingerprint != encoder.fingerprint


def test_a_damaged_or_missing_file_is_refused(encoder, tmp_path: Path):
    encoder.save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(IndexUnavailableError):
            load_encoder(encoder.type, tmp_path, analyse)
        path.unlink()
        with pytest.raises(IndexUnavailableError, match=path.name):
            load_encoder(encoder.type, tmp_path, analyse)
        path.write_bytes(whole)
    load_encoder(encoder.type, tmp_path, analyse)


def test_the_folder_of_another_type_is_refused(encoder, tmp_path: Path):
    encoder.save(tmp_path)
    other = next(name for name in ENCODER_TYPES if name != encoder.type)
    with pytest.raises(MismatchError, match=encoder.type):
        load_encoder(other, tmp_path, analyse)


def test_an_option_that_is_unknown_or_out_of_bounds_is_refused(encoder):
    with pytest.raises(InputError, match="`dimensions`") as unknown:
        encoder_options(encoder.type, {**OPTIONS.get(encoder.type, {}), "dimensions": 5})
    assert (unknown.value.code, unknown.value.pointer) == ("unknown_encoder_option", "/dimensions")
    bad = {**OPTIONS.get(encoder.type, {}), **OUT_OF_BOUNDS.get(encoder.type, {"dims": 1})}
    with pytest.raises(InputError, match="found 1"):
        make_encoder(encoder.type, sentences(), bad, analyse)


def test_an_unknown_type_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match="Did you mean `word2vec`") as caught:
        make_encoder("wordvec", [], {}, analyse)
    assert caught.value.code == "unknown_encoder_type"
