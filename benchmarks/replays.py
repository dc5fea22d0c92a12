"""Sends the same requests again and again, to a service started anew between, and looks for a difference.

`python -m benchmarks.replays DATA_DIR INDEX QUERIES.jsonl`: exit status 1 where any answer differs."""

import argparse
import json
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.service import Service

RANKINGS: list[dict[str, Any]] = [
    {},
    {"retrievers": ["bm25"], "explain": "full"},
    {"retrievers": ["bm25", "word2vec"], "fusion": "rrf", "explain": "full"},
    {"retrievers": ["bm25", "tfidf", "lm", "word2vec"], "fusion": "combmnz"},
    {"over": "matches", "limit": 100, "explain": "none"},
    {"rerank": {"by": "proximity"}, "diversity": {}},
]


def digest(service: Service, index: str, body: dict[str, Any]) -> bytes:
    """A digest of an answer, all of it but the timings."""
    answer = json.loads(service.client.ask((f"/v1/indexes/{index}/search", json.dumps(body).encode())))
    del answer["timings_ms"]
    return sha256(json.dumps(answer, sort_keys=True).encode()).digest()


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
    command = str(Path(sys.executable).with_name("textprism"))
    log = Path(tempfile.gettempdir()) / "textprism-replays.log"
    first: list[bytes] = []
    different = sent = 0
    for _ in range(given.starts):
        with Service([command, "serve", "--data-dir", str(given.data_dir), "--port"], log) as service:
            answers = [digest(service, given.index, body) for body in bodies]
        first = first or answers
        different += sum(one != other for one, other in zip(first, answers, strict=True))
        sent += len(answers)
    print(f"{sent:,} answers over {given.starts} starts, {different:,} differ")  # noqa: T201  what this command is for
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
