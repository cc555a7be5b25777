"""Consents by language and age band, assent and notices apart, provisional and witnessed answers; follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _plan_basis()
    _texts()
    _answers()
    _confirmations()
    _follow_ups()


def _plan_basis() -> None:
    with op.batch_alter_table("contact_plan") as plan:
        plan.add_column(sa.Column("basis", sa.String(), nullable=False, server_default="agreement"))
        plan.create_check_constraint(
            op.f("ck_contact_plan_basis"), "basis IN ('agreement', 'authority_plan')"
        )
    with op.batch_alter_table("contact_plan") as plan:
        plan.alter_column("basis", server_default=None, existing_type=sa.String(), existing_nullable=False)


def _texts() -> None:
    instant = sa.DateTime(timezone=True)
    columns = sa.text("SELECT agency, purpose, version, language, words, published_at FROM consent_text")
    old = op.get_bind().execute(columns.columns(published_at=instant)).mappings().all()
    op.drop_table("consent_text")
    table = op.create_table(
        "consent_text",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency", "purpose", "version", "language", "band", name=op.f("pk_consent_text")
        ),
    )
    op.bulk_insert(table, [dict(row) | {"band": "adult"} for row in old])


def _answers() -> None:
    """Answers of the first release were adults' consents; those behind a link had been looked at on admission."""
    op.drop_index(op.f("ix_consent_number"), table_name="consent")
    with op.batch_alter_table("consent") as consent:
        consent.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="consent"))
        consent.add_column(sa.Column("band", sa.String(), nullable=False, server_default="adult"))
        consent.add_column(sa.Column("holder", sa.String(), nullable=True))
        consent.add_column(sa.Column("witness_id", sa.String(), nullable=True))
        consent.add_column(sa.Column("unseen", sa.Boolean(), nullable=False, server_default=sa.false()))
        consent.add_column(sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false()))
        consent.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        kinds = "kind IN ('consent', 'assent', 'notice')"
        consent.create_check_constraint(op.f("ck_consent_kind"), kinds)
        witnessed = "(method = 'spoken') = (witness_id IS NOT NULL)"
        consent.create_check_constraint(op.f("ck_consent_witnessed"), witnessed)
        consent.create_foreign_key(
            op.f("fk_consent_witness_id_staff_account"), "staff_account", ["witness_id"], ["id"]
        )
        consent.create_unique_constraint(op.f("uq_consent_person_id_number"), ["person_id", "number"])
    with op.batch_alter_table("consent") as consent:
        for name, kind in (
            ("kind", sa.String()),
            ("band", sa.String()),
            ("unseen", sa.Boolean()),
            ("provisional", sa.Boolean()),
            ("reason", sa.String()),
        ):
            consent.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)


def _confirmations() -> None:
    op.create_table(
        "consent_confirmation",
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("identity_method", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_consent_confirmation_consent_id_consent")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_consent_confirmation_visit_id_visit")
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent_confirmation")),
    )
    op.create_index(op.f("ix_consent_confirmation_visit_id"), "consent_confirmation", ["visit_id"])


def _follow_ups() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("for_role", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_reason", sa.String(), nullable=False),
        sa.CheckConstraint("for_role IN ('worker', 'approver')", name=op.f("ck_follow_up_for_role")),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_follow_up_done")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_follow_up_case_id_case")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_up_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("about", name=op.f("uq_follow_up_about")),
    )
    op.create_index(op.f("ix_follow_up_case_id"), "follow_up", ["case_id"])
