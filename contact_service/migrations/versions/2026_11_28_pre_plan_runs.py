"""Plans of a week: how each was made, and the visits of its draft."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_run",
        *_texts("id", "agency", "kind"),
        sa.Column("week_on", sa.Date(), nullable=False),
        *_texts("zone", "solver", "version"),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("step_limit", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("pins", sa.JSON(), nullable=False),
        *_texts("state", "failure", "instance", "digest"),
        *_numbers("policy_version", "steps", "points", "placed", "wanted"),
        sa.Column("score", sa.JSON(), nullable=False),
        *_texts("plan"),
        sa.Column("bound", sa.Float(), nullable=True),
        *_texts("started_by"),
        _instant("started_at", nullable=False),
        _instant("seen_at", nullable=False),
        _instant("ended_at", nullable=True),
        _instant("stop_asked_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('building', 'searching', 'done', 'stopped', 'failed')", name=op.f("ck_plan_run_state")
        ),
        sa.CheckConstraint("kind IN ('plan', 'repair')", name=op.f("ck_plan_run_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_run")),
    )
    op.create_index(op.f("ix_plan_run_week_on"), "plan_run", ["week_on"], unique=False)
    _visits()


def _visits() -> None:
    table = "plan_run_visit"
    keys = (
        ("run_id", "plan_run"),
        ("case_id", "case"),
        ("child_id", "person"),
        ("supervisor_id", "staff_account"),
        ("duty_id", "staff_account"),
        ("visit_id", "visit"),
    )
    op.create_table(
        table,
        *_texts("id", "run_id"),
        *_numbers("number"),
        *_texts("key", "case_id", "child_id"),
        sa.Column("wish", sa.JSON(), nullable=False),
        *_texts("priority"),
        sa.Column("makes_up", sa.Boolean(), nullable=False),
        _instant("starts_at", nullable=True),
        sa.Column("supervisor_id", sa.String(), nullable=True),
        sa.Column("duty_id", sa.String(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("opening", sa.JSON(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        *_texts("state"),
        sa.Column("refusal", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(starts_at IS NULL) = (supervisor_id IS NULL) AND (starts_at IS NULL) = (duty_id IS NULL)",
            name=op.f("ck_plan_run_visit_placed"),
        ),
        sa.CheckConstraint("state IN ('draft', 'accepted', 'refused')", name=op.f("ck_plan_run_visit_state")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in keys
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("run_id", "case_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _texts(*names: str) -> list["sa.Column[object]"]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _numbers(*names: str) -> list["sa.Column[object]"]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _instant(name: str, *, nullable: bool) -> "sa.Column[object]":
    return sa.Column(name, contact_service.database.Instant(timezone=True), nullable=nullable)
