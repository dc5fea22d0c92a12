"""One pass over a query, from left to right.

clauses       (run | alternatives)+             a "b c" -d
alternatives  conjunction (OR conjunction)*     a OR b
conjunction   signed (AND signed)*              a AND NOT b
signed        (+ | - | NOT)? boosted            -a
boosted       (field:)? operand (^number)?      title:a^2
operand       phrase (~slop)? | ( clauses ) | word (* | ~edits)?
"""

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

from app.search.query.grammar import (
    AND,
    ARGUMENT,
    ASCII_FORMS,
    FIELD_LIKE,
    MODIFIER,
    NUMBER,
    OR,
    PHRASES,
    QUOTES,
    SPACE,
    SUFFIX,
    WHOLE_NUMBER,
    grammar,
    phrase_text,
    words_text,
)
from indexer.analysis.folding import HAN
from indexer.errors import InputError
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words

MOST_CLAUSES = 1_024
MOST_DEPTH = 32
MOST_SLOP = 100
MOST_EDITS = 2
MOST_BOOST = 1_000
_FIRST_OF_PREFIX = re.compile(rf"[{HAN}]|..", re.DOTALL)

Sign = Literal["", "+", "-"]


class Plain(NamedTuple):
    """Words of a query, or a phrase, at [`start`, `end`). one: a single operand, in which no space stands."""

    start: int
    end: int
    one: bool = False


class _Clause(NamedTuple):
    """A node, and whether it should (no sign), must or must not match."""

    sign: Sign
    node: Node


