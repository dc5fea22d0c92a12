"""Slips in Chinese, by worked examples."""

import pytest

from indexer.spelling.chinese import NEAR, OTHER, SLIP
from indexer.spelling.sounds import blurred, readings, sound_alike, sound_nearly_alike
from tests.indexer.spelling.indexes import TEXTS, corrector_of, mended, words

CORRECTOR = corrector_of(TEXTS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("我喜欢看式频", "我喜欢看视频"),  # 式 and 视 are both shi
        ("机器学西", "机器学习"),
        ("机七翻译", "机器翻译"),
        ("南京市长江大侨", "南京市长江大桥"),  # 侨 and 桥: qiao
        ("用式频做machne", "用视频做machine"),
        ("資料：式頻", "資料：视频"),  # traditional characters are compared as simplified ones
    ],
)
def test_a_word_is_read_that_sounds_alike(written, meant):
    assert mended(CORRECTOR, written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "机器学习和深度学习",
        "我喜欢看视频，视频很长。",
        "实验室",
        "已经开始了",
        "明天学期开始",  # words that no document has, but the segmenter
        "猫",
        "龘靐",  # characters that no document has
        "蓝金市",  # two characters sound only nearly as in 南京市
        "的了是我",
        "",
    ],
)
def test_these_stay_as_they_are(text):
    assert mended(CORRECTOR, text) == text


def test_readings_are_all_of_a_character_and_near_sounds_are_one():
    assert readings("行") >= {"xing", "hang"}
    assert readings("a") == frozenset()
    assert blurred("绿") == ("lu", "lv")
    assert sound_alike("视", "式")
    assert sound_alike("a", "a")
    assert not sound_alike("字", "智")
    assert sound_nearly_alike("字", "智")  # zi, zhi
    assert sound_nearly_alike("南", "蓝")  # nan, lan
    assert sound_nearly_alike("心", "星")  # xin, xing
    assert not sound_nearly_alike("猫", "鱼")


@pytest.mark.parametrize(
    ("written", "cost", "distance"),
    [
        ("图书官", SLIP, 1),  # 官 and 馆: guan
        ("涂书管", SLIP, 2),
        ("图苏馆", SLIP + NEAR, 1),  # su and shu
        ("图画馆", SLIP + OTHER, 1),
    ],
)
def test_what_a_slip_costs(written, cost, distance):
    [found] = [each for each in words(CORRECTOR, written) if each.candidates]
    assert (found.text, found.candidates[0].text) == (written, "图书馆")
    assert (found.candidates[0].cost, found.candidates[0].distance) == (cost, distance)


def test_offsets_are_those_of_the_text_as_it_is_written():
    found = words(CORRECTOR, "看 式\ufe00频!")
    assert [(each.text, each.start, each.end) for each in found] == [("看", 0, 1), ("式\ufe00频", 2, 5)]
    assert found[1].correction == "视频"


def test_what_stops_is_never_suggested():
    """那个 stops: to ask for it would find nothing."""
    assert mended(CORRECTOR, "那各") == "那各"
    assert mended(corrector_of(TEXTS, stop_words=[]), "那各") == "那个"


def test_words_of_the_dictionary_stay():
    assert mended(corrector_of(TEXTS, dictionary=["学西"]), "机器学西") == "机器学西"
