"""What a file of word vectors may cost: the memory of the words that are kept, whatever it says of itself."""

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders.formats import read_vectors
from indexer.errors import BadFileError

MUCH = 1 << 33  # bytes
LITTLE = 16 << 20


def sparse(path: Path, *begin: bytes) -> Path:
    """A file with that beginning and nothing but zero bytes behind it, of which the disk keeps none."""
    with open(path, "wb") as file:
        file.write(b"".join(begin))
        file.truncate(MUCH)
    return path


@pytest.fixture
def spent():
    """The most bytes that were held at once since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("word2vec", b"9000000 2\na 1 2\nb 3 4\nc 5 6\n"),
        ("glove", b"a 1 2\nb 3 4\nc 5 6\n"),
        ("word2vec-binary", b"9000000 2\na " + struct.pack("<2f", 1, 2) + b"b " + struct.pack("<2f", 3, 4)),
    ],
)
def test_with_a_limit_the_rest_of_a_large_file_is_not_read(tmp_path: Path, spent, name, begin):
    found = read_vectors(sparse(tmp_path / "large", begin), name, limit=2)[1]
    assert (found.words, found.vectors.tolist()) == (["a", "b"], [[1, 2], [3, 4]])
    assert spent() < LITTLE


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary", "glove", "fasttext-bin", None])
def test_an_endless_line_is_refused(tmp_path: Path, spent, name):
    with pytest.raises(BadFileError):
        read_vectors(sparse(tmp_path / "zeros"), name)
    with pytest.raises(BadFileError):
        read_vectors(sparse(tmp_path / "line", b"9000000 2\na 1 2\nb"), name)
    assert spent() < LITTLE


def test_the_vectors_that_a_bin_has_beyond_the_limit_are_passed_over(tmp_path: Path, spent):
    """Two words without n-grams, of whose vectors and output layer eight gigabytes are not wanted."""
    dims = 10_000
    others = (MUCH // (4 * dims) - 100) // 2
    head = struct.pack("<2i12id", 793712314, 12, dims, 5, 5, 1, 5, 1, 2, 2, others, 0, 0, 100, 1e-4)
    words = struct.pack("<3i2q", 2, 2, 0, 9, -1) + b"".join(
        word + b"\0" + struct.pack("<qb", 4, 0) for word in (b"a", b"b")
    )
    matrix = struct.pack("<?2q", False, 2 + others, dims) + np.ones(dims, "<f4").tobytes()
    begin = head + words + matrix
    output = len(begin) + 4 * dims * (1 + others)
    path = sparse(tmp_path / "large.bin", begin)
    with open(path, "r+b") as file:
        file.seek(output)
        n_rows = (MUCH - output - 17) // (4 * dims)
        file.write(struct.pack("<?2q", False, n_rows, dims))
        file.truncate(output + 17 + 4 * dims * n_rows)
    found = read_vectors(path, limit=1)[1]
    assert (found.words, found.subwords, found.vectors.tolist()) == (["a"], None, [[1] * dims])
    assert spent() < LITTLE


def test_a_gzip_that_says_it_has_much_costs_what_it_has(tmp_path: Path, spent):
    content = b"99999999999 9999\na " + bytes(4 * 9999)
    (tmp_path / "v.gz").write_bytes(gzip.compress(content))
    with pytest.raises(BadFileError, match=r"byte 39,996|within word 2"):
        read_vectors(tmp_path / "v.gz", "word2vec-binary")
    assert spent() < LITTLE


def test_a_long_first_line_that_ends_in_numbers_is_no_vector(tmp_path: Path):
    (tmp_path / "v").write_bytes(b"word " * 100_000 + b"1 2\n")
    for name in ("glove", None):
        with pytest.raises(BadFileError, match="line 1: a word has 499,999 bytes"):
            read_vectors(tmp_path / "v", name)


def test_a_pipe_is_read_though_nobody_knows_its_length():
    content = b"2 1\na " + struct.pack("<f", 1) + b"b " + struct.pack("<f", 2)
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    _, found = read_vectors(Path(f"/dev/fd/{reader}"), "word2vec-binary")
    os.close(reader)
    assert (found.words, found.vectors.tolist()) == (["a", "b"], [[1], [2]])
