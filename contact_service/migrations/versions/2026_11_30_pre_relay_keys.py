"""An agency that is added may bring the public key of its relay: then nothing needs a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agency", sa.Column("relay_key", sa.String(), nullable=False, server_default=""))
