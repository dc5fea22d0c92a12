"""A corpus with a field to filter by, an index of it, and queries out of its texts."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

BUCKETS = 1_000
"""Each document is in one of so many, evenly and by chance: `bucket < 10` selects one in a hundred."""
SEED = 11


def documents(corpus: Path) -> list[dict[str, Any]]:
    """The documents of a BEIR folder, each with a `bucket`."""
    [source] = sorted(corpus.glob("corpus.jsonl*"))[:1]
    content = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    chance = random.Random(SEED)
    return [{**json.loads(line), "bucket": chance.randrange(BUCKETS)} for line in content.splitlines()]


def build(found: list[dict[str, Any]], work: Path, index: str) -> Path:
    """The data folder of an index of the documents, with word vectors; one that is there is kept."""
    data = work / "data"
    if (data / "indexes" / index / "CURRENT").exists():
        return data
    work.mkdir(parents=True, exist_ok=True)
    source = work / "corpus.jsonl"
    source.write_text("".join(json.dumps(each) + "\n" for each in found))
    command = str(Path(sys.executable).with_name("textprism"))
    for arguments in (["import", index, str(source)], ["reindex", index]):
        subprocess.run([command, *arguments, "--data-dir", str(data)], check=True)
    return data


def queries(found: list[dict[str, Any]], n: int) -> list[str]:
    """Two to four words that stand side by side in a document, each time of another one."""
    chance = random.Random(SEED + 1)
    made: list[str] = []
    while len(made) < n:
        words = str(chance.choice(found).get("text", "")).split()
        length = chance.randint(2, 4)
        if len(words) >= length:
            start = chance.randrange(len(words) - length + 1)
            made.append(" ".join(words[start : start + length]))
    return made
