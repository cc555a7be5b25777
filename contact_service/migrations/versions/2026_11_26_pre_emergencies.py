"""Visits that rest on an emergency or that the policy approved by itself, and who may not do what was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit") as visit:
        for name in ("automatic", "emergency_reason"):
            visit.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        visit.add_column(sa.Column("emergency_until", sa.DateTime(timezone=True), nullable=True))
        visit.create_check_constraint(
            op.f("ck_visit_emergency"), "(emergency_until IS NULL) = (emergency_reason = '')"
        )
        visit.create_check_constraint(
            op.f("ck_visit_automatic_alone"),
            "automatic = '' OR (approved_by IS NULL AND emergency_until IS NULL)",
        )
    with op.batch_alter_table("follow_up") as follow_up:
        follow_up.add_column(sa.Column("not_by", sa.JSON(), nullable=False, server_default="[]"))
    _without_defaults()


def _without_defaults() -> None:
    """What was there before is filled; from now on whoever writes a row says what stands in it."""
    with op.batch_alter_table("visit") as visit:
        for name in ("automatic", "emergency_reason"):
            visit.alter_column(name, server_default=None, existing_type=sa.String(), existing_nullable=False)
    with op.batch_alter_table("follow_up") as follow_up:
        follow_up.alter_column(
            "not_by", server_default=None, existing_type=sa.JSON(), existing_nullable=False
        )
