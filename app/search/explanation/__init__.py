"""Why a hit is where it is: the parts that its score is the sum of, as a tree and as rows."""

from app.search.explanation.formulas import FORMULAS
from app.search.explanation.hits import MOST_IN_FULL, explain_hits
from app.search.explanation.rows import Row, rows

__all__ = ["FORMULAS", "MOST_IN_FULL", "Row", "explain_hits", "rows"]
