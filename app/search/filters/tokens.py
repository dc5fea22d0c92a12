"""A filter's text as tokens. The patterns never go back over what they have read.

Operators and quotes are found in the canonical text, in which each full-width one is the ASCII one. It is
as long as the original, from which words and quoted texts are cut, unchanged."""

import re
from dataclasses import dataclass
from typing import Literal

from app.search.filters.bounds import short, wrong
from indexer.filters import Place

Kind = Literal["word", "quoted", "sign", "end"]

ASCII_FORMS = str.maketrans("＝！＜＞（）［］，＂＇", "=!<>()[],\"'")
QUOTES = {'"': '"', "'": "'", "“": "”", "「": "」", "『": "』"}
RESERVED = frozenset({"and", "or", "not"})
"""Words that are values and names between quotes alone, whatever their case."""
KEYWORDS = RESERVED | {"contains", "exists", "in", "is", "starts", "to"}

_SPACE = re.compile(r"\s*+")
_SIGN = re.compile(r"[!<>]=|[=<>()\[\],]")
_NO_WORD = r"\s=!<>()\[\],\"'“”「」『』\x00-\x1f\x7f-\x9f"
_WORD = re.compile(rf"[^{_NO_WORD}]++")
_QUOTED = {
    opening: re.compile(rf"{opening}((?:[^\\{closing}]++|\\.)*+){closing}", re.DOTALL)
    for opening, closing in QUOTES.items()
}
_ESCAPED = re.compile(r"\\([\\＂＇" + "".join({*QUOTES, *QUOTES.values()}) + "])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted text without its quotes, a sign in ASCII, or the end of the text."""

    kind: Kind
    text: str
    position: int

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind == "sign" and self.text in signs

    def is_keyword(self, *keywords: str) -> bool:
        """Whether it is one of these keywords, in whatever case it is written; those are given in lower."""
        return self.kind == "word" and self.text.lower() in keywords

    def __str__(self) -> str:
        """The token in a message."""
        return "the end" if self.kind == "end" else f"`{short(self.text)}`"


def tokens(written: str, pointer: str) -> list[Token]:
    """The tokens of a filter, the last one its end. Raises: InputError where a character begins none."""
    text = written.translate(ASCII_FORMS)
    found: list[Token] = []
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at == len(text):
            return [*found, Token("end", "", at)]
        if match := _SIGN.match(text, at):
            found.append(Token("sign", match[0], at))
        elif match := _WORD.match(text, at):
            found.append(Token("word", written[at : match.end()], at))
        elif (opening := text[at]) not in QUOTES:
            raise wrong(Place(pointer, at), f"expected a word or a quoted text, found {_named(opening)}")
        elif match := _QUOTED[opening].match(text, at):
            found.append(Token("quoted", _ESCAPED.sub(r"\1", written[at + 1 : match.end() - 1]), at))
        else:
            raise wrong(Place(pointer, at), f"no `{QUOTES[opening]}` closes this `{opening}`")
        at = match.end()


def written_value(text: str) -> str:
    """A name or a value as it is written, between quotes where it would not be one word."""
    plain = _WORD.fullmatch(text.translate(ASCII_FORMS)) and text.lower() not in KEYWORDS
    return text if plain else '"' + re.sub(r'["＂\\]', r"\\\g<0>", text) + '"'


def _named(character: str) -> str:
    """A character in a message, by its number where it cannot be seen."""
    return f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"
