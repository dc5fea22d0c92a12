"""What to import: files, folders and streams as named sources of bytes."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from indexer.errors import InputError

Format = Literal["jsonl", "csv", "txt", "md"]

FORMATS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".txt": "txt",
    ".md": "md",
}
BEIR_NAMES = ("corpus.jsonl", "corpus.jsonl.gz")
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A named stream of documents. `doc_id` is for a text, which is one document as a whole."""

    name: str
    format: Format
    open: Callable[[], BinaryIO]
    gzipped: bool = False
    doc_id: str = "text"


def find_sources(paths: Iterable[str], format: Format | None = None) -> list[Source]:
    """The sources at some paths: files, folders, or `-` for standard input, whose format must be given.

    Of a folder that holds a BEIR corpus, the corpus; of another, every file of a known kind in it and below,
    in the order of their paths, less what is hidden. Raises: InputError where there is nothing to read."""
    return [source for path in paths for source in _sources_at(path, format)]


def _sources_at(path: str, format: Format | None) -> list[Source]:
    if path == STANDARD_INPUT:
        return [_standard_input(format)]
    place = Path(path)
    if place.is_dir():
        return _sources_in(place)
    if not place.exists():
        raise InputError(f"There is no file or folder `{path}`.", code="file_not_found")
    if (source := _file_source(place, place.parent)) is None:
        raise InputError(f"`{path}` is of no known kind; {_known_kinds()}.", code="unknown_format")
    return [source]


def _standard_input(format: Format | None) -> Source:
    if format is None:
        known = ", ".join(sorted(set(FORMATS.values())))
        raise InputError(f"Standard input has no name to tell its format: give one of {known}.")
    return Source("stdin", format, lambda: open(sys.stdin.fileno(), "rb", closefd=False), doc_id="stdin")


def _sources_in(folder: Path) -> list[Source]:
    for name in BEIR_NAMES:
        if (corpus := folder / name).is_file():
            return [_source(corpus, "jsonl", corpus)]
    files = [each for each in sorted(folder.rglob("*")) if each.is_file() and not _is_hidden(each, folder)]
    sources = [source for each in files if (source := _file_source(each, folder)) is not None]
    if not sources:
        raise InputError(f"The folder `{folder}` holds nothing to import; {_known_kinds()}.")
    return sources


def _file_source(file: Path, folder: Path) -> Source | None:
    plain = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    format = FORMATS.get(plain.suffix.lower())
    return None if format is None else _source(file, format, plain.relative_to(folder))


def _source(file: Path, format: Format, plain: Path) -> Source:
    return Source(
        name=str(file),
        format=format,
        open=lambda: open(file, "rb"),
        gzipped=file.suffix.lower() == ".gz",
        doc_id=plain.with_suffix("").as_posix(),
    )


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _known_kinds() -> str:
    return f"known are {', '.join(FORMATS)}, each also with .gz, and a folder with {BEIR_NAMES[0]}"
