"""How an index ranks: what a request may say, and what a profile keeps under a name."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from app.search.fusion import FusionSettings
from indexer.lexical import Combine
from indexer.weighting import WeightingParameters

MOST_HITS = 1_000
MOST_RETRIEVERS = 16
DEFAULT_DEPTH = 200
MOST_WINDOW = 200


def _storable(text: str) -> str:
    """Refuses lone surrogates: they are no characters and cannot be sent back."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"is not Unicode text: a lone surrogate at position {error.start}") from None
    return text


Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_storable)]


def _text_or_json(given: Any) -> Any:
    """Refuses what no filter is written in, in one message where a union would give one for each branch."""
    if not (given is None or isinstance(given, str | list | dict)):
        raise ValueError("is no filter: a text, a list or an object was expected")
    return given


Filter = Annotated[Text | list[Any] | dict[str, Any] | None, BeforeValidator(_text_or_json)]


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
    filter: Filter = Field(None, description="Which documents it may find, beside the filter of the search.")


NameOrSpec = Annotated[
    Annotated[Name, Tag("a name")] | Annotated[RetrieverSpec, Tag("a retriever")],
    Discriminator(lambda given: "a name" if isinstance(given, str) else "a retriever"),
]


class RerankSettings(BaseModel):
    """A second, closer look at the best hits; the others are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    by: Name = Field(
        description="`proximity`: how near the words of the query stand; `passage`: the best sentence; "
        "`cross_encoder`: a kept model that reads query and document together."
    )
    model: Name | None = Field(
        None, description="Of `cross_encoder`: a kept reranker; the first that there is if null."
    )
    encoder: Name | None = Field(None, description="Of `passage`; the index's first if null.")
    window: int = Field(50, ge=1, le=MOST_WINDOW, description="The hits that are looked at.")
    weight: float = Field(
        0.5, gt=0, le=1, description="Its share in the new score; 1: the former score counts no more."
    )


class DiversitySettings(BaseModel):
    """Maximal marginal relevance: a hit that is like those above it counts less."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    encoder: Name | None = Field(
        None, description="Whose cosine says how alike two documents are; the index's first if null."
    )
    relevance: float = Field(
        0.7, gt=0, le=1, description="λ: 1 looks at relevance alone, towards 0 at difference alone."
    )


class GroupSettings(BaseModel):
    """At most so many hits for each value of a field; a document without a value stands for itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    field: Name = Field(description="A metadata field; of several values the smallest counts.")
    size: int = Field(1, ge=1, le=100, description="Hits kept of each value.")


class ExpansionSettings(BaseModel):
    """Neighbours of the query's words, looked for beside them by the lexical retrievers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    encoder: Name | None = Field(
        None, description="Whose word vectors say what is near; the first that has learned words if null."
    )
    terms: int = Field(3, ge=1, le=10, description="Neighbours of each word.")
    weight: float = Field(
        0.3, gt=0, le=1, description="What a neighbour counts beside the word, times its cosine with it."
    )
    least: float = Field(0.6, ge=0, le=1, description="The cosine that a neighbour must have.")


class RankingSettings(BaseModel):
    """Everything that decides the order of hits. What is null is left to the index's profile, then to the
    defaults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "retrievers": [{"name": "bm25", "k1": 0.9, "fields": ["title^2", "text"]}, "word2vec"],
                    "fusion": {"method": "linear", "weights": {"bm25": 1, "word2vec": 0.3}},
                }
            ]
        },
    )
    retrievers: list[NameOrSpec] | None = Field(
        None,
        min_length=1,
        max_length=MOST_RETRIEVERS,
        description="By name or in full; where not given, `bm25` and every encoder of the index.",
    )
    fusion: FusionSettings | None = Field(
        None, description="Where not given: several lists `linear`, word vectors at weight 0.3."
    )
    depth: int | None = Field(
        None,
        ge=1,
        le=MOST_HITS,
        description="Hits taken from each retriever that names no depth; if null 200, or `limit` if larger.",
    )
    expansion: ExpansionSettings | None = Field(
        None, description="Neighbours of the words of `q` count too; the answer shows them. Off if null."
    )
    rerank: RerankSettings | None = Field(None, description="A second look at the best hits.")
    diversity: DiversitySettings | None = Field(None, description="Fewer hits that are alike.")
    group: GroupSettings | None = Field(None, description="Fewer hits of one value of a field.")
