"""A process that encodes the texts that come in, until none do: `python -m indexer.build.encoder`."""

import sys
from pathlib import Path
from typing import IO

from indexer.build.frames import read_json, write_vectors
from indexer.encoders import TextEncoder, load_encoder
from indexer.types import Tokens


def work(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Reads the type and the folder of an encoder, then texts after texts, and answers each."""
    type, folder = read_json(incoming)
    encoder = load_encoder(type, Path(folder), _unread)
    assert isinstance(encoder, TextEncoder)
    while True:
        try:
            texts = read_json(incoming)
        except EOFError:
            return
        write_vectors(outgoing, encoder.rows(texts), encoder.dims)


def _unread(text: str) -> Tokens:  # noqa: ARG001
    raise AssertionError("an encoder that reads texts asked for terms")


if __name__ == "__main__":
    work(sys.stdin.buffer, sys.stdout.buffer)
