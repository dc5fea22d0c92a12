"""TextPrism: built by its commands, served by `textprism serve`, checked against brute force."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.hybrid.corpus import BUCKETS, Query
from benchmarks.service import Request, Service
from indexer.generation import Generation, IndexFolder
from indexer.types import Vectors

PLAIN = "hybrid, filter"
SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)

_INDEX = "hybrid"
_COMMAND = str(Path(sys.executable).with_name("textprism"))
_DEPTH = 10
_TOLERANCE = 1e-6  # of a cosine: documents that close to the tenth best may stand for it

_KINDS: Mapping[str, Mapping[str, Any]] = {  # what differs from PLAIN; None: left out
    PLAIN: {},
    "hybrid": {"filter": None},
    "bm25, filter": {"retrievers": ["bm25"], "fusion": None},
    "word2vec, filter": {"retrievers": ["word2vec"], "fusion": None},
    "+ facets": {"facets": ["category"]},
    "+ highlight": {"highlight": ["title", "text"]},
    "+ over=matches": {"over": "matches"},
    "- parts": {"explain": "none"},
}


def build(corpus: Path, data: Path) -> None:
    """Nothing; the data folder then holds the corpus as an index with word vectors."""
    for command in (["import", _INDEX, str(corpus)], ["reindex", _INDEX, "--encoders", "word2vec"]):
        subprocess.run([_COMMAND, *command, "--data-dir", str(data)], check=True, stdout=sys.stderr)


def serve(data: Path, log: Path) -> Service:
    """The service over that folder."""
    return Service([_COMMAND, "serve", "--data-dir", str(data), "--port"], log)


def open_generation(data: Path) -> Generation:
    """What is served, opened in this process."""
    return IndexFolder(data, _INDEX).open()[0]


def requests(queries: Sequence[Query]) -> dict[str, list[Request]]:
    """The queries in each kind of request."""
    return {
        kind: [
            _request(
                {
                    "q": query.text,
                    "limit": _DEPTH,
                    "retrievers": ["bm25", "word2vec"],
                    "fusion": "rrf",
                    "filter": f'category = "{query.category}"',
                    "explain": "parts",
                    **changes,
                }
            )
            for query in queries
        ]
        for kind, changes in _KINDS.items()
    }


def recall(service: Service, data: Path, buckets: Mapping[str, int], queries: Sequence[Query]) -> list[float]:
    """Recall@10 of filtered vector search, for each of SHARES; `buckets`: by id, what is filtered by.

    A hit is right where its cosine, worked out here, is not below the tenth best of what may be found."""
    generation = open_generation(data)
    encoder = generation.dense["word2vec"].encoder
    folder = IndexFolder(data, _INDEX)
    index = faiss.read_index(str(folder.path / folder.current() / "word2vec.faiss"))
    vectors: Vectors = index.reconstruct_n(0, index.ntotal)
    ordinals = np.load(folder.path / folder.current() / "word2vec.ordinals.npy")
    row_of = {each: row for row, each in enumerate(generation.lexical.doc_ids(ordinals.tolist()))}
    bucket = np.array([buckets[each] for each in row_of])
    vector_of = [encoding.vector for encoding in encoder.encode([query.text for query in queries])]
    generation.close()

    found, wanted = [0] * len(SHARES), [0] * len(SHARES)
    for query, vector in zip(queries, vector_of, strict=True):
        if vector is None:
            continue
        cosines = vectors @ vector
        for place, share in enumerate(SHARES):
            limit = round(share * BUCKETS)
            allowed = np.sort(cosines[bucket < limit])[::-1][:_DEPTH]
            answer = service.client.ask(_vector_request(query, limit))
            rows = [row_of[hit["id"]] for hit in json.loads(answer)["hits"]]
            assert (bucket[rows] < limit).all(), "a hit that the filter forbids"
            found[place] += int((cosines[rows] >= allowed[-1] - _TOLERANCE).sum())
            wanted[place] += len(allowed)
    return [each / of for each, of in zip(found, wanted, strict=True)]


def found(answer: bytes) -> set[str]:
    """The ids of the hits of an answer."""
    return {hit["id"] for hit in json.loads(answer)["hits"]}


def _vector_request(query: Query, limit: int) -> Request:
    return _request(
        {"q": query.text, "limit": _DEPTH, "retrievers": ["word2vec"], "filter": f"bucket < {limit}"}
    )


def _request(body: Mapping[str, Any]) -> Request:
    given = {name: value for name, value in body.items() if value is not None}
    return f"/v1/indexes/{_INDEX}/search", json.dumps(given).encode()
