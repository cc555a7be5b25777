"""The agency's single sign-on, and when whoever sits at a session last showed that it is they."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agency_question",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_question")),
    )
    op.create_table(
        "staff_link",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("allowed_until", _INSTANT, nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_link_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_staff_link_issuer_subject")),
    )
    op.create_table(
        "logout_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_token")),
    )
    op.add_column("staff_session", sa.Column("proved_by", sa.String(), nullable=True))
    op.add_column("staff_session", sa.Column("proved_at", _INSTANT, nullable=True))
    op.add_column("staff_session", sa.Column("provider_session", sa.String(), nullable=True))
