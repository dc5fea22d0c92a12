"""What a search may ask for, with its bounds; shared by HTTP and the command line."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from app.search.ranking import DEFAULT_DEPTH, MOST_HITS, Filter, Name, RankingSettings, RetrieverSpec, Text
from indexer.errors import InputError

MOST_QUERY_BYTES = 16_384
MOST_QUERY_TERMS = 1_024
MOST_FACETS = 20
MOST_SORTS = 8
PROFILE_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"

Explain = Literal["none", "parts", "full"]
Over = Literal["candidates", "matches"]
ProfileRef = Annotated[str, Field(pattern=rf"^{PROFILE_NAME}(@(0|[1-9][0-9]{{0,8}}))?$")]


class SearchRequest(RankingSettings):
    """One search."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"q": "机器学习 recall", "limit": 5, "retrievers": ["bm25", "word2vec"], "fusion": "rrf"},
                {"q": "river bank", "filter": "lang = en AND year >= 2020", "facets": ["category"]},
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
    like: Text | None = Field(
        None,
        min_length=1,
        max_length=2_000,
        description="Instead of `q`: the id of a document; finds its like.",
    )
    filter: Filter = Field(
        None, description='Which documents may be found: `lang = zh AND year >= 2020`, or `{"must": […]}`.'
    )
    profile: ProfileRef | None = Field(
        None, description="Ranking settings of the index by name, `news` or `news@3`; `default` if null."
    )
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="From an answer: the next page of the same list. It stands for all but `limit`."
    )
    limit: int = Field(10, ge=0, le=MOST_HITS)
    offset: int = Field(0, ge=0, le=MOST_HITS)
    sort: list[Name] = Field(
        default_factory=list,
        max_length=MOST_SORTS,
        description="Metadata fields that come before the score: `year:desc`, `title`.",
    )
    facets: list[Name] = Field(
        default_factory=list, max_length=MOST_FACETS, description="Metadata fields whose values are counted."
    )
    facet_limit: int = Field(20, ge=1, le=1_000, description="Values that are listed of each of them.")
    over: Over = Field(
        "candidates",
        description="What is counted, faceted and sorted: `candidates` of the retrievers, or all `matches`.",
    )
    suggest: bool = Field(
        True,
        description="Suggest another query, where a word of this one is in no document and is near to one.",
    )
    fields: list[Name] | None = Field(None, description="Fields of the documents in the answer; all if null.")
    highlight: list[Name] = Field(
        default_factory=list,
        max_length=100,
        description="Text fields of which the piece is shown that answers the query.",
    )
    explain: Explain = Field("parts", description="`parts`: what each retriever adds; `full`: and each term.")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if self.like is not None and self.q.strip():
            raise ValueError("`q` and `like` exclude each other: leave one out")
        return self

    @property
    def default_depth(self) -> int:
        """Hits taken from a retriever that names no depth; the same for every page of a limit."""
        return self.depth or max(DEFAULT_DEPTH, self.limit)


def check_bounds(request: SearchRequest, most_hits: int, most_query_bytes: int) -> None:
    """Raises: InputError where a search asks for more than a service allows."""
    check_query(request.q, most=most_query_bytes)
    asked = {"/limit": request.limit, "/offset": request.offset, "/depth": request.depth}
    for number, each in enumerate(request.retrievers or ()):
        if isinstance(each, RetrieverSpec):
            asked[f"/retrievers/{number}/depth"] = each.depth
    for pointer, n in asked.items():
        if n is not None and n > most_hits:
            raise InputError(
                f"At most {most_hits:,} hits are given here, found {n:,}: ask for fewer.",
                pointer=pointer,
                code="too_many_hits",
            )


def check_no_cursor(request: SearchRequest) -> None:
    """Raises: InputError where a cursor is given to what looks at a search and not at a page of it."""
    if request.cursor is not None:
        raise InputError(
            "What is asked for is of a whole search, not of a page: leave `cursor` out, and say the search.",
            pointer="/cursor",
            code="cursor_with_more",
        )


def check_query(text: str, pointer: str = "/q", most: int = MOST_QUERY_BYTES) -> None:
    """Raises: InputError where a query is too long."""
    size = len(text.encode())
    if size > most:
        raise InputError(
            f"A query may have {most:,} bytes, this one has {size:,}: shorten it.",
            pointer=pointer,
            code="query_too_long",
        )


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
