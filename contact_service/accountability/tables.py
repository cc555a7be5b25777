"""Rows of what an agency says of its handling of data.  A row is never changed: a newer one takes its place."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class StatementRow(SQLModel, table=True):
    """One version; it is about the agency, and about no family."""

    __tablename__ = "data_statement"

    agency: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    assessed_on: date
    reference: str
    controller: str
    legal_bases: str
    processors: str
    entered_by: str
    entered_at: datetime = Field(sa_column=Column(Instant, nullable=False))
