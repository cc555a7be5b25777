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


class JobHeartbeatRow(SQLModel, table=True):
    """When a job last began, ended well and failed, in whichever process; ``failure`` is the name of an error class.

    ``passed_over`` counts the ticks that came while the job still ran, or too late.
    """

    __tablename__ = "job_heartbeat"

    job: str = Field(primary_key=True)
    process: str
    begun_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    failed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    failure: str = ""
    failures: int = 0
    passed_over: int = 0


class JobTurnRow(SQLModel, table=True):
    """Who does a job for one period, where it is done once.

    ``fence`` counts who has begun it: only the newest may change anything, and only while ``leased_until`` runs.
    """

    __tablename__ = "job_turn"

    job: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    fence: int
    leased_until: datetime = Field(sa_column=Column(Instant, nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class InstallationMarkRow(SQLModel, table=True):
    """One row: whether the people in this database are made up."""

    __tablename__ = "installation_mark"

    agency: str = Field(primary_key=True)
    demo: bool
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
