"""When the visit supervisor talked alone with somebody who had been let in."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "talk_alone"
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= began_at", name=op.f(f"ck_{table}_ends_after_begin")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["visit_participant.id"],
            name=op.f(f"fk_{table}_participant_id_visit_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_participant_id"), table, ["participant_id"])
