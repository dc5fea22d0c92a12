"""`python -m benchmarks.explaining --corpus FOLDER`: what explanations cost.

Through HTTP, one client, over a BEIR folder whose metadata has `category`: the same searches with `none`,
`parts` and `full`; why a document is not among the first hits, for hits further down, for documents that a
filter rules out and for any; what the hits depend on."""

import json
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.hybrid import corpus, ours
from benchmarks.service import Request, Timing, measure

_WORK = Path(tempfile.gettempdir()) / "textprism-bench-hybrid"
_SEED = 7
_INDEX = "/v1/indexes/hybrid"
_LIMIT = 10
_DEEP = 200


def main(
    folder: Annotated[Path, typer.Option("--corpus", help="A BEIR folder whose metadata has `category`.")],
    queries: Annotated[int, typer.Option(min=1, help="How many queries.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 5,
    work: Annotated[Path, typer.Option(help="Where indexes are kept; one that is there is used.")] = _WORK,
) -> None:
    """Nothing; prints tables."""
    records = corpus.copy(folder, work / "beir")
    drawn = corpus.draw(records, queries)
    if not (work / "data" / "indexes").is_dir():
        ours.build(work / "beir", work / "data")
    load = os.getloadavg()[0]
    with ours.serve(work / "data", work / "serve.log") as service:
        found = [
            [
                hit["id"]
                for hit in json.loads(service.client.ask(_request("search", q=each.text, limit=_DEEP)))[
                    "hits"
                ]
            ]
            for each in drawn
        ]
        kinds = {name: (service, requests) for name, requests in _kinds(drawn, found, records).items()}
        typer.echo(
            f"{len(records):,} documents, {queries} queries, {rounds} rounds; load before: {load:.2f}\n"
        )
        typer.echo(_table(measure(kinds, rounds)))


def _kinds(
    drawn: Sequence[corpus.Query], found: Sequence[Sequence[str]], records: Sequence[corpus.Record]
) -> dict[str, list[Request]]:
    draw = Random(_SEED)
    searches = {
        f"search, explain {detail}": [
            _request("search", q=each.text, limit=_LIMIT, explain=detail) for each in drawn
        ]
        for detail in ("none", "parts", "full")
    }
    lower = [
        _request("explain", id=draw.choice(ids[_LIMIT:]), q=each.text)
        for each, ids in zip(drawn, found, strict=True)
        if len(ids) > _LIMIT
    ]
    ruled_out = [
        _request("explain", id=draw.choice(ids), q=each.text, filter=f'category != "{each.category}"')
        for each, ids in zip(drawn, found, strict=True)
        if ids
    ]
    any_ = [_request("explain", id=draw.choice(records)["_id"], q=each.text) for each in drawn]
    return {
        **searches,
        "why not, a hit further down": lower,
        "why not, with a filter": ruled_out,
        "why not, any document": any_,
        "counterfactuals": [_request("counterfactuals", q=each.text, limit=_LIMIT) for each in drawn],
    }


def _ids(answer: bytes) -> list[str]:
    return [hit["id"] for hit in json.loads(answer)["hits"]]


def _request(what: str, **body: Any) -> Request:
    return f"{_INDEX}/{what}", json.dumps(body).encode()


def _table(timings: Mapping[str, Timing]) -> str:
    """Milliseconds, one kind of request a line; those of a search also over the first."""
    lines = [f"{'request':30}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'p50 ÷':>8}{'p95 ÷':>8}"]
    base = next(iter(timings.values()))
    for name, timing in timings.items():
        p50, p95, p99 = np.percentile(timing.wall, [50, 95, 99]) * 1e3
        line = f"{name:30}{p50:9.2f}{p95:9.2f}{p99:9.2f}{timing.cpu / len(timing.wall) * 1e3:9.2f}"
        if name.startswith("search"):
            first = np.percentile(base.wall, [50, 95]) * 1e3
            line += f"{p50 / first[0]:8.2f}{p95 / first[1]:8.2f}"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end on request leaves no server behind
    typer.run(main)
