"""Sends the same requests again and again, to a service started anew between, and looks for a difference.

`python -m benchmarks.replays DATA_DIR INDEX QUERIES.jsonl`: exit status 1 where any answer differs."""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

RANKINGS: list[dict[str, Any]] = [
    {},
    {"retrievers": ["bm25"], "explain": "full"},
    {"retrievers": ["bm25", "word2vec"], "fusion": "rrf", "explain": "full"},
    {"retrievers": ["bm25", "tfidf", "lm", "word2vec"], "fusion": "combmnz"},
    {"over": "matches", "limit": 100, "explain": "none"},
    {"rerank": {"by": "proximity"}, "diversity": {}},
]


@contextmanager
def service(data_dir: Path) -> Iterator[HTTPConnection]:
    """A connection to a service of its own process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("textprism")), "serve", "--port", str(port)]
    environment = {**os.environ, "TEXTPRISM_DATA_DIR": str(data_dir)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _ready(port, process)
    finally:
        process.terminate()
        process.wait()


def _ready(port: int, process: subprocess.Popen[bytes]) -> HTTPConnection:
    """The connection, once the service answers; its first start compiles."""
    while process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().read():
                return connection
        except ConnectionError:
            time.sleep(0.1)
    raise SystemExit(f"The service ended with status {process.returncode}.")


def answer(connection: HTTPConnection, index: str, body: dict[str, Any]) -> bytes:
    """A digest of an answer, all of it but the timings."""
    connection.request(
        "POST", f"/v1/indexes/{index}/search", json.dumps(body), {"Content-Type": "application/json"}
    )
    response = connection.getresponse()
    content = json.loads(response.read())
    if response.status != 200:
        raise SystemExit(f"{body}: {content}")
    del content["timings_ms"]
    return sha256(json.dumps(content, sort_keys=True).encode()).digest()


def main() -> None:
    """Runs the replays and prints how many answers differed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replays", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("index")
    parser.add_argument("queries", type=Path)
    parser.add_argument("--replays", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=5)
    given = parser.parse_args()
    texts = [json.loads(line)["text"] for line in given.queries.read_text().splitlines()]
    per_start = -(-given.replays // given.starts)
    bodies = [{"q": texts[i % len(texts)], **RANKINGS[i % len(RANKINGS)]} for i in range(per_start)]
    first: list[bytes] = []
    different = sent = 0
    for _ in range(given.starts):
        with service(given.data_dir) as connection:
            answers = [answer(connection, given.index, body) for body in bodies]
        first = first or answers
        different += sum(one != other for one, other in zip(first, answers, strict=True))
        sent += len(answers)
    print(f"{sent:,} answers over {given.starts} starts, {different:,} differ")  # noqa: T201
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
