"""The batch job: documents in, a published generation out. A crash anywhere leaves the old one serving."""

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from indexer.analysis import Analyzer
from indexer.build.changes import Changes, changes
from indexer.build.lexical import build_lexical
from indexer.build.metadata import MetadataPass
from indexer.build.published import PublishedEncoders
from indexer.build.sampling import Sample, sample_queries
from indexer.build.spool import TextSpool, WordSpool
from indexer.build.trying import try_queries
from indexer.build.vectors import Corpus, VectorsReport, build_vectors, new_encoder, vectors_report
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import EmbeddingCache, KeptModels, kept_model, reads_texts
from indexer.errors import IndexUnavailableError, InputError, UnknownNameError
from indexer.generation import (
    FORMAT,
    EncoderEntry,
    Generation,
    IndexFolder,
    Manifest,
    lay_out,
    write_manifest,
)
from indexer.lexical import FILE_NAME
from indexer.storage.files import checksum, sync_folder
from indexer.types import IndexSettings, Progress, no_progress
from indexer.vectors import parse_kind

NAMED = 10
"""Damaged documents that a warning names."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build published; `vectors`: the vector index that each encoder got; `changes`: what is otherwise
    than in the generation that was published before, None where none can be read."""

    generation: str
    documents: int
    encoders: list[str]
    vectors: dict[str, VectorsReport] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    changes: Changes | None = None


def build_generation(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    encoders: Collection[str] | None = None,
    progress: Progress = no_progress,
    *,
    keep_encoders: bool = False,
    wait: bool = False,
) -> BuildReport:
    """Builds, verifies and publishes a generation with the named encoders, or all that the settings have.

    An encoder whose corpus is too small is left out, with a warning. `progress` may raise CanceledError.
    keep_encoders: none is made anew, they are those of the published generation, with which documents that
    have not changed get the same vectors; one that it lacks is left out, with a warning · wait: for another
    build of the index, in place of raising LockedError.
    Raises: MissingError, UnknownNameError, LockedError, InputError where there is nothing to index; where
    encoders are to be kept NotBuiltError, CorruptError, FormatError."""
    started = perf_counter()
    folder = IndexFolder(data_dir, index)
    models = KeptModels(data_dir)
    _checked(catalogue, index, encoders, models, keep_encoders)
    with folder.building(wait=wait):
        settings = _checked(catalogue, index, encoders, models, keep_encoders)  # as they are after waiting
        kept = PublishedEncoders(folder) if keep_encoders else None
        known = (each.name for each in catalogue.generations.list(index))
        name, building = folder.new(known)
        try:
            with EmbeddingCache(data_dir) as cache:
                manifest, sample = _build(
                    catalogue, index, name, settings, models, kept, cache, building, progress
                )
            changed = _verified(catalogue, folder, building, sample, progress)
            folder.publish(name)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    seconds = round(perf_counter() - started, 3)
    report = BuildReport(
        generation=name,
        documents=manifest.documents,
        encoders=list(manifest.encoders),
        vectors={encoder: vectors_report(entry) for encoder, entry in manifest.encoders.items()},
        warnings=manifest.warnings,
        seconds=seconds,
        changes=changed,
    )
    catalogue.generations.add(index, name, manifest.through_seq, asdict(report))
    return report


def _checked(
    catalogue: Catalogue,
    index: str,
    encoders: Collection[str] | None,
    models: KeptModels,
    keep_encoders: bool,
) -> IndexSettings:
    """The settings of this build. Raises, before any work, what stands in its way."""
    settings = _chosen(catalogue.indexes.get(index), encoders)
    _check_weights(settings)
    if not keep_encoders:
        _check_models(settings, models)
    return settings


def _chosen(record: IndexRecord, encoders: Collection[str] | None) -> IndexSettings:
    """The settings with the encoders of this build. Raises: UnknownNameError, InputError."""
    settings = record.settings
    if not settings.text_fields:
        raise InputError(
            f"The index `{record.name}` has no text field, so there is nothing to search: import documents "
            "with a field such as `title` or `text`."
        )
    if encoders is None:
        return settings
    for name in encoders:
        if name not in settings.encoders:
            raise UnknownNameError("encoder", name, settings.encoders)
    kept = {name: each for name, each in settings.encoders.items() if name in encoders}
    return settings.model_copy(update={"encoders": kept})


