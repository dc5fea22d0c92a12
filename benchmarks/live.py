"""How soon a written document is found, and what writes, a reindex and a restart do to searches.

`python -m benchmarks.live CORPUS` builds an index with word vectors of a folder in the BEIR layout,
serves it, and measures over HTTP, one client searching. CORPUS needs `queries.jsonl`."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path

import numpy as np
import typer

from benchmarks.service import Client, Service

_COMMAND = str(Path(sys.executable).with_name("textprism"))
_INDEX = "/v1/indexes/live"
_SEARCHES = 400
_PATIENCE = 10.0  # seconds until a written document is found
_PAUSE = 0.1  # seconds between writes beside searches: ten a second
_numbers = count()


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--bulk", type=int, default=100_000, help="short documents that are streamed in")
    parser.add_argument("--writes", type=int, default=100, help="documents that are written one by one")
    given = parser.parse_args()
    texts = [json.loads(line)["text"] for line in (given.corpus / "queries.jsonl").open()]
    queries = cycle([re.sub(r"\W+", " ", text) for text in texts])  # words alone: no operators
    with tempfile.TemporaryDirectory() as folder:
        data, log = Path(folder) / "data", Path(folder) / "service.log"
        for command in (["import", "live", str(given.corpus)], ["reindex", "live"]):
            subprocess.run([_COMMAND, *command, "--data-dir", str(data)], check=True, stdout=sys.stderr)
        with _serve(data, log) as service:
            _searches(service.client, queries, _SEARCHES)  # so that files are in memory
            idle = _tell("searches, idle", _searches(service.client, queries, _SEARCHES))
            for retriever in ("bm25", "word2vec"):
                written = islice(queries, given.writes)
                found = [_seconds_until_found(service.client, text, retriever) for text in written]
                _tell(f"written until found by {retriever}", found)
            with _writing(service, queries):
                _tell("searches, ten writes a second", _searches(service.client, queries, _SEARCHES), idle)
            task = json.loads(service.client.send("POST", f"{_INDEX}/reindex", b"{}", 202))["id"]
            _tell("searches, during a reindex", _until_ended(service.client, queries, task), idle)
            _tell("searches, after it", _searches(service.client, queries, _SEARCHES), idle)
            before = service.memory()
            _bulk(service.client, given.bulk)
            typer.echo(f"memory: {before / 2**20:,.0f} MiB, then {service.memory() / 2**20:,.0f} MiB")
            if task := _fold(service.client):
                _tell("searches, while that is folded in", _until_ended(service.client, queries, task), idle)
            _tell("searches, after that", _searches(service.client, queries, _SEARCHES), idle)
            typer.echo(f"memory: {service.memory() / 2**20:,.0f} MiB")
        started = time.perf_counter()
        with _serve(data, log) as service:
            _search(service.client, next(queries))
            typer.echo(f"restart to first answer: {time.perf_counter() - started:.2f} s")


def _serve(data: Path, log: Path) -> Service:
    return Service([_COMMAND, "serve", "--data-dir", str(data), "--port"], log)


def _tell(what: str, seconds: Sequence[float], beside: float | None = None) -> float:
    """The 95th percentile; prints it with the median, and how many times `beside` it is."""
    middle, high = np.percentile(seconds, [50, 95]) * 1_000
    times = "" if beside is None else f", {high / beside:.2f}× idle"
    typer.echo(f"{what}: p50 {middle:,.1f} ms, p95 {high:,.1f} ms{times} ({len(seconds)})")
    return float(high)


def _search(client: Client, query: str, *retrievers: str, limit: int = 10) -> set[str]:
    request = {"q": query, "limit": limit, "suggest": False}
    if retrievers:
        request["retrievers"] = list(retrievers)
    answer = json.loads(client.ask((f"{_INDEX}/search", json.dumps(request).encode())))
    return {hit["id"] for hit in answer["hits"]}


def _searches(client: Client, queries: Iterable[str], n: int) -> list[float]:
    """Seconds of so many searches by all retrievers."""
    taken = []
    for query in islice(queries, n):
        before = time.perf_counter()
        _search(client, query)
        taken.append(time.perf_counter() - before)
    return taken


def _write(client: Client, text: str) -> tuple[str, str]:
    """The key of a new document with a text, and a word that it alone has."""
    number = next(_numbers)
    doc_id, word = f"written-{number}", f"zq{number}x"
    document = {"id": doc_id, "title": word, "text": text}
    client.send("POST", f"{_INDEX}/documents", json.dumps([document]).encode(), 202)
    return doc_id, word


def _seconds_until_found(client: Client, text: str, retriever: str) -> float:
    """From the answer to a write to that of the first search that finds it."""
    doc_id, word = _write(client, text)
    before = time.perf_counter()
    query = word if retriever == "bm25" else text
    while doc_id not in _search(client, query, retriever, limit=1_000):
        if time.perf_counter() - before > _PATIENCE:
            raise RuntimeError(f"{doc_id} is not found by {retriever}: {text}")
    return time.perf_counter() - before


@contextmanager
def _writing(service: Service, texts: Iterator[str]) -> Iterator[None]:
    """Inside, documents are written one by one beside."""
    ended = threading.Event()

    def write() -> None:
        with service.another_client() as client:
            for text in texts:
                if ended.wait(_PAUSE):
                    return
                _write(client, text)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def _bulk(client: Client, n: int) -> None:
    """Streams documents in; prints how many a second are stored, and are found."""
    lines = (
        json.dumps({"id": f"bulk-{i}", "title": f"number {i}", "text": f"the heat of {i % 977} and {i % 31}"})
        for i in range(n)
    )
    body = "\n".join([*lines, json.dumps({"id": "bulk-last", "text": "zqlast"})]).encode()
    started = time.perf_counter()
    client.send("POST", f"{_INDEX}/documents", body, 202, "application/x-ndjson")
    stored = time.perf_counter() - started
    while not _search(client, "zqlast", "bm25"):
        time.sleep(_PAUSE)  # so that the searches do not keep the service from it
    found = time.perf_counter() - started
    typer.echo(f"bulk of {n:,}: {n / stored:,.0f} stored a second, {n / found:,.0f} found a second")


def _fold(client: Client) -> str | None:
    """The task in which the service builds anew of its own accord; None where it has not begun one."""
    tasks = json.loads(client.ask(("/v1/tasks?status=processing", None)))["tasks"]
    return tasks[0]["id"] if tasks else None


def _until_ended(client: Client, queries: Iterator[str], task: str) -> list[float]:
    """Seconds of the searches until a task has ended."""
    taken: list[float] = []
    while json.loads(client.ask((f"/v1/tasks/{task}", None)))["status"] in ("enqueued", "processing"):
        taken += _searches(client, queries, 20)
    return taken


if __name__ == "__main__":
    main()
