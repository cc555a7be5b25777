"""How far each relay's numbered events were taken in."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class RelaySeenRow(SQLModel, table=True):
    """The last event of one relay start that was taken in, and when the relay was last heard."""

    __tablename__ = "relay_seen"

    relay: str = Field(primary_key=True)
    boot: str = Field(primary_key=True)
    number: int
    heard_at: datetime = Field(sa_column=Column(Instant, nullable=False))
