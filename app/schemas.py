"""Bodies of requests and answers that only HTTP knows; those of a search are in app.search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.search.answer import SearchResult
from app.search.ranking import MOST_HITS, MOST_RETRIEVERS, Filter, Name, NameOrSpec, Text
from app.search.request import ProfileRef, SearchRequest
from indexer.build import KeptGeneration, Needed
from indexer.database import TaskRecord
from indexer.encoders import KeptModel
from indexer.errors import BadLine
from indexer.snapshots import Snapshot
from indexer.types import FieldValue, IndexSettings, Part

MOST_TEXT = 1_000_000  # characters
MOST_SEARCHES = 32


class CompareRequest(BaseModel):
    """One query through several retrievers and profiles, side by side."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"q": "猫 喜欢 吃什么", "limit": 5}]}
    )
    q: Text = Field(min_length=1, description="The query.")
    limit: int = Field(10, ge=1, le=MOST_HITS)
    retrievers: list[NameOrSpec] | None = Field(
        None,
        min_length=1,
        max_length=MOST_RETRIEVERS,
        description="All that the index has, where neither these nor `profiles` are given.",
    )
    profiles: list[ProfileRef] = Field(default_factory=list, max_length=MOST_RETRIEVERS)
    filter: Filter = Field(None, description="Which documents may be found.")


class ActivateRequest(BaseModel):
    """Which version of a profile is to be active."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"version": 6}]})
    version: int = Field(ge=1, lt=10**9)


class IndexSearch(SearchRequest):
    """A search that says in which index."""

    index: Name = Field(description="Name of the index.")


class MultiSearchRequest(BaseModel):
    """Several searches, of one index or of several."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"searches": [{"index": "news", "q": "猫"}, {"index": "news", "q": "dogs"}]}]
        },
    )
    searches: list[IndexSearch] = Field(min_length=1, max_length=MOST_SEARCHES)


class DeleteRequest(BaseModel):
    """Which documents are to be deleted."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"filter": "lang = en"}]}
    )
    filter: Filter = Field(None, description="Those that it selects.")
    ids: list[str] | None = Field(None, description="Those with these keys; others are passed over.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.filter is None) == (self.ids is None):
            raise ValueError("either `filter` or `ids` is wanted")
        return self


class ReindexRequest(BaseModel):
    """What a rebuild makes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    encoders: list[Name] | None = Field(None, description="Encoders to build; all of the settings if null.")
    keep_encoders: bool = Field(
        False,
        description="Take the encoders of the published generation in place of making them anew; one that "
        "it lacks is left out.",
    )


class TrainRequest(BaseModel):
    """What is trained: word vectors, a BERT, an RNN, a classifier or an autoencoder."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"encoder": "fasttext", "options": {"dims": 200, "seed": 7}}]},
    )
    encoder: Name = Field(
        description="An encoder of the index, or a type, which the index then gets an encoder of; or "
        "`classifier`, `autoencoder`."
    )
    options: dict[str, int | float | str | bool] = Field(
        default_factory=dict, description="What is said otherwise than in the settings of the encoder."
    )
    model: Name | None = Field(
        None, description="The name that the result is kept under; `INDEX-ENCODER` if null."
    )


class TextRequest(BaseModel):
    """A text that is no document of the index, seen as if it were one."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"text": "機器學習的 Recall 與 ＧＰＴ-4"}]},
    )
    text: Text = Field(max_length=MOST_TEXT, description="The text.")
    field: Name | None = Field(
        None, description="The field whose statistics count; the last text field of the index if null."
    )


class AnalyseRequest(BaseModel):
    """A text to take apart."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"text": "機器學習的 Recall 與 ＧＰＴ-4"}]},
    )
    text: Text = Field(max_length=MOST_TEXT, description="The text.")
    views: list[Name] | None = Field(
        None, min_length=1, max_length=10, description="Views to show; those of the index if null."
    )


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A version of the ranking settings that an index keeps under a name, and which versions there are."""

    name: str
    version: int
    active: bool
    settings: Mapping[str, Any]
    created_at: str
    versions: Sequence[int]


@dataclass(frozen=True, slots=True)
class ProfileList:
    """The active version of every profile of an index."""

    profiles: Sequence[ProfileInfo]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The answers of several searches, in their order."""

    results: Sequence[SearchResult]


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """An index: its settings, its documents, and the generation that is served (null: not built yet).

    `pending`: what a reindex must do so that the settings are those that are served."""

    name: str
    settings: IndexSettings
    documents: int
    seq: int
    created_at: str
    generation: str | None
    encoders: Sequence[str]
    pending: Needed | None


@dataclass(frozen=True, slots=True)
class IndexList:
    """All indexes."""

    indexes: Sequence[IndexInfo]


@dataclass(frozen=True, slots=True)
class GenerationList:
    """The generations of an index that are kept, oldest first."""

    generations: Sequence[KeptGeneration]


@dataclass(frozen=True, slots=True)
class DocumentBody:
    """One document."""

    id: str
    document: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents by id, and how many there are in all; `damaged`: the ids of those between them that cannot be
    read as they were stored."""

    documents: Sequence[DocumentBody]
    total: int
    damaged: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TaskList:
    """Tasks, newest first."""

    tasks: Sequence[TaskRecord]


@dataclass(frozen=True, slots=True)
class SnapshotList:
    """The snapshots in the data folder, oldest first."""

    snapshots: Sequence[Snapshot]


@dataclass(frozen=True, slots=True)
class ModelList:
    """The newest version of each kept model, by name."""

    models: Sequence[KeptModel]


@dataclass(frozen=True, slots=True)
class TaskErrors:
    """Lines that an import could not take."""

    errors: Sequence[BadLine]


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the service runs; what was found damaged, each in a sentence."""

    status: str
    version: str
    faults: Sequence[str] = ()


class Fault(BaseModel):
    """One part of a request that was wrong."""

    pointer: str = Field(
        description="JSON Pointer into the body, `?name` for a parameter, `/LINE` for a line."
    )
    code: str
    detail: str
    id: str | None = Field(None, description="Of the document, where a line names one.")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault]
    request_id: str


def json_bytes(value: object) -> bytes:
    """JSON of dataclasses, pydantic models and plain values; the same value gives the same bytes."""
    return orjson.dumps(value, _plain, orjson.OPT_PASSTHROUGH_DATACLASS)


def _plain(value: object) -> Any:
    """What orjson asks for: objects field by field, parts without what is empty in them."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        every = {each.name: getattr(value, each.name) for each in fields(value)}
        if isinstance(value, Part):
            return {name: each for name, each in every.items() if each not in (None, "", (), [], {})}
        return every
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
