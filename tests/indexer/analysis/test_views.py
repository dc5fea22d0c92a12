"""The views on worked examples, in Chinese, English and both."""

import pytest

from indexer.analysis import analyse, query_terms, runs
from indexer.errors import UnknownNameError


def pieces(text, view):
    """(term, the piece of the text that it stands for) of each token."""
    tokens = analyse(text, view)
    return [(t, text[a:b]) for t, a, b in zip(tokens.terms, tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("猫喜欢吃鱼", ["猫", "喜欢", "吃", "鱼"]),
        ("貓喜歡吃魚", ["猫", "喜欢", "吃", "鱼"]),
        ("南京市长江大桥", ["南京市", "长江大桥"]),
        ("Running dogs' tails", ["run", "dog", "tail"]),
        ("用BERT做检索", ["用", "bert", "做", "检索"]),
        ("state-of-the-art", ["state", "of", "the", "art"]),
        ("日本語 かな", ["日本语", "かな"]),
        ("Привет", ["привет"]),
        ("PPARα 17β", ["ppar", "α", "17", "β"]),
        ("…！？ \n", []),
    ],
)
def test_words_are_stems_and_chinese_words(text, terms):
    assert analyse(text, "words").terms == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Node.js 与 GPT-4", ["node.js", "node", "js", "与", "gpt-4", "gpt", "4"]),
        ("C++17, C#!", ["c++", "c", "17", "c#", "c"]),
        ("v1.2.3 of x86_64", ["v1.2.3", "v1", "2", "3", "of", "x86_64", "x86", "64"]),
        ("ＵＴＦ－８", ["utf-8", "utf", "8"]),
        ("gpt-4-based 19-year-old", ["gpt-4", "gpt", "4", "base", "19", "year", "old"]),
        ("Running.dogs", ["running.dogs", "run", "dog"]),
        ("lib.c++ page.html#top", ["lib.c++", "lib", "c", "page.html", "page", "html", "top"]),
        ("state-of-the-art, well-known. A/B 5'-end", "state of the art well known a b 5 end".split()),
        ("the end. Next", ["the", "end", "next"]),
        ("a..b foo__bar +1 -2 .5 #3 e- c+", ["a", "b", "foo", "bar", "1", "2", "5", "3", "e", "c"]),
        ("机器.学习 пр.ст", ["机器", "学习", "пр", "ст"]),
    ],
)
def test_a_name_with_signs_is_a_word_besides_its_parts(text, terms):
    assert analyse(text, "words").terms == terms


@pytest.mark.parametrize(("size", "found"), [(62, True), (63, False)])
def test_a_name_is_of_64_bytes_at_most(size, found):
    name = f"{'x' * size}.y"
    assert (name in analyse(name).terms) is found
    assert ["x" * size, "y"] == analyse(name).terms[-2:]


def test_a_name_points_to_all_of_itself():
    assert pieces("用 Ｎode．js", "words") == [
        ("用", "用"),
        ("node.js", "Ｎode．js"),
        ("node", "Ｎode"),
        ("js", "js"),
    ]


@pytest.mark.parametrize(
    ("view", "terms", "positions"),
    [
        ("words", ["深度", "学习", "model", "α", "x.1", "x", "1"], [0, 2, 4, 5, 6, 6, 7]),
        ("characters", ["深", "度", "学", "习"], [0, 1, 2, 3]),
        ("bigrams", ["深度", "度学", "学习"], [0, 1, 2]),
        ("trigrams", ["深度学", "度学习"], [0, 1]),
        (
            "word_bigrams",
            ["深度 学习", "学习 model", "model α", "α x", "x 1"],
            [0, 2, 4, 5, 6],
        ),
        ("word_trigrams", ["深度 学习 model", "学习 model α", "model α x", "α x 1"], [0, 2, 4, 5]),
    ],
)
def test_a_position_counts_characters_and_runs_of_letters(view, terms, positions):
    tokens = analyse("深度学习 (model)α, x.1", view)
    assert (tokens.terms, tokens.positions) == (terms, positions)


def test_n_grams_are_runs_of_consecutive_words():
    """METHODS: `猫 喜欢 吃 鱼` → `猫 喜欢`, `喜欢 吃`, `吃 鱼`."""
    assert analyse("猫 喜欢 吃 鱼", "word_bigrams").terms == ["猫 喜欢", "喜欢 吃", "吃 鱼"]
    assert analyse("猫 喜欢 吃 鱼", "word_trigrams").terms == ["猫 喜欢 吃", "喜欢 吃 鱼"]
    assert analyse("猫", "word_bigrams").terms == []


def test_characters_stand_in_runs_of_chinese_only():
    assert analyse("猫吃fish鱼", "characters").terms == ["猫", "吃", "鱼"]
    assert analyse("猫吃fish鱼", "bigrams").terms == ["猫吃"]
    assert analyse("机器学习", "trigrams").terms == ["机器学", "器学习"]


def test_offsets_point_into_the_text_as_it_was_written():
    assert pieces("機器學習 ＧＰＴ Café", "words") == [
        ("机器", "機器"),
        ("学习", "學習"),
        ("gpt", "ＧＰＴ"),
        ("cafe", "Café"),
    ]
    assert pieces("ﬁsh 餅乾", "bigrams") == [("饼干", "餅乾")]


def test_runs_name_their_script():
    assert [(run.script, run.text) for run in runs("用bert，检索pparα!")] == [
        ("han", "用"),
        ("latin", "bert"),
        ("other", "，"),
        ("han", "检索"),
        ("latin", "ppar"),
        ("letters", "α"),
        ("other", "!"),
    ]


def test_stop_words_leave_a_query_while_others_remain():
    assert query_terms("what is the weather", ["words"]) == {"words": ["weather"]}
    assert query_terms("什么是机器学习", ["words"]) == {"words": ["机器", "学习"]}


def test_a_query_of_stop_words_alone_keeps_them():
    assert query_terms("to be or not to be", ["words"]) == {"words": ["to", "be", "or", "not", "to", "be"]}


def test_stop_words_go_from_every_view_when_any_view_has_others():
    """`的猫` holds the stop word 的; 猫 remains, so 的 goes from the characters too."""
    assert query_terms("的猫", ["words", "characters"]) == {"words": ["猫"], "characters": ["猫"]}


def test_a_name_in_a_query_is_no_stop_word():
    assert query_terms("what is C++?", ["words"]) == {"words": ["c++", "c"]}
    assert query_terms("vitamin.a", ["words"]) == {"words": ["vitamin.a", "vitamin"]}


def test_an_unknown_view_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"`bigrams`.*`words`.*Did you mean `words`"):
        analyse("x", "wods")


def test_what_stands_inside_a_stop_word_goes_with_it():
    """怎样 asks: its characters and its bigram go; the bigram that leads out of it stays."""
    assert query_terms("怎样治病", ["words", "characters", "bigrams"]) == {
        "words": ["治病"],
        "characters": ["治", "病"],
        "bigrams": ["样治", "治病"],
    }
