"""Each formula of a part has a heading in the documentation."""

from app.search.explanation import FORMULAS
from tests.test_docs import anchors, page


def test_every_formula_is_told_under_a_heading_that_is_there():
    assert len(FORMULAS) > 30
    targets = {name: each.split("#") for name, each in FORMULAS.items()}
    broken = [name for name, (path, anchor) in targets.items() if anchor not in anchors(page(path))]
    assert broken == []
