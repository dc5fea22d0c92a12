"""The corpus with a number for filters in it, and queries out of its own words."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BUCKETS = 1_000
_FEWEST, _MOST = 2, 4
_SEED = 7
_WORD = re.compile(r"[a-z]{3,}")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """Some words of a document, and the category of that document."""

    text: str
    category: str


def copy(folder: Path, target: Path) -> list[Record]:
    """The records of a BEIR folder, each with a `bucket` drawn with a seed; they are in `target` too."""
    drawn = np.random.default_rng(_SEED)
    records = []
    target.mkdir(parents=True, exist_ok=True)
    with (target / "corpus.jsonl").open("w", encoding="utf-8") as lines:
        for line in _lines(folder):
            record = json.loads(line)
            record.setdefault("metadata", {})["bucket"] = int(drawn.integers(BUCKETS))
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            records.append(record)
    return records


def text(record: Record) -> str:
    """Title and text."""
    return f"{record.get('title', '')}\n{record['text']}"


def draw(records: list[Record], n: int) -> list[Query]:
    """That many queries of 2 to 4 different words that stand together in a document."""
    drawn = np.random.default_rng(_SEED)
    queries: list[Query] = []
    while len(queries) < n:
        record = records[int(drawn.integers(len(records)))]
        words = sorted(set(_WORD.findall(text(record).lower())))
        size = int(drawn.integers(_FEWEST, _MOST + 1))
        if len(words) >= size:
            chosen = drawn.choice(words, size, replace=False).tolist()
            queries.append(Query(" ".join(chosen), record["metadata"]["category"]))
    return queries


def _lines(folder: Path) -> Iterator[str]:
    packed = folder / "corpus.jsonl.gz"
    if packed.is_file():
        with gzip.open(packed, "rt", encoding="utf-8") as lines:
            yield from lines
    else:
        with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
            yield from lines
