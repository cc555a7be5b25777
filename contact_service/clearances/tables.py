"""Rows about what establishments said.  An answer is kept for as long as the case: by it visits were held."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ClearanceRow(SQLModel, table=True):
    """One question and its answer; ``sealed`` is the establishment's reference, under the person's key."""

    __tablename__ = "clearance"
    __table_args__ = (
        CheckConstraint("answer IN ('none', 'granted', 'refused')", name="answer"),
        CheckConstraint(
            "(answer = 'none') = (answered_at IS NULL) AND (answer = 'none') = (answered_by IS NULL)",
            name="answered",
        ),
        CheckConstraint("last_on IS NULL OR answer = 'granted'", name="last_of_a_yes"),
    )

    id: str = Field(primary_key=True)
    pool_id: str = Field(foreign_key="pool.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    asked_by: str
    asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    answer: str
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    last_on: date | None = None
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
