"""Rows of the evidence log.  Nothing here says whose case, what kind of event or when."""

from sqlalchemy import CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel


class AuditHead(SQLModel, table=True):
    """Where a log stands: its size and the roots of its complete subtrees, largest first."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    log: str = Field(primary_key=True)
    size: int
    subtrees: bytes = Field(sa_type=LargeBinary)


class AuditEntry(SQLModel, table=True):
    """One entry: leaf body and envelope.  Triggers refuse change and deletion."""

    __tablename__ = "audit_entry"
    __table_args__ = (CheckConstraint("idx >= 0", name="idx"),)

    log: str = Field(primary_key=True)
    idx: int = Field(primary_key=True)
    entry_id: bytes = Field(sa_type=LargeBinary, unique=True)
    leaf: bytes = Field(sa_type=LargeBinary)
    envelope: bytes = Field(sa_type=LargeBinary)
    key_id: bytes = Field(sa_type=LargeBinary, index=True)


class AuditCheckpoint(SQLModel, table=True):
    """One signed head.  Only the sealer writes these; triggers refuse change and deletion."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    log: str = Field(primary_key=True)
    size: int = Field(primary_key=True)
    note: bytes = Field(sa_type=LargeBinary)
