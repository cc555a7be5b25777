"""Letters that were printed for people whom no message reaches."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "letter"
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("printed_by", sa.String(), nullable=False),
        sa.Column("printed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f(f"fk_{table}_visit_id_visit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f(f"fk_{table}_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["printed_by"], ["staff_account.id"], name=op.f(f"fk_{table}_printed_by_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_visit_id"), table, ["visit_id"])


def downgrade() -> None:
    op.drop_table("letter")
