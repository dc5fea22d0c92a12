"""The metadata of documents, taken while they stream by: which values stand at which path."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from indexer.metadata import Kind, PathBuilder, instant, write_metadata
from indexer.types import Document, FieldSettings, FieldType, FieldValue

MOST_PATHS = 1_000
MOST_DEPTH = 16
"""Names in a path, its dots less one."""


class MetadataPass:
    """Takes documents in ascending order of their ordinals, and writes their columns at the end.

    A path is a field, or leads by dots into an object; the entries of a list all stand at its path. Values
    that do not fit the type of their field are left out, and so are paths beyond the bounds."""

    def __init__(self, fields: Mapping[str, FieldSettings]) -> None:
        self._types = {name: each.type for name, each in fields.items()}
        self._paths: dict[str, PathBuilder] = {}
        self._unfit: dict[str, int] = {}  # values by path
        self._left_out: list[str] = []  # the first path of those beyond the bounds
        self._n_left_out = 0  # values there
        self._ordinal = 0
        self._found: dict[str, bool] = {}  # paths of the document: whether anything but emptiness is there
        for name, type in self._types.items():
            if (path := self._path(name)) is not None:
                path.text = type == "text"
                if type != "text" and type != "object":
                    path.column(type)

    def through(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The same documents, each taken on its way."""
        for each in documents:
            self._add(each.fields)
            yield each

    def finish(self, folder: Path) -> list[str]:
        """Writes the folder `metadata`; what the user should know of values that were left out."""
        write_metadata(folder, self._ordinal, self._paths)
        warnings = [
            f"`{name}` has {count:,} values that are no {self._types[name]}: no filter finds them. "
            "Import the documents again, or change the type."
            for name, count in self._unfit.items()
        ]
        if self._left_out:
            warnings.append(
                f"{self._n_left_out:,} values are found by no filter: an index has at most {MOST_PATHS:,} "
                f"paths, each at most {MOST_DEPTH} names deep. The first is at `{self._left_out[0][:100]}`."
            )
        return warnings

    def _add(self, fields: Mapping[str, FieldValue]) -> None:
        self._found.clear()
        for name, value in fields.items():
            if name in self._types:
                self._walk(name, value, self._types[name], 1)
        for name, full in self._found.items():
            path = self._paths[name]
            path.present.append(self._ordinal)
            if not full:
                path.empty.append(self._ordinal)
        self._ordinal += 1

    def _path(self, name: str) -> PathBuilder | None:
        """The path of this name; None where there is no room for it."""
        if name not in self._paths and len(self._paths) < MOST_PATHS:
            self._paths[name] = PathBuilder()
        return self._paths.get(name)

    def _walk(self, name: str, value: object, type: FieldType, depth: int) -> None:
        """Takes what stands at a path, so many names deep."""
        if value is None:
            return
        path = self._path(name) if depth <= MOST_DEPTH else None
        if path is None:
            self._n_left_out += 1
            self._left_out = self._left_out or [name]
            return
        if isinstance(value, list):
            self._found.setdefault(name, False)
            for each in value:
                self._walk(name, each, type, depth)
            return
        self._found[name] = self._found.get(name, False) or value not in ("", {})
        if isinstance(value, dict) and type == "object":
            for key, each in value.items():
                self._walk(f"{name}.{key}", each, type, depth + 1)
        elif type != "text":
            self._take(path, name, value, type)

    def _take(self, path: PathBuilder, name: str, value: object, type: FieldType) -> None:
        """Takes one value, where it is of the type of its field."""
        kind, taken = _kind_and_value(value, type)
        if kind is not None and type in (kind, "object"):
            path.column(kind).add(self._ordinal, taken)
        else:
            self._unfit[name] = self._unfit.get(name, 0) + 1


def _kind_and_value(value: object, type: FieldType) -> tuple[Kind | None, str | int | float]:
    """What a value is, and how its column has it; no kind where it is none that can be kept."""
    match value:
        case bool():
            return "boolean", int(value)
        case int() | float():
            return "number", float(value) + 0.0  # of the two zeros the positive one
        case str() if type == "date":
            try:
                return "date", instant(value)
            except ValueError:
                return None, ""
        case str():
            return "keyword", value
    return None, ""
