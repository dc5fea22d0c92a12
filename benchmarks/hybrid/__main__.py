"""`python -m benchmarks.hybrid CORPUS`: searches of one client, one after the other, through HTTP."""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.hybrid.corpus import build, documents, queries
from benchmarks.hybrid.recall import recalls
from benchmarks.hybrid.txtai_peer import TxtaiPeer
from benchmarks.serving import Service, textprism

INDEX = "hybrid"
WARM_UP = 50
FUSED = {"retrievers": ["bm25", "word2vec"], "fusion": "rrf"}
FILTER = {"filter": "bucket < 100"}
KINDS: dict[str, dict[str, Any]] = {
    "hybrid, filter": {**FUSED, **FILTER},
    "hybrid": FUSED,
    "bm25": {"retrievers": ["bm25"]},
    "word2vec": {"retrievers": ["word2vec"]},
    "hybrid, facets": {**FUSED, "facets": ["bucket"]},
    "hybrid, highlights": {**FUSED, "highlight": ["text"]},
    "hybrid, all matches": {**FUSED, "over": "matches"},
}


def measure(name: str, service: Service, asks: Sequence[tuple[str, Any]]) -> float:
    """Asks all, prints a line of milliseconds, and returns the processor time of one."""
    for ask in asks[:WARM_UP]:
        service.ask(*ask)
    began, times = service.cpu_seconds(), list[float]()
    for ask in asks:
        started = perf_counter()
        service.ask(*ask)
        times.append((perf_counter() - started) * 1_000)
    cpu = (service.cpu_seconds() - began) / len(asks) * 1_000
    cuts = statistics.quantiles(times, n=100)
    print(f"{name:<24}{cuts[49]:>8.2f}{cuts[94]:>8.2f}{cuts[98]:>8.2f}{cpu:>8.2f}")  # noqa: T201
    return cpu


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hybrid", description=__doc__)
    parser.add_argument("corpus", type=Path, help="A BEIR folder.")
    parser.add_argument("--work", type=Path, default=Path("/tmp/textprism-bench-hybrid"))
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--txtai", help="A Python with txtai[api] installed, to be measured beside.")
    given = parser.parse_args()
    found = documents(given.corpus)
    data, texts = build(found, given.work, INDEX), queries(found, given.queries)
    print(f"{len(found):,} documents, {len(texts)} queries; milliseconds\n")  # noqa: T201
    print(f"{'':<24}{'p50':>8}{'p95':>8}{'p99':>8}{'CPU':>8}")  # noqa: T201
    path = f"/v1/indexes/{INDEX}/search"
    with textprism(data) as service:
        cpu = {
            name: measure(name, service, [(path, {"q": text, "limit": 10, **kind}) for text in texts])
            for name, kind in KINDS.items()
        }
        buckets = {str(each.get("_id", each.get("id"))): int(each["bucket"]) for each in found}
        recall = recalls(service, data, INDEX, buckets, texts[:100])
    if given.txtai:
        with TxtaiPeer(given.txtai, found, data, INDEX, given.work).serving() as peer:
            for name, condition in (("hybrid, filter", " and bucket < 100"), ("hybrid", "")):
                asks = [(TxtaiPeer.address(text, condition), None) for text in texts[: len(texts) // 5]]
                theirs = measure(f"txtai: {name}", peer, asks)
                print(f"  its processor time over ours: {theirs / cpu[name]:.1f}")  # noqa: T201
    print("\nRecall@10 of word2vec under a filter that selects a share of the documents")  # noqa: T201
    for share, value in recall.items():
        print(f"{share:>8.1%}{value:>8.4f}")  # noqa: T201


if __name__ == "__main__":
    main()
