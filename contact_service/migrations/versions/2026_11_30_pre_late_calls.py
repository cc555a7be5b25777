"""Whom the visit supervisor rang because a side of a visit had not come, and what came of it; agreed questions."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "late_call"
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=True),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("rung_by", sa.String(), nullable=False),
        sa.Column("rung_at", _INSTANT, nullable=False),
        sa.CheckConstraint("(participant_id IS NULL) = (rung = 'duty')", name=op.f(f"ck_{table}_whom")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f(f"fk_{table}_visit_id_visit")),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["visit_participant.id"],
            name=op.f(f"fk_{table}_participant_id_visit_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_visit_id"), table, ["visit_id"])
    table = "agreed_question"
    op.create_table(
        table,
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f(f"pk_{table}")),
    )
