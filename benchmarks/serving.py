"""A service of its own process, and what it costs."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


class Service:
    """A running service, and one connection to it that is kept open."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._connection = HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(self, path: str, body: Any = None) -> Any:
        """The JSON that it answers: to a POST where there is a body, else to a GET."""
        content = None if body is None else json.dumps(body)
        method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": "application/json"})
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise SystemExit(f"{path} {body}: {response.status} {answer[:500]!r}")
        return json.loads(answer)

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far, in its own code and in the system's."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def wait(self, path: str) -> None:
        """Returns once it answers; a first start compiles for up to a minute."""
        while self._process.poll() is None:
            try:
                self.ask(path)
                return
            except ConnectionError:
                self._connection.close()
                time.sleep(0.1)
        raise SystemExit(f"The service ended with status {self._process.returncode}.")


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str], port: int, ready: str) -> Iterator[Service]:
    """The service that a command starts; it is ended behind the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, **environment}, **quiet)  # type: ignore[call-overload]
    try:
        service = Service(process, port)
        service.wait(ready)
        yield service
    finally:
        process.terminate()
        process.wait()


@contextmanager
def textprism(data_dir: Path) -> Iterator[Service]:
    """TextPrism over a data folder."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("textprism")), "serve", "--port", str(port)]
    with serving(command, {"TEXTPRISM_DATA_DIR": str(data_dir)}, port, "/readyz") as service:
        yield service


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
