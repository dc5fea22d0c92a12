"""The words of the query language as patterns. None of them goes back over what it has read.

Patterns read the canonical text, in which each full-width operator is the ASCII one; it is as long as the
original, so that what stands between operators is cut from the original, unchanged."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

ASCII_FORMS = str.maketrans("＂（）＾＊～：＋－", '"()^*~:+-')
QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』"}

_OPENING = "".join(QUOTES)
_QUOTE = _OPENING + "”」』"
_ANYWHERE = rf"{_QUOTE}＂()（）^＾*＊~～:：\\"  # operators wherever they stand
_SIGN = r"+＋\-－"  # operators at the start of a word

_END = rf"(?=[\s()^{_QUOTE}]|\Z)"
_KEYWORD = r"(?:AND|OR|NOT)"
_MODIFIER = rf"(?<![^\s(])[+-](?=[\w\\#.@$({_OPENING}])"  # not that of `->`, `--` or a lone one
_PREFIX = r"(?<=\w)\*"
_FUZZY = r"(?<=[^\W\d_])~\d*+"  # after a digit it is a range: 2010~2020
_SUFFIX = rf"(?:{_PREFIX}|{_FUZZY}){_END}"
_PIECE = rf"[^\s()^*~\\{_QUOTE}]++|\\[{_ANYWHERE}{_SIGN}]|\\|(?!{_SUFFIX})[*~]"
_LONE_QUOTE = r'(?<!\S)"(?!\S)(?![^"]*+")'

MODIFIER = re.compile(rf"{_MODIFIER}|NOT{_END}\s*+")
AND = re.compile(rf"\s*+AND{_END}\s*+")
OR = re.compile(rf"\s*+OR{_END}\s*+")
SPACE = re.compile(r"\s*+")
SUFFIX = re.compile(_SUFFIX)
ARGUMENT = re.compile(rf"[^\s()^{_QUOTE}]*+")
WHOLE_NUMBER = re.compile(r"\d{1,4}+")
NUMBER = re.compile(r"(?:\d*+\.)?+\d++")
PHRASES = {
    opening: re.compile(rf"{opening}((?:[^\\{closing}]++|\\.)*+){closing}", re.DOTALL)
    for opening, closing in QUOTES.items()
}
FIELD_LIKE = re.compile(r"(?<!\S)([A-Za-z_][A-Za-z0-9_]*+):(?=\w|\Z)")

_ESCAPED = re.compile(rf"\\([{_ANYWHERE}{_SIGN}])")
_ESCAPED_IN_WORDS = re.compile(rf"{_ESCAPED.pattern}|(?<!\S)\\(?={_KEYWORD}(?!\S))")
_SPECIAL_IN_PHRASE = re.compile(r'["＂\\]')
_SPECIAL_IN_WORDS = re.compile(rf"[{_ANYWHERE}]|(?<!\S)[{_SIGN}](?=\S)|(?<!\S){_KEYWORD}(?!\S)")
_OPERATOR = re.compile(rf"[{_ANYWHERE}]")
_SIGNS = re.compile(rf"(?<!\S)[{_SIGN}]++")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns that depend on the names of the fields.

    field: a name with its colon · word: one word · run: words that no operator touches · plain: the same,
    as a whole query, white space around it."""

    field: re.Pattern[str]
    word: re.Pattern[str]
    run: re.Pattern[str]
    plain: re.Pattern[str]


@lru_cache(maxsize=64)
def grammar(fields: frozenset[str]) -> Grammar:
    """The grammar of an index with these text fields."""
    field = rf"(?:{_any_of(fields)}):"
    word = rf"(?!{_KEYWORD}{_END}|{_MODIFIER}|{field})(?:{_PIECE})++"
    free = rf"(?:{_LONE_QUOTE}|{word})(?!\^|{_SUFFIX}|\s++(?:AND|OR){_END})"
    run = rf"{free}(?:\s++{free})*+"
    return Grammar(*map(re.compile, (field, word, run, rf"\s*+(?:{run}\s*+)?+")))


def _any_of(names: Collection[str]) -> str:
    """A pattern of these names; of none, one that never matches."""
    return "|".join(map(re.escape, sorted(names))) or "(?!)"


def words_text(written: str) -> str:
    """The text of plain words, without the backslashes of escapes."""
    return _ESCAPED_IN_WORDS.sub(r"\1", written) if "\\" in written else written


def phrase_text(written: str) -> str:
    """The text between quotes, without the backslashes of escapes."""
    return _ESCAPED.sub(r"\1", written)


def written_words(text: str) -> str:
    """Plain words as they are written, so that no character of them is an operator."""
    return _SPECIAL_IN_WORDS.sub(r"\\\g<0>", text)


def written_phrase(text: str) -> str:
    """The same between quotes."""
    return '"' + _SPECIAL_IN_PHRASE.sub(r"\\\g<0>", text) + '"'


def without_operators(text: str) -> str:
    """A text with a space for each operator; signs inside of words (`GPT-4`, `C++`) are none."""
    return _SIGNS.sub(lambda found: " " * len(found[0]), _OPERATOR.sub(" ", text))
