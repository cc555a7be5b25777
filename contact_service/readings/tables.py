"""Which readings stand in the access log already."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ReadingPurposeRow(SQLModel, table=True):
    """Why somebody said that they read; the access log names it by ``id``.  ``sealed`` holds their words.

    They are sealed under a key of the account's own.
    """

    __tablename__ = "reading_purpose"

    id: str = Field(primary_key=True)
    agency: str
    account_id: str = Field(foreign_key="staff_account.id")
    purpose: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    stated_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class CaseReadingRow(SQLModel, table=True):
    """Somebody has read a part of a case's record in the hour that begins at ``hour``; the access log says so.

    ``reader`` is what the log calls them.  ``under``: the id of the emergency access by which alone it was open to them
    and that of the purpose they stated, a space between; empty for neither.  Kept for a month, to write down each
    reading of an hour once.
    """

    __tablename__ = "case_reading"

    reader: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True, foreign_key="case.id")
    part: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
    under: str = Field(primary_key=True)
