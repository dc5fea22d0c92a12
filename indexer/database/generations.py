"""The generations of an index that were published, with their reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from indexer.database.engine import Database
from indexer.database.indexes import index_row
from indexer.database.records import GenerationRecord, utc_now
from indexer.database.schema import generations


class Generations:
    """The history of the builds of a catalogue's indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, index: str, name: str, through_seq: int, report: Mapping[str, Any]) -> GenerationRecord:
        """The generation, noted. Raises: MissingError where the index is not there."""
        record = GenerationRecord(name, through_seq, utc_now(), dict(report))
        with self._database.write() as connection:
            connection.execute(
                insert(generations).values(
                    index_id=index_row(connection, index).id,
                    name=record.name,
                    through_seq=record.through_seq,
                    created_at=record.created_at,
                    report=record.report,
                )
            )
        return record

    def list(self, index: str) -> Sequence[GenerationRecord]:
        """All generations of an index, oldest first. Raises: MissingError where it is not there."""
        columns = generations.c
        with self._database.read() as connection:
            query = (
                select(columns.name, columns.through_seq, columns.created_at, columns.report)
                .where(columns.index_id == index_row(connection, index).id)
                .order_by(columns.name)
            )
            return [GenerationRecord(*row) for row in connection.execute(query)]
