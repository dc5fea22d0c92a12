"""One pass over the text of a filter, from left to right.

alternatives  conjunction (OR conjunction)*
conjunction   negation (AND negation)*
negation      NOT* ( condition | "(" alternatives ")" )
condition     name (= | != | < | <= | > | >=) value
              value (< | <=) name (< | <=) value
              name value TO value
              name NOT? IN "[" value, … "]"
              name NOT? (CONTAINS | STARTS WITH) value
              name NOT? EXISTS
              name IS NOT? (NULL | EMPTY)
"""

from app.search.filters.bounds import Bounds, check_depth, wrong
from app.search.filters.tokens import RESERVED, Token, tokens
from indexer.errors import InputError
from indexer.filters import (
    And,
    Bound,
    Contains,
    Exists,
    IsEmpty,
    Node,
    Not,
    OneOf,
    Or,
    Place,
    Range,
    StartsWith,
)

_OPERATOR = "an operator (`=`, `!=`, `<`, `<=`, `>`, `>=`, TO, IN, CONTAINS, STARTS WITH, EXISTS, IS)"
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class Parser:
    """The reader of one text, which stands in a filter at a pointer and so many levels deep."""

    def __init__(self, written: str, bounds: Bounds, pointer: str, depth: int) -> None:
        self._tokens = tokens(written, pointer)
        self._at = 0
        self._bounds = bounds
        self._pointer = pointer
        self._depth = depth

    def tree(self) -> Node:
        """The tree of the whole text. Raises: InputError where it is broken."""
        tree = self._alternatives()
        if self._token.kind != "end":
            raise self._expected("AND, OR or the end")
        return tree

    def _alternatives(self) -> Node:
        nodes = [self._conjunction()]
        while self._take_keyword("or"):
            nodes.append(self._conjunction())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _conjunction(self) -> Node:
        nodes = [self._negation()]
        while self._take_keyword("and"):
            nodes.append(self._negation())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _negation(self) -> Node:
        outside = self._depth
        nots = 0
        while self._take_keyword("not"):
            nots += 1
            self._descend()
        grouped = self._token.is_sign("(")
        node = self._in_parentheses(negated=nots > 0) if grouped else self._condition()
        self._depth = outside
        for _ in range(nots):
            node = Not(node)
        return node

    def _in_parentheses(self, *, negated: bool) -> Node:
        opened = self._take()
        if not negated:
            self._descend()
        node = self._alternatives()
        if not self._token.is_sign(")"):
            if self._token.kind == "end":
                raise wrong(self._place(opened), "no `)` closes this `(`")
            raise self._expected("AND, OR or `)`")
        self._take()
        return node

    def _descend(self) -> None:
        self._depth += 1
        check_depth(self._depth, self._place(self._token))

    def _condition(self) -> Node:
        first = self._token
        place = self._place(first)
        path = self._text("a name, NOT or `(`")
        self._bounds.count_condition(place)
        if self._token.is_sign("(") and path.startswith("_geo"):
            raise wrong(place, f"`{path}` is not supported: there are no filters by place")
        if self._token.is_sign(*_COMPARISONS):
            return self._comparison(path, place)
        if self._take_keyword("not"):
            return Not(self._word_operator(path, place, "IN, CONTAINS, STARTS WITH or EXISTS"))
        if self._take_keyword("is"):
            return self._state(path, place)
        if self._token.kind in ("word", "quoted") and self._tokens[self._at + 1].is_keyword("to"):
            return self._between(path, place)
        return self._word_operator(path, place, _OPERATOR)

    def _comparison(self, path: str, place: Place) -> Node:
        sign = self._take().text
        value = self._text(f"a value after `{sign}`")
        if sign in ("<", "<=") and self._token.is_sign("<", "<="):
            upper = self._take().text
            last = self._text(f"a value after `{upper}`")
            return Range(value, Bound(path, sign == "<="), Bound(last, upper == "<="), place=place)
        match sign:
            case "=":
                return OneOf(path, (value,), place=place)
            case "!=":
                return Not(OneOf(path, (value,), place=place))
            case ">" | ">=":
                return Range(path, lower=Bound(value, sign == ">="), place=place)
            case _:
                return Range(path, upper=Bound(value, sign == "<="), place=place)

    def _between(self, path: str, place: Place) -> Node:
        lower = self._text("a value")
        self._take()
        return Range(path, Bound(lower), Bound(self._text("a value after TO")), place=place)

    def _word_operator(self, path: str, place: Place, expected: str) -> Node:
        if self._take_keyword("in"):
            return OneOf(path, self._list(), place=place)
        if self._take_keyword("contains"):
            return Contains(path, self._text("a value after CONTAINS"), place=place)
        if self._take_keyword("exists"):
            return Exists(path, place=place)
        if self._take_keyword("starts"):
            if not self._take_keyword("with"):
                raise self._expected("WITH after STARTS")
            return StartsWith(path, self._text("a value after STARTS WITH"), place=place)
        raise self._expected(expected)

    def _state(self, path: str, place: Place) -> Node:
        negated = self._take_keyword("not")
        if self._take_keyword("null"):
            exists = Exists(path, place=place)
            return exists if negated else Not(exists)
        if self._take_keyword("empty"):
            empty = IsEmpty(path, place=place)
            return Not(empty) if negated else empty
        raise self._expected("NULL or EMPTY" if negated else "NULL, EMPTY or NOT")

    def _list(self) -> tuple[str, ...]:
        if not self._token.is_sign("["):
            raise self._expected("`[` after IN")
        self._take()
        values: list[str] = []
        while not self._token.is_sign("]"):
            values.append(self._text("a value or `]`"))
            if self._token.is_sign(","):
                self._take()
            elif not self._token.is_sign("]"):
                raise self._expected("`,` or `]`")
        self._take()
        return tuple(values)

    def _text(self, expected: str) -> str:
        """A word or a quoted text, which then is read."""
        if self._token.kind not in ("word", "quoted"):
            raise self._expected(expected)
        if self._token.is_keyword(*RESERVED):
            found = self._token
            raise wrong(
                self._place(found),
                f"expected {expected}, found {found}; put quotes around it where it is meant as text",
            )
        return self._take().text

    @property
    def _token(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _take_keyword(self, keyword: str) -> bool:
        """Whether the next token is this keyword, which then is read."""
        here = self._token.is_keyword(keyword)
        self._at += here
        return here

    def _place(self, token: Token) -> Place:
        return Place(self._pointer, token.position)

    def _expected(self, what: str) -> InputError:
        return wrong(self._place(self._token), f"expected {what}, found {self._token}")
