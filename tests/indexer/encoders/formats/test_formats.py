"""The published formats of word vectors: what is written is read again, here and by others."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import FastText, load_facebook_model, save_facebook_model
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.encoders.formats import FORMATS, read_vectors, write_vectors
from indexer.encoders.subwords import Subwords
from indexer.encoders.words import WordVectors
from indexer.errors import BadFileError, InputError, UnknownNameError

PLAIN = ["word2vec", "word2vec-binary", "glove", "fasttext-vec"]
WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\r\v\f\0"), min_size=1, max_size=8
)
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def model(words, dims=4, seed=1, subwords=True):
    rng = np.random.default_rng(seed)
    counts = np.arange(len(words), 0, -1, dtype=np.int64)
    grams = Subwords(2, 4, np.arange(97, dtype=np.int32), rng.normal(size=(97, dims)).astype(np.float32))
    vectors = rng.normal(size=(len(words), dims)).astype(np.float32)
    return WordVectors(words, vectors, counts, grams if subwords else None)


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(WORDS, min_size=1, max_size=6, unique=True), data=st.data(), name=st.sampled_from(PLAIN)
)
def test_what_is_written_is_read_again_bit_by_bit(tmp_path_factory, words, data, name):
    vectors = data.draw(
        st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=len(words), max_size=len(words))
    )
    given = WordVectors(words, np.array(vectors, np.float32))
    path = tmp_path_factory.mktemp("formats") / "vectors"
    write_vectors(path, given, name)
    _, found = read_vectors(path, name)
    assert found.words == words
    assert found.vectors.tobytes() == given.vectors.tobytes()
    assert found.vectors.dtype == np.float32


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_a_format_is_recognised_by_what_is_in_the_file(tmp_path: Path, name, packed):
    path = tmp_path / f"any{packed}"
    write_vectors(path, model(["the", "猫", "ca\u2028t", "\x85", "𠮷"]), name)
    found, words = read_vectors(path)
    assert found == {"fasttext-vec": "word2vec"}.get(name, name)
    assert list(words.words) == ["the", "猫", "ca\u2028t", "\x85", "𠮷"]
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == bool(packed)


def test_worked_examples(tmp_path: Path):
    given = WordVectors(["a", "猫"], np.array([[1, 0.5], [-2, 3]], np.float32))
    files = {
        "word2vec": "2 2\na 1.0 0.5\n猫 -2.0 3.0\n".encode(),
        "glove": "a 1.0 0.5\n猫 -2.0 3.0\n".encode(),
        "word2vec-binary": b"2 2\na "
        + struct.pack("<2f", 1, 0.5)
        + "猫 ".encode()
        + struct.pack("<2f", -2, 3),
    }
    for name, content in files.items():
        write_vectors(tmp_path / name, given, name)
        assert (tmp_path / name).read_bytes() == content
        assert read_vectors(tmp_path / name, limit=1)[1].words == ["a"]


def test_fasttext_worked_example(tmp_path: Path):
    """`ab` is the mean of its own (3, 0) and of `<a`, `ab`, `b>`, each in the one bucket (1, 2)."""
    arguments = struct.pack("<12id", 2, 5, 5, 1, 5, 1, 2, 2, 1, 2, 2, 100, 1e-4)
    content = (
        struct.pack("<2i", 793712314, 12)
        + arguments
        + struct.pack("<3i2q", 1, 1, 0, 7, -1)
        + b"ab\0"
        + struct.pack("<qb", 7, 0)
        + struct.pack("<?2q4f", False, 2, 2, 3, 0, 1, 2)
        + struct.pack("<?2q2f", False, 1, 2, 0, 0)
    )
    (tmp_path / "model.bin").write_bytes(content)
    name, found = read_vectors(tmp_path / "model.bin")
    assert (name, found.words, found.vectors.tolist()) == ("fasttext-bin", ["ab"], [[1.5, 1.5]])
    assert found.counts is not None
    assert found.counts.tolist() == [7]
    write_vectors(tmp_path / "again.bin", found, "fasttext-bin")
    assert (tmp_path / "again.bin").read_bytes() == content


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_is_written_and_the_other_way_round(tmp_path: Path, binary):
    name = "word2vec-binary" if binary else "word2vec"
    given = model(["the", "猫", "don't", "naïve"])
    write_vectors(tmp_path / "ours", given, name)
    keyed = KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert keyed.index_to_key == given.words
    assert keyed.vectors.tobytes() == given.vectors.tobytes()
    keyed.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    _, found = read_vectors(tmp_path / "theirs")
    assert found.words == given.words
    np.testing.assert_allclose(found.vectors, given.vectors, rtol=1e-5)


@pytest.fixture(scope="module")
def facebook(tmp_path_factory):
    """A model of gensim's, and the `.bin` that it writes of it."""
    texts = [["cat", "mat", "sat"], ["dog", "log", "猫咪"], ["cat", "dog", "naïve"]] * 20
    trained = FastText(texts, vector_size=6, min_count=1, epochs=2, bucket=50, min_n=2, max_n=4, workers=1)
    path = tmp_path_factory.mktemp("facebook") / "model.bin"
    save_facebook_model(trained, str(path))
    return trained, path


