"""How fast documents are stored over HTTP: many in one body, and one by one by several clients.

`python -m benchmarks.writes` serves an empty folder and writes to it."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer

from benchmarks.service import Client, Service

_COMMAND = str(Path(sys.executable).with_name("textprism"))
_DOCUMENTS = "/v1/indexes/written/documents"
_NDJSON = "application/x-ndjson"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bulk", type=int, default=100_000, help="short documents in one body")
    parser.add_argument("--writes", type=int, default=1_000, help="documents that are written one by one")
    parser.add_argument("--clients", type=int, default=16, help="that write at once")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        subprocess.run([_COMMAND, "migrate", "--data-dir", str(data)], check=True, stdout=sys.stderr)
        command = [_COMMAND, "serve", "--data-dir", str(data), "--port"]
        with Service(command, Path(folder) / "service.log") as service:
            idle = service.memory()
            for what in ("new", "the same again"):
                _tell(f"one body, {what}", given.bulk, _bulk(service.client, given.bulk))
            typer.echo(f"memory: {(service.memory() - idle) / 2**20:,.0f} MiB more than idle")
            for clients in (1, given.clients):
                _tell(
                    f"one by one, {clients} at once", given.writes, _singles(service, given.writes, clients)
                )


def _tell(what: str, n: int, seconds: float) -> None:
    typer.echo(f"{what}: {n:,} documents in {seconds:.2f} s, {n / seconds:,.0f} a second")


def _document(number: int) -> dict[str, object]:
    return {"title": f"number {number}", "text": f"the heat of {number % 977} and {number % 31}", "n": number}


def _bulk(client: Client, n: int) -> float:
    """Seconds until the answer to all of them in one body."""
    body = "\n".join(json.dumps({"id": f"bulk-{i}", **_document(i)}) for i in range(n)).encode()
    started = time.perf_counter()
    client.send("POST", _DOCUMENTS, body, 202, _NDJSON)
    return time.perf_counter() - started


def _singles(service: Service, n: int, clients: int) -> float:
    """Seconds that so many clients need to write so many documents, each its part of them."""

    def write(part: int) -> None:
        with service.another_client() as client:
            for number in range(part, n, clients):
                path = f"{_DOCUMENTS}/single-{clients}-{number}"
                client.send("PUT", path, json.dumps(_document(number)).encode(), 201)

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(write, range(clients)))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
