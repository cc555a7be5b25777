"""Rows of service accounts.  No token is stored, only what checks it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ServiceAccountRow(SQLModel, table=True):
    """What one machine may do, and until when; its name and its owner stand with its account."""

    __tablename__ = "service_account"
    __table_args__ = (CheckConstraint("expires_at > made_at", name="order"),)

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    token_hash: str = Field(unique=True)
    scopes: str
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(Instant))
