"""What each kind of vector index costs and finds, over vectors of real texts.

`python -m benchmarks.vectors FOLDER [--rows 100000] [--dims 200]` trains Word2Vec on a BEIR folder, encodes
its documents, and asks with other documents: in one thread, in this process."""

import argparse
import gzip
import json
import sys
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np

from indexer.analysis import analyse
from indexer.encoders import TermEncoder, make_encoder
from indexer.types import Allowed, Vectors
from indexer.vectors import VectorIndex, new_index

KINDS = ("flat", "HNSW32", "HNSW16", "IVF1024,Flat", "SQ8", "IVF1024,SQ8", "PQ50", "IVF1024,PQ50")
SHARES = (None, 0.01, 0.1, 0.5)
QUERIES = 200


def main() -> None:
    """Prints a line for each kind, depth and filter."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vectors", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dims", type=int, default=200)
    parser.add_argument("--kinds", default=";".join(KINDS), help="parted by `;`")
    given = parser.parse_args()
    texts = _texts(given.folder, given.rows + QUERIES)
    terms = [analyse(text).terms for text in texts]
    encoder = make_encoder("word2vec", terms, {"dims": given.dims, "workers": 2, "epochs": 2}, analyse)
    assert isinstance(encoder, TermEncoder)
    vectors = encoder.encode_terms(terms).vectors
    rows, queries = vectors[:-QUERIES], vectors[-QUERIES:]
    _tell(f"{given.folder.name}: {len(rows):,} × {given.dims}, {len(queries)} queries, one thread")
    started = perf_counter()
    for text in texts[-QUERIES:]:
        encoder.encode([text[:60]])
    _tell(f"encoding a query of 60 characters takes {(perf_counter() - started) / QUERIES * 1e3:.3f} ms")
    exact = _built("flat", rows)[0]
    for kind in given.kinds.split(";"):
        index, seconds, size = _built(kind, rows)
        _tell(f"{kind}: built in {seconds:.1f} s, {size / 2**20:.0f} MiB")
        for share in SHARES:
            allowed = None if share is None else np.random.default_rng(1).random(len(rows)) < share
            figures = [_figures(index, exact, queries, depth, allowed) for depth in (10, 200)]
            _tell(f"  {'all' if share is None else f'{share:.0%}':>4}: " + ", ".join(figures))


def _texts(folder: Path, count: int) -> list[str]:
    plain = folder / "corpus.jsonl"
    with open(plain, "rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        documents = [json.loads(line) for line in islice(lines, count)]
    return [f"{each.get('title', '')}\n{each.get('text', '')}" for each in documents]


def _built(kind: str, rows: Vectors) -> tuple[VectorIndex, float, int]:
    started = perf_counter()
    index = new_index(kind, rows.shape[1])
    index.add(rows, np.arange(len(rows), dtype=np.int32))
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder), "v")
        seconds = perf_counter() - started
        return index, seconds, (Path(folder) / "v.faiss").stat().st_size


def _figures(
    index: VectorIndex, exact: VectorIndex, queries: Vectors, depth: int, allowed: Allowed | None
) -> str:
    taken, found, wanted = [], 0, 0
    for query in queries:
        started = perf_counter()
        hits = index.search(query, depth, allowed)
        taken.append(perf_counter() - started)
        best = set(exact.search(query, depth, allowed).ordinals.tolist())
        found += len(best & set(hits.ordinals.tolist()))
        wanted += len(best)
    p50, p95 = np.percentile(taken, [50, 95]) * 1e3
    return f"top {depth}: p50 {p50:.2f} ms, p95 {p95:.2f}, recall {found / wanted:.4f}"


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
