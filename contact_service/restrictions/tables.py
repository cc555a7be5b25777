"""Rows of restrictions.  What must hold between columns is a constraint of the database."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class RestrictionRow(SQLModel, table=True):
    """A dated rule on a person or a pair.  ``applied_at``: when it stopped what it forbids."""

    __tablename__ = "restriction"
    __table_args__ = (
        CheckConstraint("kind IN ('no_contact', 'apart', 'suspended')", name="kind"),
        CheckConstraint("other_id IS NULL OR person_id <> other_id", name="two_people"),
        CheckConstraint("kind <> 'apart' OR other_id IS NOT NULL", name="apart_is_a_pair"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="order"),
        CheckConstraint(
            "kind <> 'suspended' OR ends_at IS NOT NULL OR order_id IS NOT NULL", name="urgent_stop_ends"
        ),
        CheckConstraint("lifted_by IS NULL OR lifted_by <> lift_asked_by", name="lifted_by_two"),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    kind: str
    person_id: str = Field(foreign_key="person.id")
    other_id: str | None = Field(default=None, foreign_key="person.id")
    source: str
    reason: str
    order_id: str | None = None
    starts_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ends_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    recorded_by: str
    applied_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    lift_asked_by: str | None = None
    lift_asked_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    lifted_by: str | None = None
