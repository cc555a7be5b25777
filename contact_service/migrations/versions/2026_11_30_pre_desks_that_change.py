"""When the address of a booking desk took the place of another, or of one that was taken away."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pool") as pool:
        pool.add_column(
            sa.Column("desk_changed_at", contact_service.database.Instant(timezone=True), nullable=True)
        )
