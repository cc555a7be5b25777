"""Rows of answered requests."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class IdempotencyKeyRow(SQLModel, table=True):
    """One request and its answer.

    ``id`` is a keyed hash of who asked and the key they sent, ``request`` one of what was asked.  ``answer`` is sealed:
    it may tell of people.
    """

    __tablename__ = "idempotency_key"

    id: str = Field(primary_key=True)
    request: str
    taken_by: str
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))
