"""Calendars that many share, the busy times of people's own calendars, and the hours of families."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar",
        *_recorded(),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.CheckConstraint("effect IN ('no_visits', 'no_school')", name=op.f("ck_calendar_effect")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
    )
    op.create_index(op.f("ix_calendar_agency"), "calendar", ["agency"])
    op.create_table(
        "calendar_entry",
        *_recorded(),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_calendar_entry_last_after_first")),
        sa.CheckConstraint(
            "earliest >= 0 AND latest <= 1440 AND earliest < latest", name=op.f("ck_calendar_entry_hours")
        ),
        _of("calendar_entry", "calendar_id", "calendar"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
    )
    op.create_index(op.f("ix_calendar_entry_calendar_id"), "calendar_entry", ["calendar_id"])
    op.create_table(
        "calendar_link",
        *_recorded(),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        _of("calendar_link", "calendar_id", "calendar"),
        _of("calendar_link", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_link")),
    )
    op.create_index(op.f("ix_calendar_link_calendar_id"), "calendar_link", ["calendar_id"])
    op.create_index(op.f("ix_calendar_link_person_id"), "calendar_link", ["person_id"])
    _busy_times()
    _family_hours()


def _busy_times() -> None:
    op.create_table(
        "busy_calendar",
        *_recorded(),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        _of("busy_calendar", "account_id", "staff_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_calendar")),
    )
    op.create_index(op.f("ix_busy_calendar_account_id"), "busy_calendar", ["account_id"])
    op.create_table(
        "busy_time",
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_time_ends_after_start")),
        _of("busy_time", "calendar_id", "busy_calendar"),
        sa.PrimaryKeyConstraint("calendar_id", "starts_at", name=op.f("pk_busy_time")),
    )


def _family_hours() -> None:
    op.create_table(
        "family_hours",
        *_recorded(),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "earliest >= 0 AND latest <= 1440 AND earliest < latest", name=op.f("ck_family_hours_hours")
        ),
        _of("family_hours", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_hours")),
    )
    op.create_index(op.f("ix_family_hours_person_id"), "family_hours", ["person_id"])
    op.create_table(
        "family_absence",
        *_recorded(),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_family_absence_last_after_first")),
        _of("family_absence", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_absence")),
    )
    op.create_index(op.f("ix_family_absence_person_id"), "family_absence", ["person_id"])


def _recorded() -> list[sa.Column[object]]:
    """Who wrote it down, and since when until when it counts."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
