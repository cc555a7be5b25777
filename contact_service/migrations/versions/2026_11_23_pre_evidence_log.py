"""Keys and the evidence log: their tables, and triggers that refuse change and deletion of what was written."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_entry", "audit_checkpoint")
WORDS = "the evidence log is append-only"


def upgrade() -> None:
    _create_key_tables()
    _create_log_tables()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    for table in ("audit_checkpoint", "audit_entry", "audit_head", "person_key", "case_key", "agency_root"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_append_only")


def _create_key_tables() -> None:
    op.create_table(
        "agency_root",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("provider_key_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.PrimaryKeyConstraint("agency", "version"),
    )
    op.create_table(
        "case_key",
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("case_ref", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("last_leaf", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("epoch >= 1 AND root_version >= 1 AND entries >= 0", name="counts"),
        sa.CheckConstraint("(entries = 0) = (last_leaf IS NULL)", name="chain"),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("agency", "log", "case_ref", "epoch"),
    )
    op.create_table(
        "person_key",
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("epoch >= 1 AND root_version >= 1", name="counts"),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("agency", "person", "epoch"),
    )


def _create_log_tables() -> None:
    op.create_table(
        "audit_head",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("subtrees", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size >= 0", name="size"),
        sa.PrimaryKeyConstraint("log"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name="idx"),
        sa.PrimaryKeyConstraint("log", "idx"),
        sa.UniqueConstraint("entry_id"),
    )
    op.create_index(op.f("ix_audit_entry_key_id"), "audit_entry", ["key_id"])
    op.create_table(
        "audit_checkpoint",
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size >= 0", name="size"),
        sa.PrimaryKeyConstraint("log", "size"),
    )


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("update", "delete"):
            name = f"{table}_no_{act}"
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
    )
    for table in APPEND_ONLY:
        guard = "EXECUTE FUNCTION audit_append_only()"
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {guard}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {guard}"
        )
