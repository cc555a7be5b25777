"""Who of those who come if they can could not at one of the times among which a family chooses."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0043"
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
