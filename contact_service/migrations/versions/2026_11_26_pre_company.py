"""Who else is in the room with somebody, as they said themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit_participant") as participant:
        participant.add_column(sa.Column("company", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("visit_participant") as participant:
        participant.alter_column(
            "company", server_default=None, existing_type=sa.String(), existing_nullable=False
        )
