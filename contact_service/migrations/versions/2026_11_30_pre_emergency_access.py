"""Cases that somebody opened in an emergency and who looked at it; why an auditor reads."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("finding_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("until > opened_at", name=op.f("ck_emergency_access_ends")),
        sa.CheckConstraint("reviewed_by <> account_id", name=op.f("ck_emergency_access_two_people")),
        sa.CheckConstraint(
            "(reviewed_by IS NULL) = (reviewed_at IS NULL) AND (reviewed_by IS NULL) = (finding IS NULL)",
            name=op.f("ck_emergency_access_reviewed"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_emergency_access_case_id_case")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["person.id"], name=op.f("fk_emergency_access_child_id_person")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["staff_account.id"], name=op.f(f"fk_emergency_access_{column}_staff_account")
            )
            for column in ("account_id", "reviewed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    for column in ("account_id", "case_id"):
        op.create_index(op.f(f"ix_emergency_access_{column}"), "emergency_access", [column])
    op.create_table(
        "reading_purpose",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_reading_purpose_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_purpose")),
    )
    for column in ("purpose", "purpose_id"):
        op.add_column("staff_session", sa.Column(column, sa.String(), nullable=True))