def _check_models(settings: IndexSettings, models: KeptModels) -> None:
    """Raises MissingError or InputError where an encoder cannot be made of the model that it names."""
    for encoder in settings.encoders.values():
        if encoder.model is not None:
            model = kept_model(models, encoder)
            if encoder.vectors is not None:
                parse_kind(encoder.vectors, model.dims)


def _check_weights(settings: IndexSettings) -> None:
    """Raises UnknownNameError where an encoder weights a field that is not searched."""
    for name, encoder in settings.encoders.items():
        for weighted in encoder.fields or ():
            if weighted not in settings.text_fields:
                pointer = f"/encoders/{name}/fields"
                raise UnknownNameError("field", weighted, settings.text_fields, pointer=pointer)


def _build(
    catalogue: Catalogue,
    index: str,
    name: str,
    settings: IndexSettings,
    models: KeptModels,
    kept: PublishedEncoders | None,
    cache: EmbeddingCache,
    folder: Path,
    progress: Progress,
) -> tuple[Manifest, Sample]:
    """Writes all files of a generation, the manifest last; some of its documents are given back."""
    settings, warnings = (settings, []) if kept is None else kept.chosen(settings)
    metadata = MetadataPass(settings.fields)
    analyzer = Analyzer(settings.analysis)
    fields = settings.text_fields
    read = any(reads_texts(each.type) for each in settings.encoders.values())
    with (
        WordSpool(folder / "words.spool", len(fields)) as spool,
        TextSpool(folder / "texts.spool", fields, wanted=read) as texts,
    ):
        with catalogue.documents.snapshot(index) as snapshot:
            sample = Sample(settings.text_fields, snapshot.count)
            documents = sample.through(texts.through(metadata.through(snapshot.documents())))
            counted = build_lexical(documents, snapshot.count, settings, folder, spool, progress)
        warnings.extend(_left_out(snapshot.damaged))
        warnings.extend(metadata.finish(folder))
        corpus = Corpus(spool, texts, counted.documents, cache)
        entries: dict[str, EncoderEntry] = {}
        for encoder, wanted in settings.encoders.items():
            try:
                made = (
                    new_encoder(wanted, spool, analyzer.analyse, models, progress)
                    if kept is None
                    else kept.load(encoder, analyzer.analyse)
                )
            except InputError as error:
                if error.code != "corpus_too_small":
                    raise
                warnings.append(f"`{encoder}` was left out: {error.message}")
                continue
            built = build_vectors(encoder, made, fields, wanted, corpus, folder, progress)
            entries[encoder] = built.entry
            warnings.extend(built.warnings)
    files = _checksums(folder)
    progress("lay out postings", 0, 1)
    lay_out(folder, files[FILE_NAME])
    progress("lay out postings", 1, 1)
    manifest = Manifest(
        format=FORMAT,
        index=index,
        name=name,
        documents=counted.documents,
        through_seq=snapshot.seq,
        corpus_hash=counted.corpus_hash,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        settings=settings,
        analysis=analyzer.fingerprint(),
        encoders=entries,
        warnings=warnings,
        files=files,
    )
    write_manifest(folder, manifest)
    return manifest, sample


def _left_out(damaged: Sequence[str]) -> Iterator[str]:
    """What is told of documents that cannot be built."""
    if damaged:
        named = ", ".join(f"`{doc_id}`" for doc_id in damaged[:NAMED])
        yield f"{len(damaged):,} document(s) are damaged in the catalogue and left out: {named}."


def _checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below the folder; the folders themselves are made durable on the way."""
    every = sorted(folder.rglob("*"))
    files = [path for path in every if path.is_file()]
    for each in every:
        if each.is_dir():
            sync_folder(each)
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def _verified(
    catalogue: Catalogue, folder: IndexFolder, building: Path, sample: Sample, progress: Progress
) -> Changes | None:
    """Opens what was built as a reader will and asks it; what changes against what is published now.

    Raises: CorruptError, MismatchError where it is not to be published."""
    progress("verify", 0, 1)
    with closing(Generation.open(building)) as new:
        queries = sample_queries(sample, new)
        try_queries(new, queries)
        progress("verify", 1, 1)
        try:
            former = Generation.open(folder.path / folder.current())
        except IndexUnavailableError:
            return None
        with closing(former):
            return changes(catalogue, former, new, queries, progress)
