"""What a search may ask for, with its bounds; shared by HTTP and the command line."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from app.search.fusion import FusionSettings
from indexer.errors import InputError
from indexer.lexical import Combine
from indexer.weighting import WeightingParameters

MOST_HITS = 1_000
MOST_RETRIEVERS = 16
DEFAULT_DEPTH = 200
MOST_QUERY_BYTES = 16_384
MOST_QUERY_TERMS = 1_024


def _storable(text: str) -> str:
    """Refuses lone surrogates: they are no characters and cannot be sent back."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"is not Unicode text: a lone surrogate at position {error.start}") from None
    return text


Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_storable)]
Explain = Literal["none", "parts", "full"]


class RetrieverSpec(WeightingParameters):
    """One retriever of a request. A built-in name alone is enough; whatever is given overrides it."""

    name: Name | None = Field(None, description="What its parts are called; the type where not given.")
    type: Literal["bow", "tfidf", "bm25", "lm", "dense"] | None = Field(
        None, description="Taken from the built-in of that name where not given."
    )
    variant: Name | None = Field(None, description="Of the weighting, for example `lucene` or `bm25+`.")
    view: Name | Annotated[list[Name], Field(min_length=1)] | None = Field(
        None, description="The views that are searched: words, characters, bigrams …"
    )
    fields: list[Name] | None = Field(
        None, min_length=1, max_length=100, description="Text fields, each with a boost: `title^2`."
    )
    combine: Combine = Field(
        "bm25f", description="`bm25f`: the fields are read as one text; `sum`: each is scored by itself."
    )
    encoder: Name | None = Field(None, description="Of a dense retriever; its name where not given.")
    depth: int | None = Field(None, ge=1, le=MOST_HITS, description="Hits taken from it before fusion.")


NameOrSpec = Annotated[
    Annotated[Name, Tag("a name")] | Annotated[RetrieverSpec, Tag("a retriever")],
    Discriminator(lambda given: "a name" if isinstance(given, str) else "a retriever"),
]


class SearchRequest(BaseModel):
    """One search."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"q": "机器学习 recall", "limit": 5, "retrievers": ["bm25", "word2vec"], "fusion": "rrf"},
                {"q": 'title:"机器学习"^2 +recall -广告 retriev*', "strict": True},
            ]
        },
    )
    q: Text = Field(
        "",
        description="The query; empty: all documents, by id. Plain words, or operators: "
        '`"…"`, `+`, `-`, `AND`, `OR`, `NOT`, `( )`, `field:`, `*`, `~`, `^`.',
    )
    strict: bool = Field(False, description="Refuse a broken query, instead of reading it as plain words.")
    limit: int = Field(10, ge=0, le=MOST_HITS)
    offset: int = Field(0, ge=0, le=MOST_HITS)
    fields: list[Name] | None = Field(None, description="Fields of the documents in the answer; all if null.")
    retrievers: list[NameOrSpec] | None = Field(
        None,
        min_length=1,
        max_length=MOST_RETRIEVERS,
        description="By name or in full; where not given, `bm25` and every encoder of the index.",
    )
    fusion: FusionSettings | None = Field(
        None, description="Where not given: several lists `linear`, word vectors at weight 0.3."
    )
    explain: Explain = Field("parts", description="`parts`: what each retriever adds; `full`: and each term.")

    @property
    def default_depth(self) -> int:
        """Hits taken from a retriever that names no depth: enough for the page, and alike for early pages."""
        return DEFAULT_DEPTH if self.offset + self.limit <= DEFAULT_DEPTH else MOST_HITS


def search_request(**given: object) -> SearchRequest:
    """The request of plain values, None where nothing was said. Raises: InputError with what is wrong."""
    try:
        return SearchRequest.model_validate({name: each for name, each in given.items() if each is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = pointer_to(first["type"], first["loc"], given)
        raise InputError(f"`{where[1:]}`: {first['msg']}.", pointer=where, code="invalid_request") from None


def pointer_to(kind: str, location: Sequence[str | int], given: Any) -> str:
    """A JSON Pointer (RFC 6901) to the part of a value that pydantic found wrong.

    What pydantic says of unions, which branch it was in, is left out: it leads nowhere in the value."""
    steps: list[str | int] = []
    for step in location:
        try:
            given = given[step]
        except (LookupError, TypeError):
            continue
        steps.append(step)
    if kind == "missing":
        steps.extend(location[-1:])
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
