"""Sentences of both languages, and the places where a text may be cut."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import piece_at, sentences

TEXTS = st.one_of(st.text(), st.text(alphabet="猫学aBé1 .!?。！…”\")\n\r\u0301\u200d👩🏽🇨🇳'_-\u0600e.g"))


@pytest.mark.parametrize(
    "expected",
    [
        ["猫喜欢鱼。", "狗呢？！", "“也喜欢。”", "鸟……", "不知道；", "完"],
        ["Cats like fish. ", "Do dogs? ", "(Some do.) ", "Birds!"],
        ["About 3.14, e.g. Pi. ", "Dr. Smith of the U.S. Army said so. ", "Use node.js, etc. for it."],
        ["Approx. five wait! so said he.\n", "A line\n\n", "Another"],
        ["好吗?", "好的! ", "Very good.”  ", "他说ok."],
        ["That is so. ", "“Yes.” ", "Mr. and Mrs. (Dr. Who) came"],
    ],
)
def test_a_text_is_cut_into_sentences(expected: list[str]) -> None:
    text = "".join(expected)
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("a node.js|x b", "node.jsx"),
        ("you don|'t go", "don't"),
        ("机|器", ""),
        ("end.| A", ""),
        ("猫e|\u0301a学", "e\u0301a"),
        ("👩|\u200d👩\u200d👧!", "👩\u200d👩\u200d👧"),
        ("🇨🇳🇩|🇪", "🇩🇪"),
        ("abcdefghij|klmn", ""),  # longer than 12 characters: cut like others
        ("abcdefghije|\u0301klmn", "e\u0301"),
    ],
)
def test_nothing_is_cut_inside_of_a_piece(text: str, piece: str) -> None:
    place = text.index("|")
    text = text.replace("|", "")
    start, end = piece_at(text, place, 12)
    assert text[start:end] == piece
    assert (start < place < end) if piece else (start == place == end)


@given(TEXTS, st.integers(0, 5))
@example("\u0600猫 猫", 1)
def test_pieces_are_whole_characters(text: str, longest: int) -> None:
    borders = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    for place in range(len(text) + 1):
        start, end = piece_at(text, place, longest)
        assert {start, end} <= borders
        assert (start < place < end) or start == place == end
