"""The photo by which the visit supervisor knows an adult, sealed under the adult's key."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "person_photo"
    op.create_table(
        table,
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f(f"pk_{table}")),
    )
