"""How much of the true nearest documents a filtered vector search finds."""

from pathlib import Path

import numpy as np

from benchmarks.hybrid.corpus import BUCKETS
from benchmarks.serving import Service
from indexer.generation import IndexFolder

SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)
K = 10


def recalls(
    service: Service, data: Path, index: str, buckets: dict[str, int], texts: list[str]
) -> dict[float, float]:
    """Recall@10 of `word2vec` by the share of the documents that a filter selects.

    The truth is every product of the query's vector with those of the documents, in float64, by numpy."""
    generation, _ = IndexFolder(data, index).open()
    dense = generation.dense["word2vec"]
    keys = np.array(generation.store.doc_ids(range(generation.store.n_docs)))
    rows = [dense.vectors.vector(ordinal) for ordinal in range(len(keys))]
    held = np.array([len(each) == 1 for each in rows])
    matrix = np.concatenate([each for each in rows if len(each)]).astype(np.float64)
    keys, of = keys[held], np.array([buckets[key] for key in keys[held].tolist()])
    found: dict[float, float] = {}
    for share in SHARES:
        hits: list[float] = []
        for text, encoded in zip(texts, dense.encoder.encode(texts), strict=True):
            if encoded.vector is None:
                continue
            allowed = np.flatnonzero(of < share * BUCKETS)
            products = (matrix[allowed] * encoded.vector).sum(axis=1)
            wanted = set(keys[allowed[np.argsort(-products)[:K]]].tolist())
            body = {"q": text, "limit": K, "retrievers": ["word2vec"], "explain": "none", "fields": []}
            answer = service.ask(
                f"/v1/indexes/{index}/search", {**body, "filter": f"bucket < {round(share * BUCKETS)}"}
            )
            hits.append(len(wanted & {hit["id"] for hit in answer["hits"]}) / len(wanted))
        found[share] = float(np.mean(hits))
    return found
