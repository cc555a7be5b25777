"""Who interprets at one of several times and in an offer of freed time; calendars of family members and carers."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("proposed_time", "waiting_offer"):
        with op.batch_alter_table(table) as times:
            times.add_column(sa.Column("interpreter_id", sa.String(), nullable=True))
            times.create_foreign_key(
                op.f(f"fk_{table}_interpreter_id_person"), "person", ["interpreter_id"], ["id"]
            )
    with op.batch_alter_table("busy_calendar") as calendar:
        calendar.alter_column("account_id", existing_type=sa.String(), nullable=True)
        calendar.add_column(sa.Column("person_id", sa.String(), nullable=True))
        calendar.create_foreign_key(
            op.f("fk_busy_calendar_person_id_person"), "person", ["person_id"], ["id"]
        )
        calendar.create_check_constraint(
            op.f("ck_busy_calendar_one_owner"), "(account_id IS NULL) <> (person_id IS NULL)"
        )
    op.create_index(op.f("ix_busy_calendar_person_id"), "busy_calendar", ["person_id"])
