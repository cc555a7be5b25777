"""Rows of the agencies of an installation, beside the one of the settings."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class AgencyRow(SQLModel, table=True):
    """One agency.  ``host`` is that of its public address; ``relay`` the name of the relay that carries its visits.

    ``relay_key`` is that relay's public key, empty where the settings of the processes name it.

    It holds nothing of anybody, and belongs to the installation: whoever serves looks here for whose a request is.
    The agency of the settings has a row only once it is closed.
    """

    __tablename__ = "agency"

    name: str = Field(primary_key=True)
    title: str
    public_url: str
    host: str = Field(unique=True)
    zone: str
    help_name: str
    help_phone: str
    relay: str
    relay_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
