"""An agency that is added may bring the public key of its relay; who is asked anew at the single sign-on, and where."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agency", sa.Column("relay_key", sa.String(), nullable=False, server_default=""))
    op.add_column("agency_question", sa.Column("session_id", sa.String(), nullable=True))
