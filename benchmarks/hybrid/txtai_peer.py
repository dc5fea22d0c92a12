"""txtai over the same documents and the same word vectors, served by its own API."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.serving import Service, free_port, serving
from indexer.generation import IndexFolder

_TRANSFORM = '''
"""The vector of a text: the mean of those of its words, as TextPrism trained them."""
import re
from pathlib import Path
import numpy as np
_FOLDER = Path(__file__).parent
_WORDS = {word: row for row, word in enumerate((_FOLDER / "words.txt").read_text().splitlines())}
_VECTORS = np.load(_FOLDER / "vectors.npy")
def transform(texts):
    made = np.zeros((len(texts), _VECTORS.shape[1]), np.float32)
    for place, text in enumerate(texts):
        rows = [_WORDS[word] for word in re.findall(r"[a-z0-9]+", text.lower()) if word in _WORDS]
        if rows:
            made[place] = _VECTORS[rows].mean(axis=0)
    return made
'''
_BUILD = """
import json, sys
from txtai import Embeddings
embeddings = Embeddings(method="external", transform="bench_transform.transform", hybrid=True, content=True)
embeddings.index(json.loads(line) for line in open(sys.argv[1]))
embeddings.save(sys.argv[2])
"""
_CONFIG = """path: {path}
embeddings:
  method: external
  transform: bench_transform.transform
  hybrid: true
  content: true
"""


class TxtaiPeer:
    """A txtai service with a keyword index and word vectors, which it fuses, and SQL to filter by."""

    def __init__(
        self, python: str, documents: list[dict[str, Any]], data: Path, index: str, work: Path
    ) -> None:
        self._python = python
        self._folder = work / "txtai"
        if not (self._folder / "index").exists():
            self._build(documents, data, index)

    @staticmethod
    def address(text: str, condition: str) -> str:
        """What is asked for the ten best of a text."""
        words = text.replace("'", " ")
        sql = f"select id, text, score from txtai where similar('{words}'){condition} limit 10"
        return f"/search?{urlencode({'query': sql, 'limit': 10})}"

    @contextmanager
    def serving(self) -> Iterator[Service]:
        """The running service."""
        config = self._folder / "config.yml"
        config.write_text(_CONFIG.format(path=self._folder / "index"))
        port = free_port()
        command = [
            self._python,
            "-m",
            "uvicorn",
            "txtai.api:app",
            "--port",
            str(port),
            "--log-level",
            "error",
        ]
        with serving(command, self._environment(CONFIG=str(config)), port, "/count") as service:
            yield service

    def _build(self, documents: list[dict[str, Any]], data: Path, index: str) -> None:
        """Writes the word vectors and the documents, and has txtai index them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        generation, _ = IndexFolder(data, index).open()
        model = data / "indexes" / index / generation.name / "models" / "word2vec"
        (self._folder / "vectors.npy").write_bytes((model / "vectors.npy").read_bytes())
        (self._folder / "words.txt").write_bytes((model / "vocabulary.txt").read_bytes())
        (self._folder / "bench_transform.py").write_text(_TRANSFORM)
        source = self._folder / "documents.jsonl"
        with source.open("w") as file:
            for each in documents:
                text = f"{each.get('title', '')} {each.get('text', '')}"
                row = {"id": str(each.get("_id", each.get("id"))), "text": text, "bucket": each["bucket"]}
                file.write(json.dumps(row) + "\n")
        command = [self._python, "-c", _BUILD, str(source), str(self._folder / "index")]
        subprocess.run(command, check=True, env=self._environment())

    def _environment(self, **more: str) -> dict[str, str]:
        return {"PYTHONPATH": str(self._folder), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin", **more}
