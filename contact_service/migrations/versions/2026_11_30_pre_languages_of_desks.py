"""In which language a booking desk is written to; empty: in the first of the agency."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pool") as pool:
        pool.add_column(sa.Column("desk_language", sa.String(), nullable=False, server_default=""))
