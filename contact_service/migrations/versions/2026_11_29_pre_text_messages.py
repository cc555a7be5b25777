"""How a message left, and when its provider is asked what became of it."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("medium", sa.String(), nullable=False, server_default=""))
        outbox.add_column(sa.Column("receipt", sa.String(), nullable=False, server_default=""))
        outbox.add_column(sa.Column("ask_at", _INSTANT, nullable=True))
        outbox.add_column(sa.Column("delivered_at", _INSTANT, nullable=True))
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("medium", existing_type=sa.String(), server_default=None)
        outbox.alter_column("receipt", existing_type=sa.String(), server_default=None)
    op.create_index(op.f("ix_outbox_ask_at"), "outbox", ["ask_at"])
    op.execute("UPDATE outbox SET medium = 'email' WHERE sent_at IS NOT NULL")
