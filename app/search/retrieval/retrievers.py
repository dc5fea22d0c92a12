"""The seam between a query and a Ranking; each retriever can also say why a document is where it is.

Adding a type of retriever: a class, and a line in `make`."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.search.ranking import RetrieverSpec
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.lexical import lexical
from app.search.retrieval.question import Asked
from app.search.retrieval.standing import Standing
from indexer.analysis import NGRAM_VIEWS
from indexer.errors import CorruptError, FeatureMissingError, InputError, UnknownNameError
from indexer.generation import Dense, Generation
from indexer.types import Allowed, Document, Part, Ranking
from indexer.weighting import WEIGHTINGS, WeightingParameters

BUILT_IN: dict[str, dict[str, Any]] = {
    "bow": {"type": "bow"},
    "tfidf": {"type": "tfidf"},
    "bm25": {"type": "bm25"},
    "lm": {"type": "lm"},
    "ngrams": {"type": "bm25", "view": list(NGRAM_VIEWS)},
}
LEXICAL_ONLY = frozenset({"variant", "view", "fields", "combine", *WeightingParameters.model_fields})
DENSE_ONLY = frozenset({"encoder"})


class Retriever(Protocol):
    """Ranks documents for one query."""

    @property
    def name(self) -> str:
        """What its parts are called."""

    @property
    def weight(self) -> float:
        """What its list counts in a fusion that names no weights."""

    @property
    def exact(self) -> bool:
        """Whether its list is that of all documents, none overlooked."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should know of this query, for example that no word of it is known."""

    @property
    def confidence(self) -> float:
        """How much of the query it knows, from 0 to 1: what its list counts in that fusion is multiplied by
        it."""

    def rank(self, depth: int) -> Ranking:
        """The best documents; a document that it knows nothing of is absent."""

    def matching(self) -> Allowed | None:
        """Every document that it would find at some depth; None where that is none of its notions."""

    def standing(self, ordinal: int) -> Standing | None:
        """Where a document stands among all that it finds, whatever the depth; None where it is absent."""

    def parts(self, ordinals: Sequence[int], documents: Sequence[Document | None]) -> list[list[Part]]:
        """For each document the parts that its score is the sum of, by their values; none where it is absent.

        documents: the same as they are stored now, None where one was removed."""


def make(
    spec: RetrieverSpec,
    generation: Generation,
    question: Asked,
    allowed: Allowed | None = None,
    pointer: str = "",
) -> Retriever:
    """The retriever of a request, bound to its query and to the documents that it may find (None: all).

    Raises: UnknownNameError with the known names, InputError; `pointer` says where in the request."""
    full = _with_defaults(spec, generation, pointer)
    if full.type == "dense":
        encoder = full.encoder or full.name or ""
        check_encoder(encoder, generation, f"{pointer}/encoder")
        return DenseRetriever(full.name or encoder, generation.dense[encoder], question, allowed)
    return lexical(full, generation, question, allowed, pointer)


def check_encoder(name: str, generation: Generation, pointer: str) -> None:
    """Raises UnknownNameError, with the known names, where the index has no such encoder; FeatureMissingError
    where it has not been built with it, CorruptError where what was built cannot be read."""
    if name in generation.dense:
        return
    if name not in generation.manifest.settings.encoders:
        raise UnknownNameError("encoder", name, generation.dense, pointer=pointer)
    index = generation.manifest.index
    if generation.degraded:
        raise CorruptError(f"`{name}` of `{index}` cannot be read: run `textprism reindex {index}`.")
    reasons = " ".join(generation.manifest.warnings) or f"Run `textprism reindex {index}`."
    raise FeatureMissingError(f"The index was built without `{name}`. {reasons}", pointer=pointer)


def encoder_of(generation: Generation, name: str | None, pointer: str) -> Dense:
    """The encoder of that name with its vectors; the index's first where None is named.

    Raises: UnknownNameError with the known names; FeatureMissingError where the index has none at all."""
    if not generation.dense:
        raise FeatureMissingError("This index has no encoder: add one to its settings, and reindex.")
    if name is not None:
        check_encoder(name, generation, pointer)
    return generation.dense[next(iter(generation.dense)) if name is None else name]


def _with_defaults(spec: RetrieverSpec, generation: Generation, pointer: str) -> RetrieverSpec:
    """The spec with what the built-in of its name says, and without what its type has no use for."""
    given = spec.model_dump(exclude_unset=True)
    if given.get("type") is None:
        if (base := _known(generation).get(spec.name or "")) is None:
            if spec.name in generation.manifest.settings.encoders:
                check_encoder(spec.name, generation, pointer)
            raise UnknownNameError("retriever", spec.name or "", _known(generation), pointer=pointer)
        given = {**base, **given, "type": base["type"]}
    useless = (LEXICAL_ONLY if given["type"] == "dense" else DENSE_ONLY) & spec.model_fields_set
    if useless:
        what = sorted(useless)[0]
        raise InputError(
            f"A retriever of type `{given['type']}` has no `{what}`: leave it out.",
            pointer=f"{pointer}/{what}",
        )
    given["name"] = given.get("name") or given["type"]
    return RetrieverSpec.model_validate(given)


def _known(generation: Generation) -> dict[str, dict[str, Any]]:
    """The retrievers that this index can be asked for by name alone."""
    lexical = {name: entry for name, entry in BUILT_IN.items() if entry["type"] in WEIGHTINGS}
    return lexical | {name: {"type": "dense", "encoder": name} for name in generation.dense}


def retriever_names(generation: Generation) -> list[str]:
    """The retrievers that this index can be asked for by name alone."""
    return list(_known(generation))


def default_specs(generation: Generation) -> list[RetrieverSpec]:
    """`bm25` and every encoder of the index."""
    return [RetrieverSpec(name=name) for name in ("bm25", *generation.dense)]