def test_a_bin_of_gensim_gives_the_same_vectors_also_of_words_never_seen(facebook):
    trained, path = facebook
    _, found = read_vectors(path)
    assert found.words == trained.wv.index_to_key
    assert found.counts is not None
    assert found.counts.tolist() == [trained.wv.get_vecattr(word, "count") for word in found.words]
    np.testing.assert_allclose(found.vectors, trained.wv.vectors, atol=1e-6)
    assert found.subwords is not None
    for word in ("catalogue", "猫", "dogma"):
        made = found.subwords.vector(word)
        assert made is not None
        np.testing.assert_allclose(made, trained.wv[word], atol=1e-6)


def test_gensim_reads_a_bin_that_is_written_here(facebook, tmp_path: Path):
    trained, path = facebook
    _, found = read_vectors(path)
    write_vectors(tmp_path / "ours.bin", found, "fasttext-bin")
    theirs = load_facebook_model(str(tmp_path / "ours.bin")).wv
    assert theirs.index_to_key == found.words
    np.testing.assert_allclose(theirs.vectors, found.vectors, atol=1e-5)
    np.testing.assert_allclose(theirs["catalogue"], trained.wv["catalogue"], atol=1e-6)


def test_buckets_that_were_never_learned_are_written_as_zeros(tmp_path: Path):
    rows = np.full(50, -1, np.int32)
    rows[7] = 0
    few = WordVectors(
        ["cat"], np.ones((1, 2), np.float32), None, Subwords(2, 3, rows, np.full((1, 2), 9, np.float32))
    )
    write_vectors(tmp_path / "few.bin", few, "fasttext-bin")
    _, found = read_vectors(tmp_path / "few.bin")
    assert found.subwords is not None
    assert np.flatnonzero(found.subwords.vectors.any(axis=1)).tolist() == [7]


@pytest.mark.parametrize("name", FORMATS)
def test_a_limit_takes_the_first_words_alone(tmp_path: Path, name):
    given = model([f"w{number}" for number in range(30)])
    write_vectors(tmp_path / "all", given, name)
    _, found = read_vectors(tmp_path / "all", name, limit=7)
    assert list(found.words) == given.words[:7]
    np.testing.assert_allclose(found.vectors, given.vectors[:7], atol=1e-5)
    assert len(read_vectors(tmp_path / "all", name, limit=99)[1].words) == 30
    with pytest.raises(InputError, match="at least 1"):
        read_vectors(tmp_path / "all", name, limit=0)


def test_words_with_spaces_in_them_are_read_where_there_are_enough_numbers(tmp_path: Path):
    (tmp_path / "v").write_bytes(b"the 1 2\n. . 3 4\nat name@domain.com 5 6\n")
    assert read_vectors(tmp_path / "v", "glove")[1].words == ["the", ". .", "at name@domain.com"]


@pytest.mark.parametrize("begin", [b"", b"2 2\n", b"2 2\r\n"])
@pytest.mark.parametrize("end", [b"\n", b" \n", b"\r\n"])
def test_marks_and_ends_of_lines_of_other_systems_are_no_part_of_words(tmp_path: Path, begin, end):
    (tmp_path / "v").write_bytes(b"\xef\xbb\xbf" + begin + b"a 1 2" + end + b"b 3 -4e-1")
    _, found = read_vectors(tmp_path / "v")
    assert found.words == ["a", "b"]
    np.testing.assert_array_equal(found.vectors, np.array([[1, 2], [3, -0.4]], np.float32))


