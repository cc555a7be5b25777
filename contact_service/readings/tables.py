"""Which readings stand in the access log already."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class CaseReadingRow(SQLModel, table=True):
    """Somebody has read a part of a case's record in the hour that begins at ``hour``; the access log says so.

    ``reader`` is what the log calls them.  Kept for a month, to write down each reading of an hour once.
    """

    __tablename__ = "case_reading"

    reader: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True, foreign_key="case.id")
    part: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
