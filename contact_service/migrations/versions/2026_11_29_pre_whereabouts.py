"""Where people are during a visit, for an emergency, and who opened it."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "whereabouts"
    op.create_table(
        table,
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["visit_participant.id"],
            name=op.f(f"fk_{table}_participant_id_visit_participant"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f(f"fk_{table}_child_id_person")),
        sa.PrimaryKeyConstraint("participant_id", name=op.f(f"pk_{table}")),
    )
    table = "emergency_opening"
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("explained_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f(f"fk_{table}_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_visit_id"), table, ["visit_id"])
