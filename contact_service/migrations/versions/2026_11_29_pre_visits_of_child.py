"""Find a child's visits of some days without reading all that the child ever had."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visit_child_id_starts_at", "visit", ["child_id", "starts_at"])
