"""Rows of contact plans; they are only ever added to."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ContactPlanRow(SQLModel, table=True):
    """One version of a child's plan."""

    __tablename__ = "contact_plan"
    __table_args__ = (UniqueConstraint("child_id", "version"),)

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    version: int
    review_on: date
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class PlanPersonRow(SQLModel, table=True):
    """One person of one plan version."""

    __tablename__ = "plan_person"
    __table_args__ = (
        CheckConstraint("length_minutes BETWEEN 5 AND 180", name="length"),
        CheckConstraint("risk IN ('low', 'standard', 'high')", name="risk"),
    )

    plan_id: str = Field(primary_key=True, foreign_key="contact_plan.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    level: str
    length_minutes: int
    risk: str = Field(default="standard", sa_column_kwargs={"server_default": "standard"})