class Parser:
    """The reader of one query.

    `unknown` fills with what looks like a field, name → position · `plain` with the texts that are looked for
    as they are written, in order."""

    def __init__(self, written: str, fields: Collection[str]) -> None:
        self.unknown: dict[str, int] = {}
        self.plain: list[Plain] = []
        self._written = written
        self._text = written.translate(ASCII_FORMS)
        self._grammar = grammar(frozenset(fields))
        self._at = 0
        self._depth = 0
        self._n_clauses = 0

    def tree(self) -> Node:
        """The tree of the whole query. Raises: InputError where the query is broken."""
        if self._grammar.plain.fullmatch(self._text):
            self.plain.append(Plain(0, len(self._text)))
            return self._words(0, len(self._text))
        tree = self._clauses()
        if self._at < len(self._text):
            raise self._wrong("found a `)` that no `(` opens")
        return tree

    def _clauses(self) -> Node:
        should: list[Node] = []
        must: list[Node] = []
        must_not: list[Node] = []
        into = {"": should, "+": must, "-": must_not}
        while self._skip_space() not in {"", ")"}:
            sign, node = self._run() or self._alternatives()
            into[sign].append(node)
        if not (should or must or must_not):
            raise self._no_operand()
        if not (must or must_not) and len(should) == 1:
            return should[0]
        return Group(tuple(should), tuple(must), tuple(must_not))

    def _run(self) -> _Clause | None:
        """Plain words that no operator touches, as many as stand here; None where there are none."""
        start = self._at
        if not self._take(self._grammar.run):
            return None
        self._count(start)
        self.plain.append(Plain(start, self._at))
        return _Clause("", self._words(start, self._at))

    def _alternatives(self) -> _Clause:
        found = [self._conjunction()]
        while self._take(OR):
            found.append(self._conjunction())
        if len(found) == 1:
            return found[0]
        return _Clause(
            "", Group(tuple(Group(must_not=(node,)) if sign == "-" else node for sign, node in found))
        )

    def _conjunction(self) -> _Clause:
        found = [self._signed()]
        while self._take(AND):
            found.append(self._signed())
        if len(found) == 1:
            return found[0]
        must = tuple(node for sign, node in found if sign != "-")
        return _Clause("", Group(must=must, must_not=tuple(node for sign, node in found if sign == "-")))

    def _signed(self) -> _Clause:
        modifier = self._take(MODIFIER)
        sign: Sign = "" if not modifier else "+" if modifier == "+" else "-"
        n_plain = len(self.plain)
        node = self._boosted()
        if sign == "-":
            del self.plain[n_plain:]
        return _Clause(sign, node)

    def _boosted(self) -> Node:
        field = self._take(self._grammar.field)
        node = self._operand()
        if field:
            node = InField(field[:-1], node)
        if self._take_one("^"):
            node = Boost(node, self._factor())
        return node

    def _operand(self) -> Node:
        match self._text[self._at : self._at + 1]:
            case "(":
                node = self._in_parentheses()
            case quote if quote in QUOTES:
                node = self._phrase(quote)
            case _:
                return self._word()
        if self._text.startswith(("~", "*"), self._at):
            raise self._wrong(f"expected white space, found `{self._text[self._at]}`")
        return node

    def _in_parentheses(self) -> Node:
        opened = self._at
        self._count(opened)
        self._at += 1
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise self._wrong(f"parentheses stand in each other at most {MOST_DEPTH} deep", opened)
        node = self._clauses()
        if not self._take_one(")"):
            raise self._wrong("no `)` closes this `(`", opened)
        self._depth -= 1
        return node

    def _phrase(self, quote: str) -> Phrase:
        start = self._at
        self._count(start)
        if not self._take(PHRASES[quote]):
            raise self._wrong(f"no `{QUOTES[quote]}` closes this `{quote}`", start)
        text = phrase_text(self._written[start + 1 : self._at - 1])
        if not text.strip():
            raise self._wrong("expected words between the quotes, found none", start)
        self.plain.append(Plain(start + 1, self._at - 1))
        return Phrase(text, self._slop() if self._take_one("~") else 0)

    def _word(self) -> Words | Prefix | Fuzzy:
        start = self._at
        if not self._take(self._grammar.word):
            raise self._no_operand()
        self._count(start)
        words = self._words(start, self._at)
        suffix_at = self._at
        suffix = self._take(SUFFIX)
        if suffix == "*":
            if not _FIRST_OF_PREFIX.match(words.text):
                raise self._wrong("expected two characters before `*`, or one that is Chinese", suffix_at)
            return Prefix(words.text)
        if suffix:
            edits = _whole_number(suffix[1:] or "1")
            if edits is None or not 1 <= edits <= MOST_EDITS:
                raise self._wrong(f"expected 1 to {MOST_EDITS} edits, found `{suffix}`", suffix_at)
            return Fuzzy(words.text, edits)
        self.plain.append(Plain(start, suffix_at, one=True))
        return words

    def _words(self, start: int, end: int) -> Words:
        """Plain words; what looks like a field in them is noted."""
        text = self._text[start:end]
        for found in FIELD_LIKE.finditer(text) if ":" in text else ():
            if start + found.end() < end or self._text.startswith(("(", *QUOTES), end):
                self.unknown.setdefault(found[1], start + found.start())
        return Words(words_text(self._written[start:end]))

    def _slop(self) -> int:
        start, given = self._at, self._take(ARGUMENT)
        slop = _whole_number(given)
        if slop is None or slop > MOST_SLOP:
            raise self._wrong(f"expected a whole number up to {MOST_SLOP}, found `{_short(given)}`", start)
        return slop

    def _factor(self) -> float:
        start, given = self._at, self._take(ARGUMENT)
        factor = float(given) if NUMBER.fullmatch(given) else 0.0
        if not 0 < factor <= MOST_BOOST:
            raise self._wrong(
                f"expected a boost above 0, at most {MOST_BOOST:,}, found `{_short(given)}`", start
            )
        return factor

    def _count(self, start: int) -> None:
        self._n_clauses += 1
        if self._n_clauses > MOST_CLAUSES:
            raise self._wrong(f"a query has at most {MOST_CLAUSES:,} clauses", start)

    def _take(self, pattern: re.Pattern[str]) -> str:
        """What the pattern finds here, which then is read; empty where it finds nothing."""
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _take_one(self, character: str) -> bool:
        """Whether the next character is this one, which then is read."""
        here = self._text.startswith(character, self._at)
        self._at += here
        return here

    def _skip_space(self) -> str:
        """The next character that is no white space; empty at the end."""
        self._take(SPACE)
        return self._text[self._at : self._at + 1]

    def _no_operand(self) -> InputError:
        found = ARGUMENT.match(self._text, self._at)
        here = (found[0] if found else "") or self._text[self._at : self._at + 1]
        what = "white space" if here.isspace() else f"`{_short(here)}`" if here else "the end"
        return self._wrong(f"expected a word, a phrase or a group, found {what}")

    def _wrong(self, what: str, position: int | None = None) -> InputError:
        """The error of a broken query, by default at the next character."""
        where = self._at if position is None else position
        return InputError(
            f"Position {where} of the query: {what}. Mend it, or put a backslash before an operator that is "
            "meant as text.",
            pointer="/q",
            code="query_syntax",
        )


def _whole_number(written: str) -> int | None:
    return int(written) if WHOLE_NUMBER.fullmatch(written) else None


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:20] + "…"
