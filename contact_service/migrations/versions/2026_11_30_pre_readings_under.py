"""A reading stands apart by what it was read under: a stated purpose, an emergency access, or neither."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_reading") as reading:
        reading.add_column(sa.Column("under", sa.String(), nullable=False, server_default=""))
        reading.drop_constraint("pk_case_reading", type_="primary")
        reading.create_primary_key("pk_case_reading", ["reader", "case_id", "part", "hour", "under"])
    with op.batch_alter_table("case_reading") as reading:
        reading.alter_column("under", server_default=None)
