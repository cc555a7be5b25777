"""Rows about people.  Personal fields are sealed; what is left says only that somebody is something to somebody."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class CaseRow(SQLModel, table=True):
    """A case: the children, and everybody who matters to them."""

    __tablename__ = "case"

    id: str = Field(primary_key=True)
    agency: str
    zone: str
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class CaseWorkerRow(SQLModel, table=True):
    """A case on a worker's caseload."""

    __tablename__ = "case_worker"

    case_id: str = Field(primary_key=True, foreign_key="case.id")
    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")


class PersonRow(SQLModel, table=True):
    """A person; ``sealed`` holds ``Details`` under the person's own key."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    agency: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CaseMemberRow(SQLModel, table=True):
    """A person in a case.  ``ref`` is what this case's evidence calls them."""

    __tablename__ = "case_member"
    __table_args__ = (CheckConstraint("role IN ('child', 'family_member', 'caregiver')", name="role"),)

    case_id: str = Field(primary_key=True, foreign_key="case.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    ref: str = Field(unique=True)
    role: str


class RelationshipRow(SQLModel, table=True):
    """What a person is to a child, as a code and in the family's own word."""

    __tablename__ = "relationship"

    child_id: str = Field(primary_key=True, foreign_key="person.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    relation: str
    word: str
