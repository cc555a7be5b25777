"""Codes for a new password and for the first run; who was put out of a room; who answers for the data."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff_password_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["staff_account.id"],
            name=op.f("fk_staff_password_code_account_id_staff_account"),
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_staff_password_code")),
        sa.UniqueConstraint("account_id", name=op.f("uq_staff_password_code_account_id")),
    )
    op.add_column("visit_participant", sa.Column("put_out_at", _INSTANT, nullable=True))
    op.add_column("staff_session", sa.Column("ticket_at", _INSTANT, nullable=True))
    op.create_table(
        "first_run_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_first_run_code")),
    )
    # Empty also where people are already: their visits go on, and nobody new is entered before it is written down.
    op.create_table(
        "data_statement",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("controller", sa.String(), nullable=False),
        sa.Column("legal_bases", sa.String(), nullable=False),
        sa.Column("processors", sa.String(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("agency", "version", name=op.f("pk_data_statement")),
    )
