"""Which channel a message went by, and by which ones it failed for good."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        for name in ("went_by", "failed_by"):
            outbox.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("outbox") as outbox:
        for name in ("went_by", "failed_by"):
            outbox.alter_column(name, existing_type=sa.String(), server_default=None)
