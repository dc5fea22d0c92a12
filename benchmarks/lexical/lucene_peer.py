"""Lucene: Java in a process beside the worker, which ends when the worker does; one merged segment."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from benchmarks.lexical.base import Hits, Round, UnavailableError

_SOURCE = Path(__file__).parent / "lucene" / "LexicalBench.java"
_CARRIER = "pyserini==1.6.0"  # a Python package that holds Lucene's jars
_JAVA = ("java", "-Xms1g", "-Xmx4g", "-XX:+UseSerialGC")  # the collector that takes the least CPU time
_NANO = 1e-9


class Engine:
    """Whitespace tokens with frequencies, without positions. Units: CPU time is the searching thread's."""

    def __init__(self, tools: Path) -> None:
        """Jars are looked for in `tools`/lucene and fetched into it if there are none."""
        class_path = _compiled(tools / "lucene")
        self._process = subprocess.Popen(
            [*_JAVA, "-cp", class_path, "LexicalBench"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="ascii",
        )

    def version(self) -> str:
        """Versions of Lucene and Java."""
        return self._ask("version")

    def pids(self) -> list[int]:
        """The Java process."""
        return [self._process.pid]

    def build(self, documents: Path, folder: Path) -> None:
        """Nothing; the folder holds the index."""
        self._ask("build", str(documents), str(folder))

    def open(self, folder: Path) -> None:
        """Nothing; the index is open."""
        self._ask("open", str(folder))

    def search(self, terms: Sequence[str], k: int) -> Hits:
        """The k best documents."""
        hits = (hit.split(":") for hit in self._ask("search", str(k), " ".join(terms)).split())
        return [(int(document), float(score)) for document, score in hits]

    def round(self, queries: Sequence[Sequence[str]], k: int) -> Round:
        """How long each query took, measured in Java."""
        lines = "\n".join(" ".join(terms) for terms in queries)
        cpu, *wall = self._ask("round", str(k), f"{len(queries)}\n{lines}").split()
        return Round([int(each) * _NANO for each in wall], int(cpu) * _NANO)

    def _ask(self, *command: str) -> str:
        asked = _pipe(self._process.stdin)
        asked.write("\t".join(command) + "\n")
        asked.flush()
        answer = _pipe(self._process.stdout).readline()
        if not answer:
            raise RuntimeError(f"Java ended while asked to {command[0]}; it says why on its standard error")
        return answer.rstrip("\n")


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None, "made with the process"
    return pipe


def _compiled(folder: Path) -> str:
    """The class path of the program, compiled anew where its source is newer."""
    if shutil.which("java") is None or shutil.which("javac") is None:
        raise UnavailableError("java and javac are not installed")
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.jar")):
        _fetch_jars(folder)
    class_path = f"{folder}:{folder}/*"
    made = folder / f"{_SOURCE.stem}.class"
    if not made.exists() or made.stat().st_mtime < _SOURCE.stat().st_mtime:
        command = ["javac", "-nowarn", "-cp", class_path, "-d", str(folder), str(_SOURCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnavailableError(f"{_SOURCE.name} does not compile against {folder}:\n{done.stderr}")
    return class_path


def _fetch_jars(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        _CARRIER,
    ]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise UnavailableError(f"there are no jars of Lucene 9 in {folder}, and pip cannot fetch {_CARRIER}")
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as members:
        for member in members:
            if member.name.endswith(".jar"):
                member.name = Path(member.name).name
                members.extract(member, folder, filter="data")
    archive.unlink()
