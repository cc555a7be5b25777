"""Rows about what makes members of staff suit a visit.  A conflict that counts no more keeps its row."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class StaffGenderRow(SQLModel, table=True):
    """What a member of staff says of themselves; no row where they say nothing."""

    __tablename__ = "staff_gender"
    __table_args__ = (CheckConstraint("gender IN ('woman', 'man')", name="gender"),)

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    gender: str


class StaffTrainingRow(SQLModel, table=True):
    """A training of a member of staff, by its name in the agency's policy, and the last day on which it counts."""

    __tablename__ = "staff_training"

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    name: str = Field(primary_key=True)
    ends_on: date


class StaffConflictRow(SQLModel, table=True):
    """Why a member of staff has no part in visits of a person, or of a whole case where ``person_id`` is null.

    ``sealed`` holds the reason in words under the staff member's own key, None without any, and after the person whom
    they are about was forgotten.
    """

    __tablename__ = "staff_conflict"
    __table_args__ = (
        CheckConstraint("kind IN ('kin', 'friend', 'former_client', 'other')", name="kind"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    kind: str
    sealed: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, info={"words_about": "person_id"})
    )
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
