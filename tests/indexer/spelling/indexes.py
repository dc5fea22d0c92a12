"""What the tests of spelling correct by: the words of a few texts, counted as a build counts them."""

from collections import Counter

import numpy as np

from indexer.analysis import Analyzer
from indexer.spelling import Corrector, Forms, Span, corrected
from indexer.types import AnalysisSettings

TEXTS = [
    "The machine learning of a machine: learning by examples, precision and recall of retrieval.",
    "Retrieval systems rank documents; a database keeps them. The river bank floods.",
    "information retrieval, information systems and the people who use them",
    "机器学习和深度学习，机器翻译。我喜欢看视频，视频很长。",
    "南京市长江大桥是一座桥，实验室做实验。已经开始了，那个开始。图书馆在学校。",
]


def forms_of(texts):
    """The words of texts, each a document, with their frequencies; all that are no names, and no numbers."""
    analyse = Analyzer(AnalysisSettings()).analyse
    found = [Counter(form for form in analyse(text, "forms").terms if form.isalpha()) for text in texts]
    cf = sum(found, Counter())
    df = Counter(form for each in found for form in each)
    forms = sorted(cf, key=lambda form: (-df[form], -cf[form], form))
    return Forms(forms, np.array([df[f] for f in forms], int), np.array([cf[f] for f in forms], int))


def corrector_of(texts, **settings):
    """What corrects by these texts."""
    return Corrector(forms_of(texts), Analyzer(AnalysisSettings(**settings)))


def words(corrector, text, limit=5, **options):
    """All words of a text."""
    return corrector.words(text, [Span(0, len(text))], limit, **options).words


def mended(corrector, text):
    """The text with its corrections; the same where there is none."""
    return corrected(text, words(corrector, text)) or text
