"""Rows about the installation itself."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ProcessHeartbeatRow(SQLModel, table=True):
    """When a process last said that it lives."""

    __tablename__ = "process_heartbeat"

    process: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class InstallationMarkRow(SQLModel, table=True):
    """One row: whether the people in this database are made up."""

    __tablename__ = "installation_mark"

    agency: str = Field(primary_key=True)
    demo: bool
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
