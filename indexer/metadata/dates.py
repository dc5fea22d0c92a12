"""Dates as microseconds since 1970 in UTC."""

import re
from datetime import UTC, date, datetime, timedelta

DAY = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WRITTEN = re.compile(r"[0-9W:.,+\-]+(?:[Tt ][0-9:.,+\-]+[Zz]?)?", re.ASCII)


def instant(text: str) -> int:
    """The microseconds of an ISO 8601 date or date-time; without a zone it is UTC, without a time midnight.

    Raises: ValueError where it is none, or outside of the years 1 to 9999 in UTC."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError(f"no ISO 8601 date: {text[:100]}")
    given = datetime.fromisoformat(text)
    try:
        moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"outside of the years 1 to 9999: {text[:100]}") from None
    return (moment - _EPOCH) // _MICROSECOND


def is_day(text: str) -> bool:
    """Whether a date stands there without a time."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def written(microseconds: int) -> str:
    """The instant as ISO 8601 in UTC: `2024-01-31T00:00:00Z`, with six decimals where it needs any."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
