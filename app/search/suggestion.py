"""What a query may have meant, where that finds more than the query does."""

from app.search.filters import parse_filter
from app.search.listing import question_of
from app.search.ranking import RetrieverSpec
from app.search.request import SearchRequest
from app.search.retrieval.lexical import lexical
from app.search.retrieval.question import default_views
from app.search.spelling import mended
from indexer.generation import Generation
from indexer.types import Allowed

_VIEW = "words"


def suggestion(generation: Generation, request: SearchRequest) -> str | None:
    """The query with its slips mended, where a word of it is in no document and more documents match then.

    A suggestion has no slip, so that none is suggested for it. Raises: InputError as a search."""
    if not request.suggest or request.like is not None:
        return None
    text = mended(generation, request.q)
    if text is None:
        return None
    allowed = None
    if request.filter is not None:
        allowed = generation.metadata.select(parse_filter(request.filter, "/filter"))
    plain = request.model_copy(update={"expansion": None})
    given = _matching(generation, plain, allowed)
    found = _matching(generation, plain.model_copy(update={"q": text}), allowed)
    return text if found > given else None


def _matching(generation: Generation, request: SearchRequest, allowed: Allowed | None) -> int:
    """How many documents match a query; among words, where the index has them: characters say little."""
    built = generation.manifest.settings.views
    spec = RetrieverSpec(name="bm25", view=[_VIEW] if _VIEW in built else default_views(generation))
    question = question_of(generation, request)
    return int(lexical(spec, generation, question, allowed, "").matching().sum())
