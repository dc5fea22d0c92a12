"""ISO 8601 to microseconds and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.metadata.dates import DAY, instant, is_day, written


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-02", DAY),
        ("19700102", DAY),
        ("1970-W01-5", DAY),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01 00:00:01", 1_000_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T23:59:59.999999", -1),
    ],
)
def test_a_date_is_an_instant_in_utc(text, microseconds):
    assert instant(text) == microseconds


@pytest.mark.parametrize(
    "text",
    [
        *["", "2024", "2024-01", "2024-13-01", "2024-02-30", "31.1.2024", "10:00", "now", "2024-01-31T25:00"],
        *[
            "2024-01-31猫10:00",
            "２０２４-01-31",
            "2024-01-31T10:00:00Zulu",
            "0001-01-01T00:00:00+08:00",
            "2024-01-31\n",
        ],
    ],
)
def test_anything_else_is_none(text):
    with pytest.raises(
        ValueError, match=r"no ISO 8601 date|outside of the years|Invalid isoformat|month|day|hour"
    ):
        instant(text)


def test_a_day_is_a_date_without_a_time():
    assert is_day("2024-01-31")
    assert is_day("20240131")
    assert not is_day("2024-01-31T00:00:00")


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_that_is_written_is_read_as_itself(moment: datetime) -> None:
    assert instant(moment.isoformat()) == instant(written(instant(moment.isoformat())))
    assert datetime.fromisoformat(written(instant(moment.isoformat()))) == moment
