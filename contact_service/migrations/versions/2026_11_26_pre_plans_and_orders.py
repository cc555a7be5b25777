"""Plans that somebody approves, with terms per medium; court orders; quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HOURS = "earliest >= 0 AND latest <= 1440 AND earliest < latest"


def upgrade() -> None:
    _plans()
    _terms()
    _orders()
    _quiet_hours()


def _plans() -> None:
    """Plans of the first release stood as soon as they were recorded; nobody else decided on them."""
    with op.batch_alter_table("contact_plan") as plan:
        plan.add_column(sa.Column("state", sa.String(), nullable=True))
        plan.add_column(sa.Column("decided_by", sa.String(), nullable=True))
        plan.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE contact_plan SET state = 'approved', decided_at = recorded_at")
    with op.batch_alter_table("contact_plan") as plan:
        plan.alter_column("state", nullable=False, existing_type=sa.String())
        states = "state IN ('proposed', 'approved', 'declined')"
        plan.create_check_constraint(op.f("ck_contact_plan_state"), states)
        two = "decided_by IS NULL OR decided_by <> recorded_by"
        plan.create_check_constraint(op.f("ck_contact_plan_two_people"), two)
        decided = "(state = 'proposed') = (decided_at IS NULL)"
        plan.create_check_constraint(op.f("ck_contact_plan_decided"), decided)


def _terms() -> None:
    columns = sa.text("SELECT plan_id, person_id, level, length_minutes, risk FROM plan_person")
    old = op.get_bind().execute(columns).mappings().all()
    op.drop_table("plan_person")
    table = op.create_table(
        "plan_person",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("length_minutes", sa.Integer(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("per", sa.String(), nullable=True),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("gap_days", sa.Integer(), nullable=True),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("supervised_by", sa.String(), nullable=True),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.CheckConstraint("length_minutes BETWEEN 5 AND 180", name=op.f("ck_plan_person_length")),
        sa.CheckConstraint("risk IN ('low', 'standard', 'high')", name=op.f("ck_plan_person_risk")),
        sa.CheckConstraint("medium IN ('in_person', 'video', 'phone')", name=op.f("ck_plan_person_medium")),
        sa.CheckConstraint(
            "(per IS NULL AND least IS NULL AND most IS NULL AND gap_days IS NULL) OR per IS NOT NULL",
            name=op.f("ck_plan_person_frequency"),
        ),
        sa.CheckConstraint(_HOURS, name=op.f("ck_plan_person_hours")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["contact_plan.id"], name=op.f("fk_plan_person_plan_id_contact_plan")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_plan_person_person_id_person")),
        sa.ForeignKeyConstraint(
            ["supervised_by"], ["staff_account.id"], name=op.f("fk_plan_person_supervised_by_staff_account")
        ),
        sa.PrimaryKeyConstraint("plan_id", "person_id", "medium", name=op.f("pk_plan_person")),
    )
    every_day = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    new = {
        "medium": "video",
        "purpose": "keep_relationship",
        "days": every_day,
        "earliest": 0,
        "latest": 1440,
    }
    op.bulk_insert(table, [dict(row) | new | {"steps": []} for row in old])


def _orders() -> None:
    op.create_table(
        "court_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('in_force', 'varied', 'discharged')", name=op.f("ck_court_order_status")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_court_order_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_court_order_case_id_case")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_court_order_child_id_person")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_court_order")),
    )
    op.create_index(op.f("ix_court_order_case_id"), "court_order", ["case_id"])
    op.create_index(op.f("ix_court_order_child_id"), "court_order", ["child_id"])


def _quiet_hours() -> None:
    op.create_table(
        "quiet_hours",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_HOURS, name=op.f("ck_quiet_hours_hours")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_quiet_hours_child_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet_hours")),
    )
    op.create_index(op.f("ix_quiet_hours_child_id"), "quiet_hours", ["child_id"])
