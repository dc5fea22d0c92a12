"""Lists of terms on disk: one a line, in UTF-8."""

from collections.abc import Sequence
from pathlib import Path

from indexer.errors import CorruptError, InputError
from indexer.storage.files import write_file


def save_terms(path: Path, terms: Sequence[str]) -> None:
    """Writes one term a line. Raises: InputError where a term holds a line break."""
    content = "".join(f"{term}\n" for term in terms)
    if content.count("\n") != len(terms):
        raise InputError("A term holds a line break, which no vocabulary can keep: split the text there.")
    write_file(path, [content.encode()])


def load_terms(path: Path) -> list[str]:
    """The terms of a file, one a line. Raises: CorruptError."""
    try:
        # Not splitlines(): a term may hold any of Unicode's other line ends.
        return path.read_bytes().decode().split("\n")[:-1]
    except OSError as error:
        raise CorruptError(f"{path} cannot be read ({error.strerror}): restore or rebuild it.") from None
    except UnicodeDecodeError as error:
        raise CorruptError(f"{path} is not UTF-8 ({error}): restore or rebuild it.") from None
