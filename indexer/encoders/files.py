"""What an encoder is on disk besides its arrays and terms: a small JSON that describes them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import CorruptError, FormatError, MismatchError
from indexer.storage.files import write_file

DESCRIPTION = "encoder.json"
REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Description:
    """What an encoder says about itself. `parameters` are JSON values."""

    type: str
    version: int
    parameters: Mapping[str, Any]
    fingerprint: str


def fingerprint_of(
    type: str, version: int, parameters: Mapping[str, Any], weights: Iterable[bytes | memoryview] = ()
) -> str:
    """sha256, as hex, over everything that an encoder's answers depend on."""
    digest = hashlib.sha256(_json([type, version, parameters]))
    for part in weights:
        # The digest of each part, not its bytes: no two lists of parts then read the same.
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def save_description(folder: Path, description: Description) -> None:
    """Writes the JSON that describes the folder."""
    fields = {name: getattr(description, name) for name in Description.__slots__}
    write_file(folder / DESCRIPTION, [_json(fields) + b"\n"])


def load_description(folder: Path, type: str | None, version: int) -> Description:
    """What is in the folder, of any type where None is named.

    Raises: CorruptError, MismatchError where it is another type, FormatError where another version."""
    content = _read(folder / DESCRIPTION)
    try:
        description = Description(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise CorruptError(f"{folder / DESCRIPTION} is damaged ({error}): restore or rebuild it.") from None
    if type not in (None, description.type):
        raise MismatchError(f"{folder} holds a `{description.type}` encoder, not `{type}`: rebuild it.")
    if description.version != version:
        raise FormatError(
            f"{folder} is version {description.version} of `{description.type}`, wanted {version}: "
            "rebuild it."
        )
    return description


def check_fingerprint(folder: Path, description: Description, found: str) -> None:
    """Raises MismatchError where the files of a folder do not give the fingerprint it was saved with."""
    if found != description.fingerprint:
        raise MismatchError(
            f"The files in {folder} have the fingerprint {found[:12]}…, {DESCRIPTION} says "
            f"{description.fingerprint[:12]}…: they do not belong together, rebuild the index."
        )


def save_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Writes what is told of how an encoder came to be; its answers do not depend on it."""
    write_file(folder / REPORT, [_json(report) + b"\n"])


def load_report(folder: Path) -> Mapping[str, Any]:
    """What `save_report` wrote. Raises: CorruptError."""
    try:
        report: Mapping[str, Any] = json.loads(_read(folder / REPORT))
    except ValueError as error:
        raise CorruptError(f"{folder / REPORT} is damaged ({error}): restore or rebuild it.") from None
    return report


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorruptError(f"{path} cannot be read ({error.strerror}): restore or rebuild it.") from None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
