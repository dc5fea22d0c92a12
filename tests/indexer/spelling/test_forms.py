"""The words of an index on disk."""

import numpy as np
import pytest

from indexer.errors import CorruptError, MismatchError
from indexer.spelling import Forms, write_forms
from indexer.spelling import forms as module


@pytest.fixture
def folder(tmp_path):
    forms = ["b", "猫", "a", "node.js", "x1", "42", "t恤", "Ж", "x" * 33, "x" * 32]
    df = np.array([2, 3, 2, 9, 9, 9, 9, 2, 9, 1])
    cf = np.array([4, 3, 4, 9, 9, 9, 9, 5, 9, 1])
    write_forms(tmp_path / "spelling", forms, df, cf)
    return tmp_path / "spelling"


def test_words_of_one_script_come_back_the_most_frequent_first(folder):
    found = Forms.open(folder)
    assert found.forms == ["猫", "Ж", "a", "b", "x" * 32]
    assert found.df.tolist() == [3, 2, 2, 2, 1]
    assert found.cf.tolist() == [3, 5, 4, 4, 1]
    assert "猫" in found
    assert "node.js" not in found


def test_of_too_many_the_most_frequent_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_FORMS", 2)
    write_forms(tmp_path / "spelling", ["a", "b", "c"], np.array([1, 2, 3]), np.array([1, 2, 3]))
    assert Forms.open(tmp_path / "spelling").forms == ["c", "b"]


def test_there_may_be_none(tmp_path):
    write_forms(tmp_path / "spelling", [], np.empty(0, np.int64), np.empty(0, np.int64))
    assert Forms.open(tmp_path / "spelling").forms == []


@pytest.mark.parametrize("name", ["forms.txt", "df.npy", "cf.npy"])
def test_a_file_that_is_missing_is_told(folder, name):
    (folder / name).unlink()
    with pytest.raises(CorruptError, match=name):
        Forms.open(folder)


def test_files_that_do_not_belong_together_are_told(folder):
    (folder / "forms.txt").write_text("a\n")
    with pytest.raises(MismatchError, match=r"1 words want as many frequencies; found .*\(5,\)"):
        Forms.open(folder)


def test_bytes_that_are_no_text_are_told(folder):
    (folder / "forms.txt").write_bytes(b"\xff\n")
    with pytest.raises(CorruptError, match=r"forms\.txt is not UTF-8"):
        Forms.open(folder)
