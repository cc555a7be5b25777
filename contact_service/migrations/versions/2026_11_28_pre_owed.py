"""What each side says of a visit that did not take place; whether a lost visit is still owed."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table("side_reason", said=sa.Column("reason", sa.String(), nullable=False), by="recorded")
    _table("owed_decision", said=sa.Column("owed", sa.Boolean(), nullable=False), by="decided")


def _table(name: str, *, said: "sa.Column[object]", by: str) -> None:
    reason = [] if said.name == "reason" else [sa.Column("reason", sa.String(), nullable=False)]
    op.create_table(
        name,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        said,
        *reason,
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column(f"{by}_by", sa.String(), nullable=False),
        sa.Column(f"{by}_at", contact_service.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f(f"fk_{name}_visit_id_visit")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f(f"fk_{name}_child_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(
            "visit_id",
            "child_id",
            "person_id",
            "number",
            name=op.f(f"uq_{name}_visit_id_child_id_person_id_number"),
        ),
    )
    op.create_index(op.f(f"ix_{name}_child_id"), name, ["child_id"], unique=False)
