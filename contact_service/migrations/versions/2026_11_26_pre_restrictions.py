"""Restrictions on one person, with start, end, reason and order, lifted by two; what a stop has stopped; notices."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _restrictions()
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("stopped_by", sa.String(), nullable=True))
        visit.create_foreign_key(
            op.f("fk_visit_stopped_by_restriction"), "restriction", ["stopped_by"], ["id"]
        )
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("visit_id", nullable=True, existing_type=sa.String())
        outbox.add_column(sa.Column("restriction_id", sa.String(), nullable=True))
        about = "(visit_id IS NULL) <> (restriction_id IS NULL)"
        outbox.create_check_constraint(op.f("ck_outbox_about_one_thing"), about)


def _restrictions() -> None:
    with op.batch_alter_table("restriction") as restriction:
        restriction.alter_column("other_id", nullable=True, existing_type=sa.String())
        restriction.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        restriction.add_column(sa.Column("order_id", sa.String(), nullable=True))
        restriction.add_column(sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True))
        restriction.add_column(sa.Column("lift_asked_by", sa.String(), nullable=True))
        restriction.add_column(sa.Column("lift_asked_at", sa.DateTime(timezone=True), nullable=True))
        restriction.add_column(sa.Column("lifted_by", sa.String(), nullable=True))
        restriction.drop_constraint(op.f("ck_restriction_kind"), type_="check")
        restriction.drop_constraint(op.f("ck_restriction_two_people"), type_="check")
    # Those of the first release stopped what they forbade when they were recorded.
    op.execute("UPDATE restriction SET applied_at = starts_at")
    with op.batch_alter_table("restriction") as restriction:
        restriction.alter_column(
            "reason", server_default=None, existing_type=sa.String(), existing_nullable=False
        )
        for name, rule in (
            ("kind", "kind IN ('no_contact', 'apart', 'suspended')"),
            ("two_people", "other_id IS NULL OR person_id <> other_id"),
            ("apart_is_a_pair", "kind <> 'apart' OR other_id IS NOT NULL"),
            ("urgent_stop_ends", "kind <> 'suspended' OR ends_at IS NOT NULL OR order_id IS NOT NULL"),
            ("lifted_by_two", "lifted_by IS NULL OR lifted_by <> lift_asked_by"),
        ):
            restriction.create_check_constraint(op.f(f"ck_restriction_{name}"), rule)
