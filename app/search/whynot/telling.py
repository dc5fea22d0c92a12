"""The words of a document that tell most of it, as they stand in its texts."""

from collections import Counter

from app.search.retrieval.likeness import MOST_CHARACTERS
from indexer.generation import Generation
from indexer.types import Document
from indexer.weighting import positive_idf


def telling_words(generation: Generation, document: Document, most: int, without: str) -> list[str]:
    """The words with the highest tf · idf, each as it is first written; none that is in the query `without`,
    and no stop word. Ties: by the term."""
    texts = [document.text(field) for field in generation.manifest.settings.text_fields]
    text = "\n".join(texts)[:MOST_CHARACTERS]
    asked = set(generation.analyzer.analyse(without).terms)
    tokens = generation.analyzer.analyse(text)
    written: dict[str, str] = {}
    for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        written.setdefault(term, text[start:end])
    counted = Counter(generation.analyzer.content_terms(text, ["words"])["words"])
    known = generation.lexical.frequencies("words", counted)
    weights = {
        term: counted[term] * positive_idf(generation.lexical.n_docs, df)
        for term, (df, _) in known.items()
        if term in written and term not in asked
    }
    best = sorted(weights, key=lambda term: (-weights[term], term))[:most]
    return [written[term] for term in best]
