"""Further children who share a visit, each with a case, a plan, texts and a record of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharing_child",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("caregiver_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("child_id <> caregiver_id", name=op.f("ck_sharing_child_two_people")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_sharing_child_visit_id_visit")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_sharing_child_child_id_person")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_sharing_child_case_id_case")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["contact_plan.id"], name=op.f("fk_sharing_child_plan_id_contact_plan")
        ),
        sa.ForeignKeyConstraint(
            ["caregiver_id"], ["person.id"], name=op.f("fk_sharing_child_caregiver_id_person")
        ),
        sa.PrimaryKeyConstraint("visit_id", "child_id", name=op.f("pk_sharing_child")),
    )
    op.create_index(op.f("ix_sharing_child_child_id"), "sharing_child", ["child_id"])
    op.create_index(op.f("ix_sharing_child_case_id"), "sharing_child", ["case_id"])
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("caregiver_id", sa.String(), nullable=True))
        visit.create_foreign_key(op.f("fk_visit_caregiver_id_person"), "person", ["caregiver_id"], ["id"])
    _name_the_carers()
    _name_the_child("visit_note")
    _name_the_child("visit_record")
    with op.batch_alter_table("visit_record") as record:
        record.drop_constraint(op.f("pk_visit_record"), type_="primary")
        record.create_primary_key(op.f("pk_visit_record"), ["visit_id", "child_id"])


def _name_the_carers() -> None:
    """Every visit so far has one child, and the carer among its participants starts it for them."""
    visit = sa.table("visit", sa.column("id"), sa.column("caregiver_id"))
    there = sa.table("visit_participant", sa.column("visit_id"), sa.column("person_id"), sa.column("role"))
    carer = sa.select(sa.func.min(there.c.person_id)).where(
        there.c.visit_id == visit.c.id, there.c.role == "caregiver"
    )
    op.execute(visit.update().values(caregiver_id=carer.scalar_subquery()))


def _name_the_child(table: str) -> None:
    """Every text so far is about the one child of its visit."""
    with op.batch_alter_table(table) as texts:
        texts.add_column(sa.Column("child_id", sa.String(), nullable=True))
        texts.create_foreign_key(op.f(f"fk_{table}_child_id_person"), "person", ["child_id"], ["id"])
    text = sa.table(table, sa.column("visit_id"), sa.column("child_id"))
    visit = sa.table("visit", sa.column("id"), sa.column("child_id"))
    child = sa.select(visit.c.child_id).where(visit.c.id == text.c.visit_id)
    op.execute(text.update().values(child_id=child.scalar_subquery()))
    with op.batch_alter_table(table) as texts:
        texts.alter_column("child_id", existing_type=sa.String(), nullable=False)
