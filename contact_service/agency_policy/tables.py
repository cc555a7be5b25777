"""Rows of the agency's policy: versions are only ever added to, and decided once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, text as sql
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class AgencyPolicyRow(SQLModel, table=True):
    """One version.  ``text`` is what was typed, ``document`` the complete policy as JSON, fixed when proposed."""

    __tablename__ = "agency_policy"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'published', 'declined')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        # Two versions written on the same one cannot both be published, however close together.
        Index(
            "uq_agency_policy_follows",
            "agency",
            "based_on",
            unique=True,
            postgresql_where=sql("state = 'published'"),
            sqlite_where=sql("state = 'published'"),
        ),
    )

    agency: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    based_on: int
    state: str
    text: str
    document: str
    proposed_by: str
    proposed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PolicyAcceptanceRow(SQLModel, table=True):
    """Somebody has read what applies to one kind of act, in one version of the policy."""

    __tablename__ = "policy_acceptance"

    agency: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    act: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
