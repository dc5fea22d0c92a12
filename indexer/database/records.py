"""What the catalogue hands out: rows as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from indexer.database.bodies import Body, decode
from indexer.errors import CorruptError
from indexer.types import Document, IndexSettings

TaskStatus = Literal["enqueued", "processing", "succeeded", "failed", "canceled"]


Outcome = Literal["created", "updated", "unchanged", "deleted"]


def utc_now(later: timedelta = timedelta()) -> str:
    """The time now, or so much later, as ISO 8601 in UTC."""
    return (datetime.now(UTC) + later).isoformat(timespec="milliseconds")


def entity_tag(seq: int, content_hash: str) -> str:
    """The strong ETag of a document, with its quotes: another one as soon as the document is another."""
    return f'"{seq}-{content_hash[:16]}"'


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """An index: its settings, and the last `seq` given to a change of its documents."""

    name: str
    settings: IndexSettings
    seq: int
    created_at: str


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """A generation that was published, and the last change of the documents that is in it."""

    name: str
    through_seq: int
    created_at: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """One version of the ranking settings that an index keeps under a name."""

    name: str
    version: int
    settings: Mapping[str, Any]
    created_at: str
    active: bool

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far a task is; `total` is None where it is not known. `per_second`: of what is counted, in this
    phase; `eta_seconds`: until the phase ends at that rate; `loss`: of a training, now."""

    phase: str
    done: int
    total: int | None
    per_second: float | None = None
    loss: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A long piece of work: who asked for what, how far it is, how it ended.

    `index`: None where it is about all · `request`: what was asked for, None where it cannot be asked for
    again · `attempts`: how often it was begun, which is more than once where a process ended under it ·
    `searched`: whether the documents that it wrote are searched, `encoded`: whether by every encoder too,
    both None where it wrote none or nobody serves them."""

    id: str
    type: str
    index: str | None
    status: TaskStatus
    created_at: str
    started_at: str | None
    finished_at: str | None
    progress: TaskProgress | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    request: Mapping[str, Any] | None = None
    attempts: int = 0
    searched: bool | None = None
    encoded: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source: where a document of an import was written."""

    source: str
    line: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it is stored, and which version of it that is: the `seq` of its last change."""

    doc_id: str
    body: Body
    seq: int

    @property
    def document(self) -> Document:
        """What it says. Raises: CorruptError where it is not as it was stored."""
        return decode(self.doc_id, self.body)

    @property
    def etag(self) -> str:
        """Its strong ETag."""
        return entity_tag(self.seq, self.body.content_hash)

    def is_same(self, body: Body) -> bool:
        """Whether it says the same; what is damaged says nothing."""
        try:
            return self.body.content_hash == body.content_hash and bool(self.document)
        except CorruptError:
            return False


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """What a write of one document did; `etag` is None where the document is gone now."""

    id: str
    outcome: Outcome
    seq: int
    etag: str | None


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """What an import changed."""

    added: int
    updated: int
    unchanged: int
    index_created: bool
