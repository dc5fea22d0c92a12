"""Why a document is among the first hits of a search, or why not, and what would bring it there."""

from app.search.whynot.answer import Explanation
from app.search.whynot.explaining import explain
from app.search.whynot.request import ExplainRequest

__all__ = ["ExplainRequest", "Explanation", "explain"]
