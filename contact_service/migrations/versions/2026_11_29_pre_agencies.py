"""Which agencies there are; the wall between their rows is raised after every migration (``wall``)."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "agency"
    op.create_table(
        table,
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("public_url", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("help_name", sa.String(), nullable=False),
        sa.Column("help_phone", sa.String(), nullable=False),
        sa.Column("relay", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("host", name=op.f(f"uq_{table}_host")),
    )
