"""Lines of CSV to rows, each with the lines that it was read from."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.documents.faults import Fault
from indexer.documents.lines import Line, decode_utf8, too_large
from indexer.documents.parsing import ID_NAMES
from indexer.errors import BadFileError

FIELD_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, the line that it begins at, and why it could not be read where it could not."""

    line: int
    raw: bytes
    cells: list[str]
    fault: Fault | None = None


class Table:
    """The rows of a table under its header. Raises: BadFileError where the header is none."""

    def __init__(self, name: str, lines: Iterator[Line], limit: int) -> None:
        # The module's own bound on a cell is low, and one for the whole process; `_Lines` has ours.
        csv.field_size_limit(FIELD_LIMIT)
        self._lines = _Lines(lines, limit)
        self._reader = csv.reader(self._lines, strict=True)
        self.header: list[str] = []
        if (row := next(self, None)) is not None:
            fault = row.fault or _header_fault(row.cells)
            if fault is not None:
                raise BadFileError(f"{name}:{row.line}: {fault.detail}")
            self.header = [cell.strip() for cell in row.cells]

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while True:
            self._lines.begin_row()
            cells: list[str] = []
            try:
                cells = next(self._reader)
            except csv.Error as error:
                self._lines.fault = Fault("invalid_csv", f"a row of CSV was expected: {error}")
            except Fault as fault:
                self._lines.fault = fault
            if cells or self._lines.fault:
                return Row(self._lines.first, b"".join(self._lines.raw), cells, self._lines.fault)


class _Lines:
    """The lines that a row is made of: a quoted cell may hold line ends."""

    def __init__(self, lines: Iterator[Line], limit: int) -> None:
        self._lines = lines
        self._limit = limit
        self.begin_row()

    def begin_row(self) -> None:
        self.first = 0
        self.raw: list[bytes] = []
        self.fault: Fault | None = None
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        # A class and no generator: the reader goes on after a fault, which would end a generator.
        line = next(self._lines)
        self.first = self.first or line.number
        self.raw.append(line.raw)
        self._size += len(line.raw)
        if line.fault or self._size > self._limit:
            # A quote may be open: inside it, what follows would be taken for rows.
            self._lines = iter(())
            fault = line.fault or too_large(self._limit)
            raise Fault(fault.code, f"{fault.detail}; the table was not read beyond it")
        try:
            return decode_utf8(line.raw)
        except Fault as fault:
            self.fault = self.fault or fault
            return line.raw.decode(errors="replace")


def _header_fault(cells: list[str]) -> Fault | None:
    names = [cell.strip() for cell in cells]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        return Fault(
            "duplicate_column", f"each column once was expected in the header, twice: {_list(twice)}"
        )
    if "" in names:
        return Fault("unnamed_column", f"column {names.index('') + 1} of the header has no name")
    if not any(name in ID_NAMES for name in names):
        return Fault("missing_id_column", f"a column `id` was expected in the header, found {_list(names)}")
    return None


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name[:60]}`" for name in names[:20])
