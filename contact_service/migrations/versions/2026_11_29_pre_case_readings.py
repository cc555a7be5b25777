"""Which readings stand in the access log already."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_reading",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("hour", contact_service.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_reading_case_id_case")),
        sa.PrimaryKeyConstraint("reader", "case_id", "part", "hour", name=op.f("pk_case_reading")),
    )