REFUSED = {
    "another number": (b"2 3\na 1 2 3\nb 1 2\n", "line 3: a word and 3 numbers"),
    "too many numbers": (b"2 3\na 1 2 3\nb 1 2 3 4\n", "line 3: a word and 3 numbers"),
    "no number": (b"2 3\na 1 2 3\nb 1 x 3\n", "line 3: there are not 3 finite numbers"),
    "nan": (b"2 3\na 1 2 3\nb 1 nan 3\n", "line 3: there are not 3 finite numbers"),
    "infinity": (b"2 3\na 1 2 inf\nb 1 2 3\n", "line 2: there are not 3 finite numbers"),
    "too large": (b"1 3\na 1 2 1e39\n", "line 2: there are not 3 finite numbers"),
    "underscore": (b"1 3\na 1 2 1_000\n", "line 2: there are not 3 finite numbers"),
    "two dots": (b"1 3\na 1 2 1.2.3\n", "line 2: there are not 3 finite numbers"),
    "twice": (b"3 1\na 1\nb 2\na 3\n", "line 4: `a` stands there again, first at line 2"),
    "empty word": (b"2 2\na 1 2\n 1 2\n", "line 3: a word"),
    "an empty line": (b"2 2\na 1 2\n\n", "line 3: a word and 2 numbers"),
    "not UTF-8": (b"2 1\na 1\nb\xff 2\n", r"line 3: a word is not UTF-8 \(byte 1"),
    "too few": (
        b"3 1\na 1\nb 2\n",
        "line 4: the file ends after 2 words, its first line says 3: it was cut off",
    ),
    "too many": (b"1 1\na 1\nb 2\n", "line 3: the first line says 1 words, and more follow"),
    "a zero byte": (b"1 1\na\0b 1\n", "line 2: a word holds a line break or a zero byte"),
    "a word beyond all bounds": (b"1 1\n" + b"a" * 10_001 + b" 1\n", "line 2: a word has 10,001 bytes"),
    "a line beyond all bounds": (b"1 1\n" + b"a " * 600_000, "byte 4: a line has more than 1,048,576 bytes"),
    "no words": (b"0 5\n", "0 words of 5 dimensions cannot be"),
    "no dimensions": (b"5 0\n", "5 words of 0 dimensions cannot be"),
    "dimensions beyond all bounds": (b"1 99999999\na 1\n", "99,999,999 dimensions cannot be"),
    "words beyond all bounds": (
        b"99999999999 1\na 1\n",
        "line 3: the file ends after 1 words, its first line says 99,999,999,999",
    ),
    "no header": (b"hello\n", "byte 0: a first line `WORDS DIMS` is wanted"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_text_with_a_fault_is_refused_with_its_place(tmp_path: Path, case):
    content, expected = REFUSED[case]
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(BadFileError, match=expected) as caught:
        read_vectors(tmp_path / "v", "word2vec")
    assert str(tmp_path / "v") in caught.value.message


@pytest.mark.parametrize("content", [b"", b"\n", b"hello world\n", b"{}\n", b"\x00" * 40, b"a b c\nd e f\n"])
def test_what_is_no_file_of_vectors_is_refused_with_the_formats(tmp_path: Path, content):
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(BadFileError, match="fasttext-bin"):
        read_vectors(tmp_path / "v")


def test_a_missing_file_a_folder_and_an_unknown_format_are_refused(tmp_path: Path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BadFileError, match="cannot be read"):
            read_vectors(path)
    with pytest.raises(UnknownNameError, match="`glove`"):
        read_vectors(tmp_path, "glov")


@pytest.mark.parametrize("name", ["word2vec-binary", "fasttext-bin"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_beginning_of_a_binary_file_is_refused(tmp_path: Path, name, packed):
    write_vectors(tmp_path / "whole", model(["the", "猫"], dims=2), name)
    whole = (tmp_path / "whole").read_bytes()
    for size in range(len(whole)) if not packed else range(0, len(whole), 17):
        part = whole[:size]
        (tmp_path / "part").write_bytes(gzip.compress(part) if packed else part)
        with pytest.raises(BadFileError):
            read_vectors(tmp_path / "part", name)
    (tmp_path / "more").write_bytes(whole + b"x")
    with pytest.raises(BadFileError, match=r"more follows|behind its end"):
        read_vectors(tmp_path / "more", name)


def test_a_gzip_that_is_cut_off_is_refused(tmp_path: Path):
    write_vectors(tmp_path / "v.gz", model([f"w{number}" for number in range(50)]), "word2vec")
    whole = (tmp_path / "v.gz").read_bytes()
    (tmp_path / "v.gz").write_bytes(whole[:-20])
    with pytest.raises(BadFileError, match="cannot be read on"):
        read_vectors(tmp_path / "v.gz", "word2vec")


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary", "fasttext-bin"])
def test_no_changed_byte_does_worse_than_refuse(tmp_path: Path, name):
    write_vectors(tmp_path / "whole", model(["the", "猫"], dims=2), name)
    whole = (tmp_path / "whole").read_bytes()
    rng = np.random.default_rng(4)
    refused = 0
    for place in range(min(len(whole), 200)):
        for change in rng.integers(1, 256, size=3).tolist():
            content = bytearray(whole)
            content[place] ^= change
            (tmp_path / "changed").write_bytes(content)
            for named in (name, None):
                try:
                    _, found = read_vectors(tmp_path / "changed", named)
                    assert np.isfinite(found.vectors).all()
                except BadFileError:
                    refused += 1
    assert refused > 50


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path):
    (tmp_path / "v").write_text("mine")
    with pytest.raises(InputError, match="space"):
        write_vectors(tmp_path / "v", model(["fine", "not fine"]), "glove")
    for unfit in ("", "a\nb", "a\0b", "a\tb"):
        with pytest.raises(InputError, match="is empty or has"):
            write_vectors(tmp_path / "v", model([unfit]), "fasttext-bin")
    with pytest.raises(InputError, match=r"vector of 'b' is not finite"):
        write_vectors(tmp_path / "v", WordVectors(["a", "b"], np.array([[1], [np.nan]], np.float32)), "glove")
    with pytest.raises(InputError, match="no n-grams"):
        write_vectors(tmp_path / "v", model(["fine"], subwords=False), "fasttext-bin")
    assert (tmp_path / "v").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [tmp_path / "v"]
