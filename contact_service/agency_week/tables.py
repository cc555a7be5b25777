"""Rows of plans of a week: what was planned, how, and the visits of the draft.  No name stands in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class PlanRunRow(SQLModel, table=True):
    """One search for a plan.  ``instance`` is the week as canonical JSON, empty until it is built.

    ``seen_at`` is when whoever searches last said so; ``steps``, ``points`` and ``placed`` are the best so far.
    """

    __tablename__ = "plan_run"
    __table_args__ = (
        CheckConstraint("state IN ('building', 'searching', 'done', 'stopped', 'failed')", name="state"),
        CheckConstraint("kind IN ('plan', 'repair')", name="kind"),
    )

    id: str = Field(primary_key=True)
    agency: str
    kind: str
    week_on: date = Field(index=True)
    zone: str
    solver: str
    version: str
    seed: int
    step_limit: int | None = None
    seconds: int | None = None
    pins: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    failure: str = ""
    instance: str = ""
    digest: str = ""
    policy_version: int = 0
    steps: int = 0
    points: int = 0
    placed: int = 0
    wanted: int = 0
    score: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    plan: str = ""
    bound: float | None = None
    started_by: str
    started_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    stop_asked_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PlanRunVisitRow(SQLModel, table=True):
    """One visit of a plan, with its place or without one.

    ``id`` becomes the visit's own when somebody accepts it, so that it is booked once.  ``visit_id`` is the booked
    visit that would change.
    """

    __tablename__ = "plan_run_visit"
    __table_args__ = (
        CheckConstraint(
            "(starts_at IS NULL) = (supervisor_id IS NULL) AND (starts_at IS NULL) = (duty_id IS NULL)",
            name="placed",
        ),
        CheckConstraint("state IN ('draft', 'accepted', 'refused')", name="state"),
    )

    id: str = Field(primary_key=True)
    run_id: str = Field(foreign_key="plan_run.id", index=True)
    number: int
    key: str
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    wish: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    priority: str
    makes_up: bool
    starts_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    supervisor_id: str | None = Field(default=None, foreign_key="staff_account.id")
    duty_id: str | None = Field(default=None, foreign_key="staff_account.id")
    pinned: bool = False
    reasons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    opening: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    visit_id: str | None = Field(default=None, foreign_key="visit.id")
    state: str = "draft"
    refusal: list[str] = Field(sa_column=Column(JSON, nullable=False))
