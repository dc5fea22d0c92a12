"""A service in a process of its own, which is killed for real."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

PATIENCE = 60.0
_SERVE = "from app.cli import main; main()"


class Answer(NamedTuple):
    """A status and a body."""

    status: int
    body: Any


class ServiceProcess:
    """`textprism serve` over a data folder."""

    def __init__(self, data_dir: Path, log: Path, environment: Mapping[str, str] | None = None) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-c",
            _SERVE,
            "serve",
            "--data-dir",
            str(data_dir),
            "--port",
            str(self.port),
        ]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, env={**os.environ, **(environment or {})}
            )
        self.started = time.monotonic()

    def __enter__(self) -> Self:
        self.wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def wait_until_ready(self) -> float:
        """Seconds from its start to its first answer. Raises: RuntimeError where it ends before."""
        while time.monotonic() < self.started + PATIENCE:
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with status {self.process.returncode}")
            try:
                if self.ask("GET", "/healthz").status == 200:
                    return time.monotonic() - self.started
            except OSError:
                time.sleep(0.02)  # nothing tells when another process begins to listen
        raise RuntimeError("the service did not answer")

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The answer to a request. Raises: OSError, HTTPException where the service is gone."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            content = None if body is None else json.dumps(body).encode()
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        return Answer(answer.status, json.loads(read) if read else None)

    def kill(self) -> None:
        """Ends it at once, without a word."""
        self.process.kill()
        self.process.wait()


GONE = (OSError, HTTPException)
"""What a client meets whose service was killed."""
