"""Which piece of a text is shown."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from app.search.highlights.snippets import Place, beginning, snippet

TEXTS = st.one_of(st.text(min_size=1), st.text("猫学aB 1.。\n\u0301\u200d👩🏽🇨🇳", min_size=1, max_size=60))


def at(text: str, *words: str, weight: int = 1) -> list[Place]:
    """The places of words in a text that holds each once."""
    return sorted(Place(text.index(word), text.index(word) + len(word), word, weight) for word in words)


def shown(text: str, places: list[Place], length: int) -> str:
    start, end = snippet(text, places, length)
    return text[start:end]


@st.composite
def texts_and_places(draw: st.DrawFn) -> tuple[str, list[Place]]:
    text = draw(TEXTS)
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 9), st.integers(0, 3), st.integers(0, 5))
    drawn = draw(st.lists(spans, min_size=1, max_size=8))
    weights = draw(st.lists(st.integers(0, 5), min_size=4, max_size=4))
    return text, sorted(
        Place(start, min(start + size, len(text)), what, weights[what]) for start, size, what, _ in drawn
    )


def test_a_text_that_fits_is_shown_whole() -> None:
    assert shown(" A cat. ", at(" A cat. ", "cat"), 8) == " A cat. "


def test_whole_sentences_are_shown_as_many_as_fit() -> None:
    text = "One is here. Two is here. Three is a cat. Four is here. Five is here."
    assert shown(text, at(text, "cat"), 15) == "Three is a cat."
    assert shown(text, at(text, "cat"), 30) == "Three is a cat. Four is here."
    assert shown(text, at(text, "Five"), 30) == "Four is here. Five is here."


def test_chinese_sentences_are_shown_whole() -> None:
    text = "狗不喜欢鱼。猫喜欢鱼！鸟也喜欢。"
    assert shown(text, at(text, "猫"), 8) == "猫喜欢鱼！"


def test_a_long_sentence_is_cut_between_words() -> None:
    text = "Many cats of the countryside do not like any dogs, but others are fond of some of them"
    assert shown(text, at(text, "cats"), 30) == "Many cats of the countryside"
    assert shown(text, at(text, "them"), 30) == "are fond of some of them"
    assert shown(text, at(text, "dogs"), 30) == "not like any dogs, but others"


def test_a_long_chinese_sentence_is_cut_between_characters() -> None:
    text = "一二三四五六七八九十猫一二三四五六七八九十"
    assert shown(text, at(text, "猫"), 5) == "九十猫一二"


def test_the_piece_with_the_most_weight_is_shown() -> None:
    text = "A cat and a bird. " + "X " * 30 + "\nA dog and a fish."
    light, heavy = at(text, "cat", "bird", weight=2), at(text, "dog", "fish", weight=3)
    assert shown(text, [*light, *heavy], 20) == "A dog and a fish."
    assert shown(text, [*light, *at(text, "dog", "fish", weight=2)], 20) == "A cat and a bird."


def test_what_stands_there_twice_weighs_once() -> None:
    text = "cat cat cat. " + "x " * 30 + "\ncat dog."
    cats = [Place(start, start + 3, "cat", 2) for start in (0, 4, 8, 74)]
    assert shown(text, [*cats, *at(text, "dog")], 12) == "cat dog."


def test_a_word_longer_than_a_piece_is_cut() -> None:
    text = "a " + "b" * 30 + " c"
    assert shown(text, [Place(2, 32, "b", 1)], 10) == "b" * 10


def test_a_beginning_is_cut_between_words() -> None:
    text = "  Cats like fish, dogs do not.  "
    assert text[slice(*beginning(text, 0, len(text), 30))] == "Cats like fish, dogs do not."
    assert text[slice(*beginning(text, 0, len(text), 13))] == "Cats like"
    assert text[slice(*beginning(text, 0, len(text), 2))] == "Ca"


@given(texts_and_places(), st.integers(1, 40))
def test_no_other_piece_weighs_more(drawn: tuple[str, list[Place]], length: int) -> None:
    text, places = drawn

    def weight(start: int, end: int) -> int:
        ends = [(each, min(each.end, each.start + length)) for each in places]
        return sum(
            {each.what: each.weight for each, last in ends if start <= each.start and last <= end}.values()
        )

    start, end = snippet(text, places, length)
    others = [weight(each, each + length) for each in range(len(text))]
    assert weight(start, end) >= max(others)


@given(texts_and_places(), st.integers(1, 40))
def test_a_piece_is_cut_between_whole_characters(drawn: tuple[str, list[Place]], length: int) -> None:
    text, places = drawn
    characters = [match.span() for match in regex.finditer(r"\X", text)]
    for start, end in (snippet(text, places, length), beginning(text, 0, len(text), length)):
        assert {start, end} <= {0, *(last for _, last in characters)}
        longest = max(last - first for first, last in characters)
        assert end - start <= length + 2 * (longest - 1)
