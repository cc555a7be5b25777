"""Rows of follow-ups."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class FollowUpRow(SQLModel, table=True):
    """One thing to be done.  ``about`` is unique: the same cause asks once."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("for_role IN ('worker', 'approver')", name="for_role"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
    )

    id: str = Field(primary_key=True)
    agency: str
    case_id: str = Field(foreign_key="case.id", index=True)
    kind: str
    for_role: str
    about: str = Field(unique=True)
    visit_id: str | None = None
    person_id: str | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    not_by: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    done_by: str | None = None
    done_reason: str = ""
