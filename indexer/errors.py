"""Every error that TextPrism raises on purpose, as one tree.

TextPrismError
├── InputError                  a value from outside is not what was wanted
│   ├── UnknownNameError        a name that is not in the list of known ones
│   ├── TooLargeError           over a bound
│   ├── BadFileError            a file or stream that cannot be read on
│   └── BadLinesError           lines of an import, each with its reason
├── MissingError                a thing asked for by its key is not there
├── ConflictError               it does not fit how things are now
├── GoneError                   it was there, and is no longer kept
├── PreconditionError           it is not as the request wants it to be
├── FeatureMissingError         this model has no such part
├── CanceledError               somebody asked the work to stop
├── WorkerError                 a process of a build ended before its work was done
└── IndexUnavailableError       the index cannot answer now
    ├── NotBuiltError           it has no generation yet
    ├── FormatError             written by another version of the format
    ├── CorruptError            a file is damaged or missing
    ├── MismatchError           its parts do not belong together
    ├── LockedError             somebody else is building it
    └── BusyError               others write to the catalogue for too long

A message says what was wanted, what was found, what to do. `code` is the stable name for programs;
`pointer` is the JSON Pointer of the part of the request that was wrong, where there is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_NAMES_TOLD = 30
"""Known names that a message lists; the nearest of all is suggested."""


class TextPrismError(Exception):
    """Base of the tree; never raised itself."""

    code = "error"

    def __init__(self, message: str, *, pointer: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer
        if code is not None:
            self.code = code


class InputError(TextPrismError):
    """A value from outside is not what was wanted."""

    code = "invalid_input"


class UnknownNameError(InputError):
    """A name that is not in the list of known ones; the message holds the list."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, pointer: str = "") -> None:
        self.known = sorted(known)
        nearest = get_close_matches(name, self.known, n=1)
        hint = f" Did you mean `{nearest[0]}`?" if nearest else ""
        listed = [f"`{each}`" for each in self.known[:MOST_NAMES_TOLD]]
        if more := len(self.known) - len(listed):
            listed.append(f"{more:,} more")
        names = ", ".join(listed) or "none"
        super().__init__(
            f"Unknown {kind} `{name[:100]}`; known: {names}.{hint}",
            pointer=pointer,
            code=f"unknown_{kind.replace(' ', '_')}",
        )


class TooLargeError(InputError):
    """Over a bound; the message names the bound."""

    code = "too_large"


class BadFileError(InputError):
    """A file or stream that cannot be read on; the message names it and the line."""

    code = "bad_file"


@dataclass(frozen=True, slots=True)
class BadLine:
    """One line of an import that cannot be taken, and why."""

    source: str
    line: int
    code: str
    detail: str
    doc_id: str | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.detail}"


class BadLinesError(InputError):
    """Lines of an import that cannot be taken; nothing of the import was stored."""

    code = "bad_lines"

    def __init__(self, lines: Sequence[BadLine], total: int) -> None:
        self.lines = list(lines)
        self.total = total
        super().__init__(f"{total} bad line(s), nothing was imported; the first: {self.lines[0]}")


class MissingError(TextPrismError):
    """A thing asked for by its key (index, document, task, generation) is not there."""

    def __init__(self, kind: str, key: str, known: Iterable[str] | None = None) -> None:
        hint = ""
        if known is not None:
            hint = " Known: " + (", ".join(f"`{each}`" for each in sorted(known)) or "none") + "."
        super().__init__(f"There is no {kind} `{key[:100]}`.{hint}", code=f"{kind}_not_found")


class ConflictError(TextPrismError):
    """What is asked does not fit how things are now, for example that a task has ended; nothing changed."""

    code = "conflict"


class GoneError(TextPrismError):
    """A thing that was there for a while, such as the list of a cursor, is no longer kept."""

    code = "gone"


class PreconditionError(TextPrismError):
    """A thing is not in the state that the request made a condition; nothing was changed."""

    code = "precondition_failed"


class FeatureMissingError(TextPrismError):
    """This index has no such part, for example no vectors of an encoder that was never trained."""

    code = "feature_not_in_model"


class CanceledError(TextPrismError):
    """Somebody asked the work to stop; nothing was published."""

    code = "canceled"


class WorkerError(TextPrismError):
    """A process of a build ended before its work was done; nothing was published."""

    code = "worker_ended"


class IndexUnavailableError(TextPrismError):
    """The index cannot answer now."""

    code = "index_unavailable"


class NotBuiltError(IndexUnavailableError):
    """The index has no generation yet."""

    code = "index_not_built"


class FormatError(IndexUnavailableError):
    """Written by another version of the format."""

    code = "index_format"


class CorruptError(IndexUnavailableError):
    """A file is damaged or missing; the message names it."""

    code = "index_corrupt"


class MismatchError(IndexUnavailableError):
    """Parts that do not belong together: row counts or fingerprints differ."""

    code = "index_mismatch"


class LockedError(IndexUnavailableError):
    """Somebody else holds the lock."""

    code = "locked"


class BusyError(IndexUnavailableError):
    """Others write to the catalogue for longer than a writer waits; the same request may succeed later."""

    code = "busy"
