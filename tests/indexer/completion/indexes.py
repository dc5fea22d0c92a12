"""What the tests of completion complete by: the n-grams of a few texts, counted as a build counts them."""

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.completion import Completer, NgramCounter, Ngrams, write_ngrams
from indexer.spelling import FormCounter
from indexer.types import AnalysisSettings

TEXTS = [
    "Machine learning is the study of algorithms. Machine learning needs data; machine translation too.",
    "The library of Congress keeps books, and the library of medicine keeps others.",
    "precision and recall of retrieval, precision and recall of machine learning",
    "Node.js runs node.js code with C++ inside.",
    "机器学习和深度学习，机器翻译。我们使用 Python 编程。",
    "支持向量机是机器学习的方法；人工智能的方法很多。",
]


def counted(batches, n_fields=1):
    """The counter of batches of texts, which have so many a document, and the vocabulary of its forms."""
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), ["forms"])
    counter, forms = NgramCounter(n_fields), FormCounter(n_fields)
    for batch in batches:
        columns = analyzer.analyse(batch)["forms"]
        counter.add(columns, analyzer.vocabulary("forms"))
        forms.add(columns)
    return counter, forms, analyzer.vocabulary("forms").terms()


def ngrams_of(folder, texts):
    """The n-grams of texts, each a document, written into a folder and opened."""
    counter, frequencies, forms = counted([texts])
    write_ngrams(folder / "completion", forms, frequencies.df, frequencies.cf, *counter.finish())
    return Ngrams.open(folder / "completion")


def completer_of(folder, texts, others=(), **settings):
    """What completes by these texts."""
    return Completer(ngrams_of(folder, texts), Analyzer(AnalysisSettings(**settings)), others)
