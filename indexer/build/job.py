"""The batch job: documents in, a published generation out. A crash anywhere leaves the old one serving."""

import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from indexer.analysis import Analyzer
from indexer.build.lexical import build_lexical
from indexer.build.metadata import MetadataPass
from indexer.build.spool import WordSpool
from indexer.build.vectors import VectorsReport, build_vectors, new_encoder, vectors_report
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModels, kept_model
from indexer.errors import InputError, MismatchError, UnknownNameError
from indexer.generation import (
    FORMAT,
    EncoderEntry,
    Generation,
    IndexFolder,
    Manifest,
    lay_out,
    write_manifest,
)
from indexer.lexical import FILE_NAME, Clause, LexicalQuery
from indexer.storage.files import checksum, sync_folder
from indexer.types import IndexSettings, Progress, no_progress
from indexer.vectors import parse_kind
from indexer.weighting import WeightingParameters, weighting


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build published; `vectors`: the vector index that each encoder got."""

    generation: str
    documents: int
    encoders: list[str]
    vectors: dict[str, VectorsReport] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0


def build_generation(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    encoders: Collection[str] | None = None,
    progress: Progress = no_progress,
) -> BuildReport:
    """Builds, verifies and publishes a generation with the named encoders, or all that the settings have.

    An encoder whose corpus is too small is left out, with a warning. `progress` may raise CanceledError.
    Raises: MissingError, UnknownNameError, LockedError, InputError where there is nothing to index."""
    started = perf_counter()
    record = catalogue.indexes.get(index)
    settings = _chosen(record, encoders)
    models = KeptModels(data_dir)
    _check_encoders(settings, models)
    folder = IndexFolder(data_dir, index)
    with folder.building():
        name, building = folder.new()
        try:
            manifest = _build(catalogue, record.name, name, settings, models, building, progress)
            progress("verify", 0, 1)
            _verify(building)
            progress("verify", 1, 1)
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
    )
    catalogue.generations.add(index, name, manifest.through_seq, asdict(report))
    return report


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


def _check_encoders(settings: IndexSettings, models: KeptModels) -> None:
    """Raises MissingError, UnknownNameError or InputError, before any work, where one cannot be made."""
    for name, encoder in settings.encoders.items():
        if encoder.model is not None:
            model = kept_model(models, encoder)
            if encoder.vectors is not None:
                parse_kind(encoder.vectors, model.dims)
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
    folder: Path,
    progress: Progress,
) -> Manifest:
    """Writes all files of a generation, the manifest last."""
    metadata = MetadataPass(settings.fields)
    analyzer = Analyzer(settings.analysis)
    with WordSpool(folder / "words.spool", len(settings.text_fields)) as spool:
        with catalogue.documents.snapshot(index) as snapshot:
            documents = metadata.through(snapshot.documents())
            counted = build_lexical(documents, snapshot.count, settings, folder, spool, progress)
        warnings = metadata.finish(folder)
        entries: dict[str, EncoderEntry] = {}
        for encoder, wanted in settings.encoders.items():
            try:
                made = new_encoder(wanted, spool, analyzer.analyse, models, progress)
            except InputError as error:
                if error.code != "corpus_too_small":
                    raise
                warnings.append(f"`{encoder}` was left out: {error.message}")
                continue
            fields = settings.text_fields
            built = build_vectors(encoder, made, fields, wanted, spool, counted.documents, folder, progress)
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
    return manifest


def _checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file below the folder; the folders themselves are made durable on the way."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for each in {path.parent for path in files}:
        sync_folder(each)
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def _verify(folder: Path) -> None:
    """Opens what was built as a reader will, and looks the first document up by a term of its own."""
    generation = Generation.open(folder)
    try:
        [segment] = generation.lexical.segments
        for batch in segment.store.every_term():
            view, term = batch.view, batch.terms[0]
            fields = dict.fromkeys(segment.store.fields, 1.0)
            query = LexicalQuery([Clause({view: [term]}, fields)], weighting("bow"), WeightingParameters())
            if generation.lexical.rank(query, 1).ordinals[0] not in batch.ordinals[: batch.begins[1]]:
                raise MismatchError(f"{folder} opens but does not find `{term}`: nothing was published.")
            break
    finally:
        generation.close()
