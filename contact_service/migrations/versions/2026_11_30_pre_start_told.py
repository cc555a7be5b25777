"""A message keeps of which start it speaks: the visit may be moved before it leaves."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(
            sa.Column("start_told", contact_service.database.Instant(timezone=True), nullable=True)
        )
