"""Series of visits; with each visit its wall time and the zone rules by which its instant was reckoned."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)
_VISIT = sa.table(
    "visit",
    sa.column("id", sa.String()),
    sa.column("state", sa.String()),
    sa.column("zone", sa.String()),
    sa.column("starts_at", _INSTANT),
    sa.column("wall_start", sa.String()),
)


def upgrade() -> None:
    with op.batch_alter_table("visit") as visit:
        for name in ("wall_start", "tzdata"):
            visit.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    _write_wall_times()
    with op.batch_alter_table("visit") as visit:
        for name in ("wall_start", "tzdata"):
            visit.alter_column(name, server_default=None, existing_type=sa.String(), existing_nullable=False)
    _series()
    _instances()


def _write_wall_times() -> None:
    """What the clock shows, by today's rules, for visits that are still to come."""
    connection = op.get_bind()
    ahead = sa.select(_VISIT).where(_VISIT.c.state.in_(("requested", "approved", "ready")))
    for row in connection.execute(ahead).all():
        wall = f"{row.starts_at.astimezone(ZoneInfo(row.zone)):%Y-%m-%dT%H:%M}"
        connection.execute(sa.update(_VISIT).where(_VISIT.c.id == row.id).values(wall_start=wall))


def _series() -> None:
    op.create_table(
        "series",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "case_id", "child_id")),
        sa.Column("caregiver_id", sa.String(), nullable=True),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("sharing", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("supervisor_id", "duty_id", "level")),
        sa.Column("minutes", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("zone", "clock")),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("follows_id", sa.String(), nullable=True),
        sa.CheckConstraint("last_on >= anchor_on", name=op.f("ck_series_ends_after_start")),
        sa.CheckConstraint("every_weeks >= 1", name=op.f("ck_series_every_weeks")),
        sa.CheckConstraint("minutes >= 1", name=op.f("ck_series_minutes")),
        _key("series", "case_id", "case"),
        _key("series", "child_id", "person"),
        _key("series", "caregiver_id", "person"),
        *(_key("series", name, "staff_account") for name in ("supervisor_id", "duty_id", "asked_by")),
        _key("series", "follows_id", "series"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_series_follows_id")),
    )
    for name in ("case_id", "child_id"):
        op.create_index(op.f(f"ix_series_{name}"), "series", [name], unique=False)


def _instances() -> None:
    table = "series_instance"
    op.create_table(
        table,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "series_id", "original", "wall")),
        sa.Column("starts_at", _INSTANT, nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("tzdata", "state")),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'booked') = (visit_id IS NOT NULL)", name=op.f(f"ck_{table}_booked_has_visit")
        ),
        _key(table, "series_id", "series"),
        _key(table, "visit_id", "visit"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("series_id", "original", name=op.f(f"uq_{table}_series_id_original")),
        sa.UniqueConstraint("visit_id", name=op.f(f"uq_{table}_visit_id")),
    )
    op.create_index(op.f(f"ix_{table}_state"), table, ["state"], unique=False)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
