"""`python -m benchmarks.hybrid`: builds, serves, times, checks, compares."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.hybrid import corpus, ours, txtai_peer
from benchmarks.service import Request, Service, Timing, measure
from indexer.encoders.static import StaticVectors

_WORK = Path(tempfile.gettempdir()) / "textprism-bench-hybrid"
_PEER = "txtai: "


def main(
    folder: Annotated[Path, typer.Option("--corpus", help="A BEIR folder whose metadata has `category`.")],
    queries: Annotated[int, typer.Option(min=1, help="How many queries of each kind.")] = 500,
    rounds: Annotated[int, typer.Option(min=1, help="How often each query is timed.")] = 3,
    txtai: Annotated[Path | None, typer.Option(help="A Python that has txtai[api]; none: left out.")] = None,
    work: Annotated[Path, typer.Option(help="Where indexes are kept; one that is there is used.")] = _WORK,
) -> None:
    """Nothing; prints tables."""
    records = corpus.copy(folder, work / "beir")
    drawn = corpus.draw(records, queries)
    data = work / "data"
    if not (data / "indexes").is_dir():
        ours.build(work / "beir", data)
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        service = stack.enter_context(ours.serve(data, work / "serve.log"))
        kinds: dict[str, tuple[Service, Sequence[Request]]] = {
            kind: (service, requests) for kind, requests in ours.requests(drawn).items()
        }
        if txtai:
            peer = stack.enter_context(_peer(txtai, records, work))
            kinds[f"{_PEER}{ours.PLAIN}"] = (
                peer,
                [(txtai_peer.path(each.text, each.category), None) for each in drawn],
            )
            kinds[f"{_PEER}hybrid"] = peer, [(txtai_peer.path(each.text, None), None) for each in drawn]
        typer.echo(
            f"{len(records):,} documents, {queries} queries, {rounds} rounds; load before: {load:.2f}\n"
        )
        typer.echo(_table(measure(kinds, rounds)))
        if txtai:
            pairs = zip(*(kinds[name][1] for name in (ours.PLAIN, f"{_PEER}{ours.PLAIN}")), strict=True)
            overlaps = [
                len(ours.found(service.client.ask(mine)) & txtai_peer.found(peer.client.ask(theirs)))
                for mine, theirs in pairs
            ]
            typer.echo(
                f"\nof our ten hits, txtai has {np.mean(overlaps):.1f} (median {np.median(overlaps):g})"
            )
        buckets = {record["_id"]: record["metadata"]["bucket"] for record in records}
        typer.echo("\nword2vec by a filter that selects   Recall@10")
        for share, recall in zip(ours.SHARES, ours.recall(service, data, buckets, drawn), strict=True):
            typer.echo(f"{share:>34.1%}   {recall:.4f}")


def _peer(python: Path, records: Sequence[corpus.Record], work: Path) -> Service:
    """txtai's API, over an index that is built where there is none."""
    environment = {
        **txtai_peer.ENVIRONMENT,
        txtai_peer.FOLDER: str(work),
        "CONFIG": str(work / txtai_peer.CONFIG),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    if not (work / txtai_peer.CONFIG).is_file():
        _write_words(records, work)
        command = [str(python), "-m", "benchmarks.hybrid.txtai_peer", str(work / "beir" / "corpus.jsonl")]
        subprocess.run(command, check=True, env={**os.environ, **environment})
    command = [str(python), "-m", "uvicorn", "txtai.api:app", "--no-access-log", "--port"]
    return Service(command, work / "txtai.log", environment)


def _write_words(records: Sequence[corpus.Record], work: Path) -> None:
    """Keeps what our encoder makes of each word of the corpus, before it is scaled to length 1."""
    generation = ours.open_generation(work / "data")
    encoder = generation.dense["word2vec"].encoder
    assert isinstance(encoder, StaticVectors)
    found = sorted({word for record in records for word in txtai_peer.words(corpus.text(record))})
    vectors = encoder.sums([generation.analyzer.analyse(word).terms for word in found])
    known = np.flatnonzero(vectors.any(axis=1))
    generation.close()
    np.save(work / txtai_peer.VECTORS, vectors[known])
    (work / txtai_peer.VOCABULARY).write_text(json.dumps([found[row] for row in known.tolist()]))


def _table(timings: Mapping[str, Timing]) -> str:
    """Milliseconds, one kind of request a line; a peer's also as times ours."""
    lines = [f"{'request':26}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'p50 ÷':>9}{'CPU ÷':>9}"]
    for name, timing in timings.items():
        p50, p95, p99 = np.percentile(timing.wall, [50, 95, 99]) * 1e3
        cpu = timing.cpu / len(timing.wall) * 1e3
        line = f"{name:26}{p50:9.2f}{p95:9.2f}{p99:9.2f}{cpu:9.2f}"
        if name.startswith(_PEER):
            same = timings[name.removeprefix(_PEER)]
            line += f"{p50 / (np.median(same.wall) * 1e3):9.1f}{timing.cpu / same.cpu:9.1f}"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end on request leaves no server behind
    typer.run(main)
