"""txtai's API over the same documents and word vectors. Run with txtai, it builds the index.

Its word vectors are ours, times their weights, by words as they are written; a text is the mean of its words,
scaled by txtai to length 1. The hits of its keyword index and of the vectors (FAISS as txtai sets it up) are
fused by its reciprocal ranks. SQL filters the fused list: txtai has no filter inside the search itself, and
takes 100 fused hits into it."""

import json
import os
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

FOLDER = "TEXTPRISM_BENCH_FOLDER"
_TRANSFORM = "benchmarks.hybrid.txtai_peer.encode"
ENVIRONMENT = {"ALLOW_RESOLVE_TRANSFORM": "1"}
VOCABULARY, VECTORS, INDEX, CONFIG = "words.json", "words.npy", "index", "txtai.yml"
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text as the peer sees them."""
    return _WORD.findall(text.lower())


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """The mean of each text's words, as txtai asks for it. Shapes: (n, dims)."""
    rows_of, vectors = _known()
    means = np.zeros((len(texts), vectors.shape[1]), np.float32)
    for place, text in enumerate(texts):
        rows = [rows_of[word] for word in words(text) if word in rows_of]
        if rows:
            means[place] = vectors[rows].mean(axis=0)
    return means


@cache
def _known() -> tuple[dict[str, int], NDArray[np.float32]]:
    folder = Path(os.environ[FOLDER])
    known = json.loads((folder / VOCABULARY).read_text())
    return {word: row for row, word in enumerate(known)}, np.load(folder / VECTORS)


def path(text: str, category: str | None) -> str:
    """The search for a text of letters and blanks, as it is asked of the API."""
    also = f" and category = '{category}'" if category else ""
    sql = f"select id, text, title, category, score from txtai where similar('{text}'){also} limit 10"
    return f"/search?query={quote(sql)}"


def found(answer: bytes) -> set[str]:
    """The ids of the hits of an answer."""
    return {hit["id"] for hit in json.loads(answer)}


def build(corpus: Path, folder: Path) -> None:
    """Nothing; the folder holds the index and the settings of the API."""
    from txtai import Embeddings  # only the peer's Python has it

    def rows() -> Any:
        with corpus.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                text = f"{record.get('title', '')}\n{record['text']}"
                yield record["_id"], {"text": text, "title": record.get("title"), **record["metadata"]}, None

    embeddings = Embeddings(
        method="external",
        transform=_TRANSFORM,
        content=True,
        scoring={"method": "bm25", "terms": True, "normalize": False},
    )
    embeddings.index(rows())
    embeddings.save(str(folder / INDEX))
    (folder / CONFIG).write_text(
        f"path: {folder / INDEX}\nwritable: false\nembeddings:\n  transform: {_TRANSFORM}\n"
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(os.environ[FOLDER]))
