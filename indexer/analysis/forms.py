"""Which terms a word may have become that is known in part: its beginning, or more or less its spelling."""

from indexer.analysis.views import stem

_ENDINGS = (
    "s es ed er ers ing ings ly y ies al ally able ment ments ness ity ities ive ize ized "
    "ation ations ion ions e"
).split()


def beginning_stems(beginning: str) -> set[str]:
    """The stems of English words that begin so where the stem does not: of `computin` that of computing.

    The beginning is brought to whole words by each common ending, or by what is missing of it. A stem may
    be shorter, and differ in its last letter: `properti` of `property`."""
    if not (beginning.isascii() and beginning.isalpha()):
        return set()
    rests = (
        ending[size:]
        for ending in _ENDINGS
        for size in range(len(ending) + 1)
        if beginning.endswith(ending[:size])
    )
    stems = {stem(beginning + rest) for rest in rests}
    return {each for each in stems if not each.startswith(beginning) and _nearly_begins(each, beginning)}


def _nearly_begins(one: str, other: str) -> bool:
    """Whether one of the two begins with the other, but for the last letter."""
    size = min(len(one), len(other)) - 1
    return one[:size] == other[:size]


def spellings(word: str) -> list[str]:
    """The forms in which a word may be near to terms: as it is written, and its stem."""
    return list(dict.fromkeys([word, stem(word)]))
