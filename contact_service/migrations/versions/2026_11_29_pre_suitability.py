"""Trainings of staff, women and men among them, conflicts of interest; what a plan asks of its visit supervisors."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_gender",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.CheckConstraint("gender IN ('woman', 'man')", name=op.f("ck_staff_gender_gender")),
        _account("staff_gender"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_gender")),
    )
    op.create_table(
        "staff_training",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        _account("staff_training"),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_staff_training")),
    )
    _add_conflicts()
    with op.batch_alter_table("plan_person") as terms:
        # Plans so far ask nothing of those who watch.
        terms.add_column(sa.Column("trainings", sa.JSON(), nullable=False, server_default="[]"))
        terms.add_column(sa.Column("supervisor_gender", sa.String(), nullable=True))
        terms.add_column(sa.Column("gender_reason", sa.String(), nullable=True))
        terms.create_check_constraint(
            op.f("ck_plan_person_gender_with_reason"),
            "(supervisor_gender IS NULL) = (gender_reason IS NULL)",
        )
    with op.batch_alter_table("plan_person") as terms:
        terms.alter_column("trainings", existing_type=sa.JSON(), existing_nullable=False, server_default=None)


def _add_conflicts() -> None:
    op.create_table(
        "staff_conflict",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('kin', 'friend', 'former_client', 'other')", name=op.f("ck_staff_conflict_kind")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_staff_conflict_ended")),
        _account("staff_conflict"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_staff_conflict_case_id_case")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_staff_conflict_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_conflict")),
    )
    for column in ("account_id", "case_id", "person_id"):
        op.create_index(op.f(f"ix_staff_conflict_{column}"), "staff_conflict", [column])


def _account(table: str) -> sa.Constraint:
    name = op.f(f"fk_{table}_account_id_staff_account")
    return sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=name)
