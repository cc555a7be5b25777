"""Reminders: what makes a message one message, who has it in hand, jobs that beat, and their turns."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _outbox()
    _jobs()
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("booked_revision", sa.Integer(), nullable=False, server_default="0"))
    # Those that are booked now get their reminders from the next turn of the job that writes what is missing.
    op.execute("UPDATE visit SET booked_revision = revision WHERE state IN ('approved', 'ready')")
    with op.batch_alter_table("visit") as visit:
        visit.alter_column(
            "booked_revision", server_default=None, existing_type=sa.Integer(), existing_nullable=False
        )


def _outbox() -> None:
    numbers = ("visit_revision", "fence", "unknowns")
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("dedupe_key", sa.String(), nullable=True))
        outbox.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
        outbox.add_column(sa.Column("said_again_at", sa.DateTime(timezone=True), nullable=True))
        outbox.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        for name in numbers:
            outbox.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        outbox.drop_column("language")
        outbox.drop_index(op.f("ix_outbox_due_at"))
        outbox.drop_index(op.f("ix_outbox_state"))
    # Of those that wait nobody knows when they were made; they are due since then at the latest.
    op.execute("UPDATE outbox SET dedupe_key = id, made_at = due_at, leased_until = NULL")
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("dedupe_key", nullable=False, existing_type=sa.String())
        outbox.alter_column("made_at", nullable=False, existing_type=sa.DateTime(timezone=True))
        for name in numbers:
            outbox.alter_column(
                name, server_default=None, existing_type=sa.Integer(), existing_nullable=False
            )
        outbox.create_unique_constraint(op.f("uq_outbox_dedupe_key"), ["dedupe_key"])
        sending = "(state = 'sending') = (leased_until IS NOT NULL)"
        outbox.create_check_constraint(op.f("ck_outbox_sending"), sending)
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at"])


def _jobs() -> None:
    op.create_table(
        "job_heartbeat",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_heartbeat")),
    )
    op.create_table(
        "job_turn",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("job", "period", name=op.f("pk_job_turn")),
    )
