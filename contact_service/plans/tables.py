"""Rows of contact plans, court orders and quiet hours; versions are only ever added to and decided once."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ContactPlanRow(SQLModel, table=True):
    """One version of a child's plan."""

    __tablename__ = "contact_plan"
    __table_args__ = (
        UniqueConstraint("child_id", "version"),
        CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="state"),
        CheckConstraint("basis IN ('agreement', 'authority_plan')", name="basis"),
        CheckConstraint("decided_by IS NULL OR decided_by <> recorded_by", name="two_people"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    version: int
    state: str
    basis: str
    review_on: date
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PlanPersonRow(SQLModel, table=True):
    """The terms of one person and medium in one plan version.  ``days`` are weekday names, ``steps`` dated levels."""

    __tablename__ = "plan_person"
    __table_args__ = (
        CheckConstraint("length_minutes BETWEEN 5 AND 180", name="length"),
        CheckConstraint("risk IN ('low', 'standard', 'high')", name="risk"),
        CheckConstraint("medium IN ('in_person', 'video', 'phone')", name="medium"),
        CheckConstraint(
            "(per IS NULL AND least IS NULL AND most IS NULL AND gap_days IS NULL) OR per IS NOT NULL",
            name="frequency",
        ),
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
        CheckConstraint("(supervisor_gender IS NULL) = (gender_reason IS NULL)", name="gender_with_reason"),
    )

    plan_id: str = Field(primary_key=True, foreign_key="contact_plan.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    medium: str = Field(primary_key=True)
    level: str
    length_minutes: int
    risk: str
    purpose: str
    per: str | None = None
    least: int | None = None
    most: int | None = None
    gap_days: int | None = None
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    steps: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    supervised_by: str | None = Field(default=None, foreign_key="staff_account.id")
    order_id: str | None = None
    trainings: list[str] = Field(sa_column=Column(JSON, nullable=False))
    supervisor_gender: str | None = None
    gender_reason: str | None = None


class CourtOrderRow(SQLModel, table=True):
    """One version of one order; ``sealed`` holds ``OrderWords`` under the child's key."""

    __tablename__ = "court_order"
    __table_args__ = (
        CheckConstraint("status IN ('in_force', 'varied', 'discharged')", name="status"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    about: str
    decided_on: date
    starts_on: date
    ends_on: date | None = None
    status: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class QuietHoursRow(SQLModel, table=True):
    """Hours of the week in which a child has no visits."""

    __tablename__ = "quiet_hours"
    __table_args__ = (
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
    )

    id: str = Field(primary_key=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
