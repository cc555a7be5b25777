"""When members of staff work, and when they are away."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_hours",
        *_about(),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "earliest >= 0 AND latest <= 1440 AND earliest < latest", name=op.f("ck_working_hours_hours")
        ),
        *_keys("working_hours"),
    )
    op.create_index(op.f("ix_working_hours_account_id"), "working_hours", ["account_id"])
    op.create_table(
        "absence",
        *_about(),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_absence_last_after_first")),
        *_keys("absence"),
    )
    op.create_index(op.f("ix_absence_account_id"), "absence", ["account_id"])


def _about() -> list[sa.Column[object]]:
    """Whose entry it is, by which clock, and since when until when it counts."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    account = op.f(f"fk_{table}_account_id_staff_account")
    return [
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=account),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
