"""Who comes to a booked visit if they can, and who could not; busy times that were known when it was booked."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0031"
down_revision = "0033"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    op.add_column("visit", sa.Column("quorum", sa.Integer(), nullable=False, server_default="0"))
    table = "may_come"
    op.create_table(
        table,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("visit_id", "person_id")),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("caregiver_id", sa.String(), nullable=True),
        sa.CheckConstraint(
            "left_out OR caregiver_id IS NULL", name=op.f(f"ck_{table}_brought_when_left_out")
        ),
        _key(table, "visit_id", "visit"),
        _key(table, "person_id", "person"),
        _key(table, "caregiver_id", "person"),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name=op.f(f"pk_{table}")),
    )
    table = "known_busy"
    op.create_table(
        table,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("visit_id", "person_id")),
        *(sa.Column(name, _INSTANT, nullable=False) for name in ("since_at", "until_at")),
        sa.CheckConstraint("until_at > since_at", name=op.f(f"ck_{table}_until_after_since")),
        _key(table, "visit_id", "visit"),
        _key(table, "person_id", "person"),
        sa.PrimaryKeyConstraint("visit_id", "person_id", "since_at", "until_at", name=op.f(f"pk_{table}")),
    )


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
