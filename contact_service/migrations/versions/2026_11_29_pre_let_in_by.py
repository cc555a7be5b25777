"""Which session let a device into a room."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for devices that are in a room now: any session of their owner that runs out puts them out.
    op.add_column("staff_session", sa.Column("ticket_for", sa.String(), nullable=True))
    op.add_column("visit_participant", sa.Column("let_in_by", sa.String(), nullable=True))
