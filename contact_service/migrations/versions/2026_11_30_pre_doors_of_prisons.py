"""By which channels a message failed for good; booking desks of establishments, and what these said to contact."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        for name in ("went_by", "failed_by"):
            outbox.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("outbox") as outbox:
        for name in ("went_by", "failed_by"):
            outbox.alter_column(name, existing_type=sa.String(), server_default=None)
    _desks()
    _clearances()


def _desks() -> None:
    with op.batch_alter_table("pool") as pool:
        pool.add_column(sa.Column("desk", sa.String(), nullable=False, server_default=""))
        pool.add_column(sa.Column("desk_at", _INSTANT, nullable=True))
    with op.batch_alter_table("pool") as pool:
        pool.alter_column("desk", existing_type=sa.String(), server_default=None)
        pool.create_check_constraint(op.f("ck_pool_desk_since"), "(desk = '') = (desk_at IS NULL)")


def _clearances() -> None:
    op.create_table(
        "clearance",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("answer IN ('none', 'granted', 'refused')", name=op.f("ck_clearance_answer")),
        sa.CheckConstraint(
            "(answer = 'none') = (answered_at IS NULL) AND (answer = 'none') = (answered_by IS NULL)",
            name=op.f("ck_clearance_answered"),
        ),
        sa.CheckConstraint("last_on IS NULL OR answer = 'granted'", name=op.f("ck_clearance_last_of_a_yes")),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_clearance_{column}_{to}"))
            for column, to in (("pool_id", "pool"), ("person_id", "person"), ("child_id", "person"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance")),
    )
    for column in ("person_id", "child_id"):
        op.create_index(op.f(f"ix_clearance_{column}"), "clearance", [column])
