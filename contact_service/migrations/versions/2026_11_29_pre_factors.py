"""What proves who signs in beside a password; how somebody signed in; letters about an account."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    op.add_column("staff_session", sa.Column("handle", sa.String(), nullable=False, server_default=""))
    # Whoever is signed in while this runs can be signed out by hand too; the id is a hash, of which half opens nothing.
    op.execute("UPDATE staff_session SET handle = substr(id, 1, 32)")
    op.add_column(
        "staff_session",
        sa.Column("authentication", sa.String(), nullable=False, server_default="password"),
    )
    op.create_table(
        "staff_app",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shown_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        _account("staff_app"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_app")),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        _account("staff_recovery_code"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_staff_recovery_code")),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        _account("staff_passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkey")),
        sa.UniqueConstraint("credential", name=op.f("uq_staff_passkey_credential")),
    )
    for table in ("staff_recovery_code", "staff_passkey"):
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    _half_done()
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("ck_outbox_about_one_thing"), type_="check")
        outbox.create_check_constraint(op.f("ck_outbox_about_one_thing"), _ABOUT_ONE_THING)


_ABOUT_ONE_THING = (
    "(visit_id IS NOT NULL AND restriction_id IS NULL AND offer_id IS NULL)"
    " OR (visit_id IS NULL AND restriction_id IS NOT NULL AND offer_id IS NULL)"
    " OR (visit_id IS NULL AND restriction_id IS NULL AND offer_id IS NOT NULL)"
    " OR (visit_id IS NULL AND restriction_id IS NULL AND offer_id IS NULL AND account_id IS NOT NULL)"
)


def _half_done() -> None:
    op.create_table(
        "half_sign_in",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _account("half_sign_in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_sign_in")),
    )
    op.create_table(
        "passkey_challenge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenge")),
    )


def _account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_staff_account")
    return sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=name)
