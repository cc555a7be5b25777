"""Rooms and video links that several share, as resources of which a visit takes any that is free."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ONE_OF_THREE = (
    "(person_id IS NOT NULL AND account_id IS NULL AND pool_id IS NULL)"
    " OR (person_id IS NULL AND account_id IS NOT NULL AND pool_id IS NULL)"
    " OR (person_id IS NULL AND account_id IS NULL AND pool_id IS NOT NULL)"
)


def upgrade() -> None:
    op.create_table(
        "pool",
        *_recorded(),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.CheckConstraint("units >= 1 AND units <= 50", name=op.f("ck_pool_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    op.create_index(op.f("ix_pool_agency"), "pool", ["agency"])
    _when_open()
    op.create_table(
        "pool_link",
        *_recorded(),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "last_on IS NULL OR last_on >= first_on", name=op.f("ck_pool_link_last_after_first")
        ),
        _of("pool_link", "pool_id", "pool"),
        _of("pool_link", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_link")),
    )
    op.create_index(op.f("ix_pool_link_pool_id"), "pool_link", ["pool_id"])
    op.create_index(op.f("ix_pool_link_person_id"), "pool_link", ["person_id"])
    _units()


def _when_open() -> None:
    op.create_table(
        "pool_hours",
        *_recorded(),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "earliest >= 0 AND latest <= 1440 AND earliest < latest", name=op.f("ck_pool_hours_hours")
        ),
        _of("pool_hours", "pool_id", "pool"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_hours")),
    )
    op.create_index(op.f("ix_pool_hours_pool_id"), "pool_hours", ["pool_id"])
    op.create_table(
        "pool_closure",
        *_recorded(),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_pool_closure_last_after_first")),
        _of("pool_closure", "pool_id", "pool"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_closure")),
    )
    op.create_index(op.f("ix_pool_closure_pool_id"), "pool_closure", ["pool_id"])
    op.create_table(
        "pool_calendar",
        *_recorded(),
        sa.Column("pool_id", sa.String(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        _of("pool_calendar", "pool_id", "pool"),
        _of("pool_calendar", "calendar_id", "calendar"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_calendar")),
    )
    op.create_index(op.f("ix_pool_calendar_pool_id"), "pool_calendar", ["pool_id"])


def _units() -> None:
    """A resource may be one room or link of a pool.  SQLite makes the table anew for that."""
    with op.batch_alter_table("resource") as resource:
        resource.add_column(sa.Column("pool_id", sa.String(), nullable=True))
        resource.add_column(sa.Column("unit", sa.Integer(), nullable=False, server_default="0"))
        resource.add_column(sa.Column("in_service", sa.Boolean(), nullable=False, server_default=sa.true()))
        resource.drop_constraint(op.f("ck_resource_person_or_account"), type_="check")
        resource.create_foreign_key(op.f("fk_resource_pool_id_pool"), "pool", ["pool_id"], ["id"])
        resource.create_check_constraint(op.f("ck_resource_one_of_three"), _ONE_OF_THREE)
        resource.create_check_constraint(op.f("ck_resource_unit"), "(pool_id IS NULL) = (unit = 0)")
    with op.batch_alter_table("resource") as resource:
        resource.alter_column(
            "unit", server_default=None, existing_type=sa.Integer(), existing_nullable=False
        )
        resource.alter_column(
            "in_service", server_default=None, existing_type=sa.Boolean(), existing_nullable=False
        )
    op.create_index(op.f("ix_resource_pool_id"), "resource", ["pool_id"])


def _recorded() -> list[sa.Column[object]]:
    """Who wrote it down, and since when until when it counts."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
