"""Short codes that are read out to somebody on the telephone."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    table = "link_code"
    op.create_table(
        table,
        sa.Column("invitation_id", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.Column("good_until", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f(f"fk_{table}_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["read_by"], ["staff_account.id"], name=op.f(f"fk_{table}_read_by_staff_account")
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("code_hash", name=op.f(f"uq_{table}_code_hash")),
    )
