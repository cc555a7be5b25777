"""Who comes if they can: at which times of a choice they cannot, and to which series they come."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_TABLE = "left_out_then"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id", "place"],
            ["proposed_time.visit_id", "proposed_time.place"],
            name=op.f(f"fk_{_TABLE}_visit_id_place_proposed_time"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{_TABLE}_person_id_person")),
        sa.PrimaryKeyConstraint("visit_id", "place", "person_id", name=op.f(f"pk_{_TABLE}")),
    )
    with op.batch_alter_table("series") as series:
        series.add_column(sa.Column("optional", sa.JSON(), nullable=False, server_default="[]"))
        series.add_column(sa.Column("quorum", sa.Integer(), nullable=False, server_default="0"))
        series.create_check_constraint(op.f("ck_series_quorum"), "quorum >= 0")
    with op.batch_alter_table("series") as series:
        for name, kind in (("optional", sa.JSON()), ("quorum", sa.Integer())):
            series.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)
