"""A query asked of one generation: what each retriever takes from it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from app.search.query import Parsed, positive_text
from app.search.ranking import ExpansionSettings
from app.search.request import MOST_QUERY_TERMS
from app.search.retrieval.expansion import ExpansionTerm, expansion_clauses, expansion_of
from indexer.encoders import Encoding
from indexer.errors import InputError
from indexer.generation import Dense, Generation
from indexer.lexical import Clause, Matcher, Matches
from indexer.query import Words
from indexer.types import DEFAULT_VIEWS, Allowed, Ordinals


class Asked(Protocol):
    """What retrievers are asked: a query (`Question`), or for what is like a text (`Likeness`)."""

    @property
    def text(self) -> str:
        """The text that is looked for."""

    @property
    def n_docs(self) -> int:
        """How many documents it is asked of."""

    @property
    def warnings(self) -> Sequence[str]:
        """What its writer should know of it."""

    @property
    def expansion(self) -> Sequence[ExpansionTerm] | None:
        """The terms that are looked for besides; None where none were wanted."""

    def clauses(self, views: Sequence[str], fields: Mapping[str, float]) -> Sequence[Clause]:
        """What is scored by terms of these views in these fields.

        Raises: InputError where that is too many terms."""

    def matches(self, views: Sequence[str], fields: Mapping[str, float]) -> Matches | None:
        """Which documents match; None where those do that hold any of the terms.

        Raises: InputError where there are too many terms."""

    def limited(self) -> Allowed | None:
        """The documents that a retriever may find which knows nothing of terms; all, where it is None."""

    def unranked(self) -> Ordinals | None:
        """The documents that match, ascending, where nothing is asked for that could rank them; else None."""

    def encoding(self, dense: Dense) -> Encoding:
        """What is asked for as a vector, with the parts that it is made of."""


class Question:
    """A query as it was understood; what it comes to in the index is found out once for all retrievers.

    Raises: as `expansion_of`."""

    def __init__(
        self, generation: Generation, parsed: Parsed, expansion: ExpansionSettings | None = None
    ) -> None:
        self.text = positive_text(parsed.tree)
        self.expansion = None if expansion is None else expansion_of(generation, self.text, expansion)
        self.warnings = parsed.warnings
        self.tree = parsed.tree
        self.n_docs = generation.lexical.n_docs
        self._generation = generation
        self._found: dict[tuple[object, ...], Matches] = {}
        self._encoded: dict[str, Encoding] = {}  # by the fingerprint of the encoder

    def clauses(self, views: Sequence[str], fields: Mapping[str, float]) -> Sequence[Clause]:
        """What is scored by terms of these views in these fields.

        Raises: InputError where that is too many terms."""
        matches = self.matches(views, fields)
        own = [self._plain(views, fields)] if matches is None else matches.clauses
        return [*own, *expansion_clauses(self._generation, self.expansion or (), views, fields)]

    def matches(self, views: Sequence[str], fields: Mapping[str, float]) -> Matches | None:
        """What the operators come to; None for plain words, which match wherever one of their terms is.

        Raises: InputError where there are too many terms."""
        if isinstance(self.tree, Words):
            return None
        key = (*views, *fields.items())
        if key not in self._found:
            generation = self._generation
            matcher = Matcher(generation.lexical, generation.analyzer, views, MOST_QUERY_TERMS)
            self._found[key] = matcher.match(self.tree, fields)
        return self._found[key]

    def limited(self) -> Allowed | None:
        """The documents that a retriever may find which knows nothing of operators; all, where it is None."""
        matches = self._default_matches()
        return None if matches is None else matches.limited

    def unranked(self) -> Ordinals | None:
        """The documents that match, ascending, where nothing is asked for that could rank them: all for an
        empty query, those without it for what must not match alone; else None."""
        if self.text.strip():
            return None
        matches = self._default_matches()
        if matches is None:
            return np.arange(self._generation.lexical.n_docs, dtype=np.int32)
        return np.flatnonzero(matches.allowed).astype(np.int32)

    def encoding(self, dense: Dense) -> Encoding:
        """The vector of what should or must match, with its words."""
        encoder = dense.encoder
        if encoder.fingerprint not in self._encoded:
            self._encoded[encoder.fingerprint] = encoder.encode_query(self.text)
        return self._encoded[encoder.fingerprint]

    def _default_matches(self) -> Matches | None:
        fields = dict.fromkeys(self._generation.manifest.settings.text_fields, 1.0)
        return self.matches(default_views(self._generation), fields)

    def _plain(self, views: Sequence[str], fields: Mapping[str, float]) -> Clause:
        terms = self._generation.analyzer.query_terms(self.text, views)
        if (n_terms := sum(map(len, terms.values()))) > MOST_QUERY_TERMS:
            raise InputError(
                f"A query may have {MOST_QUERY_TERMS} terms, this one has {n_terms} in the views "
                f"{', '.join(views)}: shorten it.",
                pointer="/q",
                code="query_too_long",
            )
        return Clause(terms, fields)


def default_views(generation: Generation) -> list[str]:
    """The views that are searched where none is named."""
    built = generation.manifest.settings.views
    return [name for name in built if name in DEFAULT_VIEWS] or list(built)
