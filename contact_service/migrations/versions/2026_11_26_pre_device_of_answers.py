"""On which device an answer was given, and which device was last let to the waiting room."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("invitation_id", sa.String(), nullable=True))
    op.add_column("visit_participant", sa.Column("invitation_id", sa.String(), nullable=True))
