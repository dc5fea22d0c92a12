"""The findability guarantee: a piece of a document finds the document on the default views.

A piece is any run of 2 to 4 Chinese characters, or any maximal run of Latin letters and digits, as it
stands, in simplified and in traditional characters. A document is found when it shares a term."""

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from opencc import OpenCC

from indexer.analysis import analyse, query_terms
from indexer.types import DEFAULT_VIEWS

REPOSITORY = Path(__file__).parents[3]
SHARED = REPOSITORY.parent / "shared" / "data"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
LATIN = re.compile(r"[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f]+")
VARIANTS = [OpenCC("s2t"), OpenCC("t2s")]


def texts(path):
    """The texts of a corpus, title and text each by itself, as fields are."""
    unpacked = gzip.open if path.suffix == ".gz" else open
    with unpacked(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            yield from (document[name] for name in ("title", "text") if document.get(name))


def pieces(text, chance):
    """Up to three pieces of a text, drawn at random."""
    han, latin = HAN.findall(text), LATIN.findall(text)
    for _ in range(2):
        if han:
            run = chance.choice(han)
            size = chance.randint(2, min(4, len(run)))
            start = chance.randint(0, len(run) - size)
            yield run[start : start + size]
    if latin:
        yield chance.choice(latin)


def misses(corpora, wanted, seed=1):
    """How many pieces were looked for, and those that did not find their text."""
    chance = random.Random(seed)
    looked_for = 0
    missed = []
    for corpus in corpora:
        every = list(texts(corpus))
        share = wanted // len(corpora)
        for text in chance.sample(every, min(len(every), share)):
            held = {view: set(analyse(text, view).terms) for view in DEFAULT_VIEWS}
            for piece in pieces(text, chance):
                for written in {piece, *(variant.convert(piece) for variant in VARIANTS)}:
                    looked_for += 1
                    terms = query_terms(written, DEFAULT_VIEWS)
                    if not any(term in held[view] for view in DEFAULT_VIEWS for term in terms[view]):
                        missed.append((written, text))
    return looked_for, missed


def test_every_piece_of_the_sample_corpus_finds_its_document():
    looked_for, missed = misses([REPOSITORY / "examples" / "corpus.jsonl"], wanted=1_000)
    assert looked_for > 1_000
    assert missed == []


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the judged collections are not beside the repository")
def test_every_piece_of_the_judged_collections_finds_its_document():
    corpora = sorted(SHARED.glob("*/corpus.jsonl*"))
    looked_for, missed = misses(corpora, wanted=40_000)
    assert looked_for > 40_000
    assert missed == []
