"""When somebody was sent home kindly, so that a goodbye can be taken back for some minutes."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    op.add_column("visit_participant", sa.Column("goodbye_at", _INSTANT, nullable=True))
