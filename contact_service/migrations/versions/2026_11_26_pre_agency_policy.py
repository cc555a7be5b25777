"""The agency's policy as a document that two people make; the risk in a plan; when a visit was asked for."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    columns = sa.text("SELECT agency, version, limits, published_at FROM agency_policy")
    old = op.get_bind().execute(columns.columns(published_at=instant))
    rows = [_converted(*row) for row in old]
    op.drop_table("agency_policy")
    table = op.create_table(
        "agency_policy",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'published', 'declined')", name=op.f("ck_agency_policy_state")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_agency_policy_two_people")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_agency_policy_decided")
        ),
        sa.PrimaryKeyConstraint("agency", "version", name=op.f("pk_agency_policy")),
    )
    op.bulk_insert(table, rows)
    op.create_index(
        "uq_agency_policy_follows",
        "agency_policy",
        ["agency", "based_on"],
        unique=True,
        postgresql_where=sa.text("state = 'published'"),
        sqlite_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "policy_acceptance",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_policy_acceptance_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("agency", "version", "act", "account_id", name=op.f("pk_policy_acceptance")),
    )
    with op.batch_alter_table("plan_person") as plan_person:
        plan_person.add_column(sa.Column("risk", sa.String(), nullable=False, server_default="standard"))
        plan_person.create_check_constraint(
            op.f("ck_plan_person_risk"), "risk IN ('low', 'standard', 'high')"
        )
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True))
    # Nothing tells when an older visit was asked for but its evidence; its start is the latest it can have been.
    op.execute("UPDATE visit SET requested_at = starts_at")
    with op.batch_alter_table("visit") as visit:
        visit.alter_column("requested_at", nullable=False, existing_type=sa.DateTime(timezone=True))


def _converted(agency: str, version: int, limits: object, published_at: object) -> dict[str, object]:
    """A policy of the first kind, which was limits in seconds, as a document; what it lacks has the defaults."""
    seconds = json.loads(limits) if isinstance(limits, str) else dict(limits)  # type: ignore[call-overload]
    spans = {name: f"{value} s" for name, value in seconds.items()}
    lines = ["format: 1", "title: As first released", "limits:"]
    return {
        "agency": agency,
        "version": version,
        "based_on": version - 1,
        "state": "published",
        "text": "\n".join(lines + [f"  {name}: {span}" for name, span in spans.items()]) + "\n",
        "document": json.dumps({"format": 1, "title": "As first released", "limits": spans}),
        "proposed_by": "command-line",
        "proposed_at": published_at,
        "decided_at": published_at,
    }
