"""A service in a process of its own, and how long it takes to answer one client."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.lexical.processes import cpu_seconds

_PATIENCE = 120.0  # seconds until the first answer
_IDLE = 1.0  # seconds; servers let go of a connection that rests for longer, uvicorn after 5
_WARM_UP = 100  # requests

Request = tuple[str, bytes | None]
"""A path with the body that is posted to it; None: it is got."""


@dataclass(slots=True)
class Timing:
    """What requests took. Units: seconds; `wall` by request, `cpu` of the process for all of them."""

    wall: list[float] = field(default_factory=list)
    cpu: float = 0.0


class Client:
    """One connection to a server on 127.0.0.1 that is kept open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._answered = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Opens the connection. Raises: ConnectionRefusedError."""
        self._connection.connect()

    def close(self) -> None:
        """Closes it."""
        self._connection.close()

    def ask(self, request: Request) -> bytes:
        """The body of the answer. Raises: RuntimeError where its status is not 200."""
        path, body = request
        return self.send("POST" if body else "GET", path, body, 200)

    def send(
        self, method: str, path: str, body: bytes | None, status: int, kind: str = "application/json"
    ) -> bytes:
        """The body of the answer. Raises: RuntimeError where its status is another one."""
        if time.monotonic() - self._answered > _IDLE:
            self._connection.close()  # the next request opens it again
        headers = {"Content-Type": kind} if body else {}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._answered = time.monotonic()
        if answer.status != status:
            raise RuntimeError(f"{path} {body!r}: {answer.status} {content[:500]!r}")
        return content


class Service:
    """A server in a process of its own, on a free port of 127.0.0.1, and one client."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """`command` is given the port as its last argument; it is ready when it accepts a connection."""
        self._port = _free_port()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, str(self._port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )
        self.client = self.another_client()
        self._log = log

    def __enter__(self) -> Self:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.client.connect()
                return self
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__(None, None, None)
                    raise RuntimeError(f"No service came up: {self._log} says why.") from None
                time.sleep(0.1)  # nothing tells when another process begins to listen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()

    def another_client(self) -> Client:
        """A connection beside the first."""
        return Client(self._port)

    def memory(self) -> int:
        """Bytes that the process has in memory, files that it shares with the system's cache left out."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("RssAnon:")]
        return int(line.split()[1]) << 10

    def time(self, requests: Sequence[Request], timing: Timing) -> None:
        """Nothing; adds to `timing` what the requests took."""
        pids = [self._process.pid]
        cpu = cpu_seconds(pids)
        for request in requests:
            before = time.perf_counter()
            self.client.ask(request)
            timing.wall.append(time.perf_counter() - before)
        timing.cpu += cpu_seconds(pids) - cpu


Kinds = Mapping[str, tuple[Service, Sequence[Request]]]
"""Requests by what they are called in the report, each with whom they are put to."""


def measure(kinds: Kinds, rounds: int) -> dict[str, Timing]:
    """What each kind of request took: all kinds after one another, so many times, after a warm-up."""
    timings = {name: Timing() for name in kinds}
    for service, requests in kinds.values():
        service.time(requests[:_WARM_UP], Timing())
    for _ in range(rounds):
        for name, (service, requests) in kinds.items():
            service.time(requests, timings[name])
    return timings


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
