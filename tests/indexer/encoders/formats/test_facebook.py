"""The `.bin` of Facebook's program: its vectors, and what of it differs from gensim's."""

import base64
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_model

from indexer.encoders.formats import read_vectors, write_vectors
from indexer.encoders.subwords import Subwords
from indexer.encoders.words import WordVectors
from indexer.errors import BadFileError

# Written by fasttext 0.9.2: a skipgram model of 2 dimensions, n-grams of 2 to 3 characters in 8 buckets.
MODEL = base64.b64decode(
    "uhZPLwwAAAACAAAABQAAAB4AAAABAAAABQAAAAEAAAACAAAAAgAAAAgAAAACAAAAAwAAAGQAAAAtQxzr4jYaPwUAAAAFAAAAAAAAAPAA"
    "AAAAAAAA//////////9jYXQAPAAAAAAAAAAA54yr5ZKqADwAAAAAAAAAADwvcz4APAAAAAAAAAAAc2F0AB4AAAAAAAAAAG5hw692ZQAe"
    "AAAAAAAAAAAADQAAAAAAAAACAAAAAAAAADJh4L4kwNM+vibOvFaMwjxAYYK8RxV2PEVqSLyGIj08AAAAAAAAAADK+MS9p+K5PXqCeL2+"
    "hWo9eoJ4vb6Faj0abxG9kz8JPb4mzrxWjMI8AAAAAAAAAAC+Js68VozCPBtvkb2SP4k9AAUAAAAAAAAAAgAAAAAAAABEZgw9R38EvQBL"
    "UD29kUS9ypokOw9XG7t0eUE9tpU2vXSqkjwsaYq8"
)
# What the program itself says that they are; the last three it was never shown.
LEARNED = {
    "cat": [-0.11618389934301376, 0.10964453965425491],
    "猫咪": [-0.04883585870265961, 0.046087153255939484],
    "</s>": [-0.015915513038635254, 0.01501972135156393],
    "sat": [-0.06293275207281113, 0.059390611946582794],
    "naïve": [-0.05142120644450188, 0.04852698743343353],
}
MADE = {
    "catalogue": [-0.05140001326799393, 0.04850698262453079],
    "猫": [-0.03205921873450279, 0.030254781246185303],
    "sats": [-0.06691454350948334, 0.06314829736948013],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(MODEL)
    return tmp_path / "model.bin"


def test_every_vector_is_that_of_the_program(path):
    name, found = read_vectors(path)
    assert (name, found.words) == ("fasttext-bin", list(LEARNED))
    np.testing.assert_allclose(found.vectors, list(LEARNED.values()), atol=1e-8)
    assert found.counts is not None
    assert found.counts.tolist() == [60, 60, 60, 30, 30]
    assert found.subwords is not None
    for word, vector in MADE.items():
        made = found.subwords.vector(word)
        assert made is not None
        np.testing.assert_allclose(made, np.array(vector), atol=1e-8)


def test_its_bytes_are_written_again_but_for_the_arguments_and_the_output_layer(path, tmp_path: Path):
    _, found = read_vectors(path)
    write_vectors(tmp_path / "again.bin", found, "fasttext-bin")
    again = (tmp_path / "again.bin").read_bytes()
    arguments, output = 8 + 12 * 4 + 8, len(MODEL) - 5 * 2 * 4
    vectors = MODEL.index(struct.pack("<2q", 13, 2)) + 16
    assert len(again) == len(MODEL)
    assert again[arguments:vectors] == MODEL[arguments:vectors]
    theirs, ours = (np.frombuffer(each[vectors : vectors + 13 * 8], "<f4") for each in (MODEL, again))
    np.testing.assert_allclose(ours, theirs, atol=1e-7)
    assert again[output:] == bytes(5 * 2 * 4)


def test_the_older_version_reads_alike(path):
    path.write_bytes(MODEL[:4] + struct.pack("<i", 11) + MODEL[8:])
    np.testing.assert_allclose(read_vectors(path)[1].vectors, list(LEARNED.values()), atol=1e-8)


def test_the_end_of_a_line_has_no_ngrams(tmp_path: Path):
    """`</s>` is its own (3, 0) alone, though its n-grams are in the one bucket (1, 2)."""
    arguments = struct.pack("<12id", 2, 5, 5, 1, 5, 1, 2, 2, 1, 2, 2, 100, 1e-4)
    content = (
        struct.pack("<2i", 793712314, 12)
        + arguments
        + struct.pack("<3i2q", 1, 1, 0, 7, -1)
        + b"</s>\0"
        + struct.pack("<qb", 7, 0)
        + struct.pack("<?2q4f", False, 2, 2, 3, 0, 1, 2)
        + struct.pack("<?2q2f", False, 1, 2, 0, 0)
    )
    (tmp_path / "model.bin").write_bytes(content)
    _, found = read_vectors(tmp_path / "model.bin")
    assert found.vectors.tolist() == [[3, 0]]
    write_vectors(tmp_path / "again.bin", found, "fasttext-bin")
    assert (tmp_path / "again.bin").read_bytes() == content


def test_a_word_keeps_its_vector_where_some_of_its_ngrams_have_none(tmp_path: Path):
    rng = np.random.default_rng(3)
    rows = np.full(50, -1, np.int32)
    rows[::2] = np.arange(25)
    grams = Subwords(2, 3, rows, rng.normal(size=(25, 4)).astype(np.float32))
    given = WordVectors(["cat", "猫咪"], rng.normal(size=(2, 4)).astype(np.float32), None, grams)
    write_vectors(tmp_path / "some.bin", given, "fasttext-bin")
    theirs = load_facebook_model(str(tmp_path / "some.bin")).wv
    np.testing.assert_allclose(theirs.vectors, given.vectors, atol=1e-5)
    _, found = read_vectors(tmp_path / "some.bin")
    np.testing.assert_allclose(found.vectors, given.vectors, atol=1e-5)


def test_a_model_without_ngrams_has_no_subwords(path, tmp_path: Path):
    _, found = read_vectors(path)
    assert found.subwords is not None
    none = replace(found.subwords, shortest=0, longest=0)
    # No n-grams count then, so that the vectors of the words are their own.
    write_vectors(tmp_path / "none.bin", replace(found, subwords=none), "fasttext-bin")
    _, again = read_vectors(tmp_path / "none.bin")
    assert again.subwords is None
    np.testing.assert_allclose(again.vectors, found.vectors, atol=1e-8)


SIZES = 8 + 12 * 4 + 8
FIRST_WORD = SIZES + 3 * 4 + 2 * 8
VECTORS = MODEL.index(struct.pack("<2q", 13, 2)) - 1
LIES = {
    "dimensions": (8, "<i", -3, "says -3 dimensions"),
    "many dimensions": (8, "<i", 10**9, "says 1,000,000,000 dimensions"),
    "buckets": (8 + 32, "<i", 10**9, "have the shape"),
    "fewer than no buckets": (8 + 32, "<i", -1, "says -1 buckets"),
    "lengths of n-grams": (8 + 36, "<i", 9, "n-grams of 9 to 3 characters"),
    "a classifier": (8 + 28, "<i", 3, "it is a classifier"),
    "a version": (4, "<i", 99, "version 99"),
    "words": (SIZES, "<i", 10**9, "entries"),
    "words and entries": (SIZES, "<2i", (10**9, 10**9), "1,000,000,000 words would take"),
    "no words": (SIZES, "<2i", (0, 0), "0 entries, 0 words"),
    "pruned n-grams": (SIZES + 20, "<q", 5, "pruned"),
    "n-grams all pruned": (SIZES + 20, "<q", 0, "pruned"),
    "a word twice": (MODEL.index(b"sat"), "3s", b"cat", "`cat` stands there again, first at byte 92"),
    "a word that is none": (MODEL.index(b"sat"), "B", 0xFF, r"a word is not UTF-8 \(byte 0 of it\)"),
    "a label": (FIRST_WORD + 4 + 8, "<b", 1, "is no word"),
    "a count": (FIRST_WORD + 4, "<q", -5, "occurs -5 times"),
    "quantised vectors": (VECTORS, "<b", 1, "are quantised"),
    "a vector": (
        VECTORS + 17 + 4,
        "<f",
        np.nan,
        f"byte {VECTORS + 17 + 4}: the vectors of the words hold nan",
    ),
    "rows of the output": (len(MODEL) - 5 * 8 - 16, "<q", 10**9, "the output layer would take"),
}


@pytest.mark.parametrize("case", LIES)
def test_a_bin_that_lies_is_refused_before_anything_is_allocated(path, case):
    place, form, value, expected = LIES[case]
    content = bytearray(MODEL)
    struct.pack_into(form, content, place, *(value if isinstance(value, tuple) else (value,)))
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=expected) as caught:
        read_vectors(path)
    assert f"{path}, byte " in caught.value.message
