"""Wrapped keys.  No key is ever stored bare."""

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class AgencyRoot(SQLModel, table=True):
    """One version of an agency's root key, wrapped by the provider whose key is named."""

    __tablename__ = "agency_root"
    __table_args__ = (CheckConstraint("version >= 1", name="version"),)

    agency: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    key_id: bytes = Field(sa_type=LargeBinary)
    provider_key_id: bytes = Field(sa_type=LargeBinary)
    wrapped: bytes = Field(sa_type=LargeBinary)


class CaseKeyRow(SQLModel, table=True):
    """A case's key of one epoch in one log, wrapped by the agency root, and where the case's chain stands."""

    __tablename__ = "case_key"
    __table_args__ = (
        UniqueConstraint("agency", "log", "case_ref", "epoch"),
        CheckConstraint("epoch >= 1 AND root_version >= 1 AND entries >= 0", name="counts"),
        CheckConstraint("(entries = 0) = (last_leaf IS NULL)", name="chain"),
    )

    key_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    agency: str
    log: str
    case_ref: str
    epoch: int
    root_version: int
    wrapped: bytes = Field(sa_type=LargeBinary)
    entries: int = 0
    last_leaf: bytes | None = Field(default=None, sa_type=LargeBinary)


class PersonKeyRow(SQLModel, table=True):
    """The key of one person's names, channels and notes, wrapped by the agency root."""

    __tablename__ = "person_key"
    __table_args__ = (
        UniqueConstraint("agency", "person", "epoch"),
        CheckConstraint("epoch >= 1 AND root_version >= 1", name="counts"),
    )

    key_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    agency: str
    person: str
    epoch: int
    root_version: int
    wrapped: bytes = Field(sa_type=LargeBinary)
