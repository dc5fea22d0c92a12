"""The findability guarantee: a piece of a document finds the document on the default views.

A piece is any run of 2 to 4 Chinese characters, or any maximal run of Latin letters and digits, as it
stands, in simplified and in traditional characters. A document is found when it shares a term. The terms
of documents are those that a build puts into an index, those of pieces what a search asks it for."""

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from opencc import OpenCC

from indexer.analysis import Analyzer, BatchAnalyzer, fold, query_terms
from indexer.types import DEFAULT_VIEWS, AnalysisSettings

REPOSITORY = Path(__file__).parents[3]
SHARED = REPOSITORY.parent / "shared" / "data"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
# Raised and lowered digits are digits: of `GOsa²` the run is all of it.
LATIN = re.compile(
    r"[A-Za-z0-9\u00b2\u00b3\u00b9\u2070-\u2089\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f]+"
)
VARIANTS = [OpenCC("s2t"), OpenCC("t2s")]
BATCH = 1_000  # texts


class Marks(dict[int, str]):
    """L for a character that is a Latin letter or a digit, also by another name (² and Ａ), i for one that
    nobody sees, which parts no run, and a space for all others."""

    def __missing__(self, code_point):
        character = chr(code_point)
        folded = fold(character).text
        found = LATIN.search(character) or LATIN.search(folded)
        self[code_point] = "L" if found else " " if folded else "i"
        return self[code_point]


MARKS = Marks()


def texts(path, most, chance):
    """The texts of some documents of a corpus, title and text each by itself, as fields are."""
    unpacked = gzip.open if path.suffix == ".gz" else open
    drawn = []
    with unpacked(path, "rb") as lines:
        for number, line in enumerate(lines):
            if number < most:
                drawn.append(line)
            elif (place := chance.randrange(number + 1)) < most:
                drawn[place] = line
    documents = map(json.loads, drawn)
    return [document[name] for document in documents for name in ("title", "text") if document.get(name)]


def pieces(text, chance):
    """Up to three pieces of a text, drawn at random."""
    han = HAN.findall(text)
    latin = [text[match.start() : match.end()] for match in re.finditer("L[Li]*", text.translate(MARKS))]
    for _ in range(2):
        if han:
            run = chance.choice(han)
            size = chance.randint(2, min(4, len(run)))
            start = chance.randint(0, len(run) - size)
            yield run[start : start + size]
    if latin:
        yield chance.choice(latin)


def terms_of(every):
    """The terms of each text in each view, as a build finds them."""
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), DEFAULT_VIEWS)
    for first in range(0, len(every), BATCH):
        batch = every[first : first + BATCH]
        columns = analyzer.analyse(batch)
        known = {view: analyzer.vocabulary(view).terms() for view in DEFAULT_VIEWS}
        for number, text in enumerate(batch):
            held = {}
            for view, found in columns.items():
                tokens = found.terms[found.begins[number] : found.begins[number + 1]]
                held[view] = {known[view][term] for term in tokens.tolist()}
            yield text, held


def misses(corpora, most_documents, seed=1):
    """How many pieces were looked for, and those that did not find their text."""
    chance = random.Random(seed)
    looked_for = 0
    missed = []
    for corpus in corpora:
        for text, held in terms_of(texts(corpus, most_documents, chance)):
            for piece in pieces(text, chance):
                for written in {piece, *(variant.convert(piece) for variant in VARIANTS)}:
                    looked_for += 1
                    terms = query_terms(written, DEFAULT_VIEWS)
                    if not any(not held[view].isdisjoint(terms[view]) for view in DEFAULT_VIEWS):
                        missed.append((written, text))
    return looked_for, missed


def test_every_piece_of_the_sample_corpus_finds_its_document():
    looked_for, missed = misses([REPOSITORY / "examples" / "corpus.jsonl"], most_documents=1_000)
    assert looked_for > 1_000
    assert missed == []


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the judged collections are not beside the repository")
def test_every_piece_of_the_judged_collections_finds_its_document():
    corpora = sorted(SHARED.glob("*/corpus.jsonl*"))
    looked_for, missed = misses(corpora, most_documents=5_000)
    assert looked_for > 100_000
    assert missed == []
