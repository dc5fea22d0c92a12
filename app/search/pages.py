"""The lists behind cursors: a later page is cut from the list of the first one, whatever changed since."""

import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error, crc32
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from struct import Struct
from time import monotonic

from app.search.listing import Listing
from indexer.errors import GoneError, InputError

MOST_BYTES = 64 << 20
MOST_SECONDS = 600.0
_CURSOR = Struct(">16sII")  # key of the list, offset, checksum of both


@dataclass(frozen=True, slots=True)
class _Kept:
    listing: Listing
    until: float


class Pages:
    """Lists by the cursors that were given out, the latest asked for of them; safe for any number of threads.

    They are bounded in bytes and in time, and gone when the service ends: then the answer is a GoneError."""

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        most_seconds: float = MOST_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._n_bytes = 0
        self._changing = threading.Lock()

    def cursor(self, listing: Listing, offset: int) -> str | None:
        """What asks for the hits of a list from an offset on, the same for the same list.

        None for a list that is larger than all room."""
        if listing.n_bytes > self._most_bytes:
            return None
        asked = listing.request.model_dump_json(exclude={"offset", "cursor", "profile"})
        # With the hits: `rerank` and `like` read stored texts, so the same request may list others later.
        hits = listing.fused.ordinals.tobytes() + listing.fused.scores.tobytes()
        key = sha256(f"{listing.fingerprint} {listing.index} {asked}".encode() + hits).digest()[:16]
        with self._changing:
            self._drop(key)
            self._kept[key] = _Kept(replace(listing, ranker=None), self._clock() + self._most_seconds)
            self._n_bytes += listing.n_bytes
            while self._n_bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))
        return _written(key, offset)

    def find(self, cursor: str, index: str) -> tuple[Listing, int]:
        """The list of a cursor, and the offset of its page.

        Raises: InputError where it is no cursor, or one of another index; GoneError where its list is no
        longer kept."""
        key, offset = _read(cursor)
        with self._changing:
            kept = self._kept.get(key)
            if kept is not None and kept.until < self._clock():
                self._drop(key)
                kept = None
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is None:
            raise GoneError(
                "The list of this cursor is no longer kept: search again from the first page.",
                pointer="/cursor",
            )
        if kept.listing.index != index:
            raise InputError(
                f"This cursor is one of the index `{kept.listing.index}`, not of `{index}`.",
                pointer="/cursor",
                code="invalid_cursor",
            )
        return kept.listing, offset

    def _drop(self, key: bytes) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._n_bytes -= kept.listing.n_bytes


def _written(key: bytes, offset: int) -> str:
    unchecked = _CURSOR.pack(key, offset, 0)[:-4]
    return urlsafe_b64encode(unchecked + crc32(unchecked).to_bytes(4, "big")).decode()


def _read(cursor: str) -> tuple[bytes, int]:
    """Raises: InputError where it was not written by `_written`, or not wholly."""
    try:
        content = urlsafe_b64decode(cursor)
    except (Error, ValueError):
        content = b""
    if len(content) == _CURSOR.size:
        key, offset, check = _CURSOR.unpack(content)
        if crc32(content[:-4]) == check and _written(key, offset) == cursor:
            return key, offset
    raise InputError(
        "This is no cursor: give one back as it was given in the answer before.",
        pointer="/cursor",
        code="invalid_cursor",
    )
