"""A small index of labelled documents: what is about cats, and what is about ships."""

from indexer.types import EncoderSettings, IndexSettings
from tests.library import store

CATS = "cats purr and sleep on the sofa with a mouse".split()
SHIPS = "ships sail over the ocean to a harbour with cargo".split()


def texts(words, n):
    return [" ".join(words[(start + step) % len(words)] for step in range(5)) for start in range(n)]


DOCUMENTS = [
    {"id": f"{topic}{number:02d}", "text": text, "topic": topic, "lang": "en", "mixed": number % 7}
    for topic, words in (("cat", CATS), ("ship", SHIPS))
    for number, text in enumerate(texts(words, 30))
] + [{"id": "nothing", "text": "…", "lang": "en"}]

SETTINGS = IndexSettings(encoders={"hashing": EncoderSettings(type="hashing", options={"dims": 64})})


def labelled_index(catalogue, name="pets", documents=DOCUMENTS):
    store(catalogue, name, documents, SETTINGS)
