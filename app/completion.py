"""How a query may go on that is being typed: by the language of the documents, or as it may have been
meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.search.request import check_query
from app.search.spelling import mended
from indexer.completion import Added, Completion
from indexer.generation import Generation

MOST_SUGGESTIONS = 20
SPELLING = "spelling"
_VIEW = "words"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that goes on from what is typed.

    rest: what is to be typed yet; None where what is typed was mended · source: the model that has its first
    word more probable than the others, or `spelling` · probability: among all ways to go on by one word, that
    of this one; None where what is typed was mended · words: what it adds."""

    text: str
    rest: str | None
    source: str
    probability: float | None
    words: Sequence[Added]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """How a query may go on, the most probable first. models: which were asked."""

    q: str
    suggestions: Sequence[Suggestion]
    models: Sequence[str]
    generation: str
    warnings: Sequence[str]


def suggest(generation: Generation, q: str, limit: int = 8) -> Suggestions:
    """How a query may go on, `limit` ways at most; each adds only words that are in a document now.

    Slips in words that are typed whole are mended first, if they can be; in the last one where no word of the
    index begins so. Raises: InputError for a query that is too long."""
    check_query(q, "?q")
    found = [_suggestion(each) for each in _completions(generation, q, limit)]
    whole = not found or not q.split() or q[-1].isspace()
    meant = mended(generation, q) if whole else _mended_before_last(generation, q)
    if meant is not None:
        told = [Suggestion(meant, None, SPELLING, None, ())] if whole else []
        others = _completions(generation, meant, limit)
        told += [Suggestion(each.text, None, SPELLING, None, each.words) for each in others]
        found = [*told, *found][:limit]
    warnings = []
    if not generation.is_built:
        warnings.append("The index was never built: it completes no words before its first reindex.")
    return Suggestions(q, found, generation.completer.models, generation.name, warnings)


def _mended_before_last(generation: Generation, q: str) -> str | None:
    """A query with the slips mended in what stands before its last piece; None where there are none."""
    last = q.split()[-1]
    before = mended(generation, q.removesuffix(last).rstrip())
    return None if before is None else f"{before} {last}"


def _completions(generation: Generation, q: str, limit: int) -> list[Completion]:
    return generation.completer.complete(q, limit, partial(_is_there, generation))


def _is_there(generation: Generation, word: str) -> bool:
    """Whether a search finds a word, whose last document may be gone since the generation was built."""
    if generation.is_unchanged or _VIEW not in generation.lexical.views:
        return True
    terms = generation.analyzer.analyse(word, _VIEW).terms
    return any(df for df, _ in generation.lexical.frequencies(_VIEW, terms).values())


def _suggestion(each: Completion) -> Suggestion:
    models = each.words[0].models
    source = max(models, key=models.__getitem__)
    return Suggestion(each.text, each.rest, source, each.probability, each.words)
