"""The instants and identifiers the sample contexts share."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
NOW = START - timedelta(minutes=12)
VISIT = "5f0c" * 8
CHILD = "0c01" * 8
MOTHER = "0a0e" * 8
CARER = "0ca4" * 8
LENA = "1e0a" * 8
LINK = "/v/" + "7e11" * 8

Context = dict[str, Any]
