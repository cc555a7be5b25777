"""Who people are: channels, placements, rights to decide, approvals to meet a child, merges, languages of staff."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SHARED_DAYS = "two placements of one child share a day"
_SHARED = (
    "SELECT 1 FROM placement WHERE child_id = NEW.child_id AND id <> NEW.id"
    " AND (NEW.last_on IS NULL OR first_on <= NEW.last_on) AND (last_on IS NULL OR NEW.first_on <= last_on)"
)


def upgrade() -> None:
    _people()
    _approvals()
    _channels()
    _placements()
    _rights()
    _merges()
    op.create_table(
        "external_ref",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'person')", name=op.f("ck_external_ref_kind")),
        sa.PrimaryKeyConstraint("agency", "digest", name=op.f("pk_external_ref")),
    )
    op.create_table(
        "staff_language",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_language_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "tag", name=op.f("pk_staff_language")),
    )


def _people() -> None:
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("merged_into", sa.String(), nullable=True))
        person.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
        person.create_foreign_key(op.f("fk_person_merged_into_person"), "person", ["merged_into"], ["id"])
    with op.batch_alter_table("case_member") as member:
        member.drop_constraint(op.f("ck_case_member_role"), type_="check")
        roles = "role IN ('child', 'family_member', 'caregiver', 'professional')"
        member.create_check_constraint(op.f("ck_case_member_role"), roles)


def _approvals() -> None:
    """Whoever a child's plan in force names was put before a second person then, and is approved since."""
    table = op.create_table(
        "approved_person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("child_id <> person_id", name=op.f("ck_approved_person_two_people")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_approved_person_ended")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_approved_person_child_id_person")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_approved_person_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_person")),
    )
    op.create_index(op.f("ix_approved_person_child_id"), "approved_person", ["child_id"])
    op.create_index(op.f("ix_approved_person_person_id"), "approved_person", ["person_id"])
    op.create_index(
        "uq_approved_person_stands",
        "approved_person",
        ["child_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    named = sa.text(
        "SELECT plan.child_id, term.person_id, min(coalesce(plan.decided_by, plan.recorded_by))"
        " AS approved_by, min(plan.decided_at) AS approved_at FROM contact_plan plan"
        " JOIN plan_person term ON term.plan_id = plan.id"
        " WHERE plan.state = 'approved' AND plan.version = (SELECT max(newer.version) FROM contact_plan newer"
        " WHERE newer.child_id = plan.child_id AND newer.state = 'approved')"
        " AND term.person_id <> plan.child_id GROUP BY plan.child_id, term.person_id"
    ).columns(
        sa.column("child_id"),
        sa.column("person_id"),
        sa.column("approved_by"),
        sa.column("approved_at", sa.DateTime(timezone=True)),
    )
    rows = [dict(row) | {"id": secrets.token_hex(16)} for row in op.get_bind().execute(named).mappings()]
    op.bulk_insert(table, rows)


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_channel_kind")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_channel_confirmed")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_channel_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
    )
    op.create_index(op.f("ix_channel_person_id"), "channel", ["person_id"])
    op.create_index(op.f("ix_channel_digest"), "channel", ["digest"])


def _placements() -> None:
    op.create_table(
        "placement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("carer_id", sa.String(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_on IS NULL OR last_on >= first_on", name=op.f("ck_placement_order")),
        sa.CheckConstraint("child_id <> carer_id", name=op.f("ck_placement_two_people")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_placement_child_id_person")),
        sa.ForeignKeyConstraint(["carer_id"], ["person.id"], name=op.f("fk_placement_carer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(op.f("ix_placement_child_id"), "placement", ["child_id"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER placement_shared_days_{act.lower()} BEFORE {act} ON placement"
                f" WHEN EXISTS ({_SHARED}) BEGIN SELECT RAISE(ABORT, '{SHARED_DAYS}'); END"
            )
        return
    # The lock makes two transactions that place one child wait for each other; each then sees the other's row.
    op.execute(
        "CREATE FUNCTION placement_shared_days() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_advisory_xact_lock(hashtext('placement'), hashtext(NEW.child_id));"
        f" IF EXISTS ({_SHARED}) THEN RAISE EXCEPTION '{SHARED_DAYS}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER placement_shared_days BEFORE INSERT OR UPDATE ON placement"
        " FOR EACH ROW EXECUTE FUNCTION placement_shared_days()"
    )


def _rights() -> None:
    op.create_table(
        "decision_right",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("child_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("authority", sa.String(), nullable=True),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (authority IS NULL)", name=op.f("ck_decision_right_person_or_authority")
        ),
        sa.CheckConstraint(
            "authority IS NULL OR authority IN ('agency', 'court')", name=op.f("ck_decision_right_authority")
        ),
        sa.CheckConstraint("child_id <> person_id", name=op.f("ck_decision_right_two_people")),
        sa.CheckConstraint("last_on IS NULL OR last_on >= first_on", name=op.f("ck_decision_right_order")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_decision_right_child_id_person")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_decision_right_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_right")),
    )
    op.create_index(op.f("ix_decision_right_child_id"), "decision_right", ["child_id"])


def _merges() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kept_id", sa.String(), nullable=False),
        sa.Column("merged_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_person_merge_two_records")),
        sa.CheckConstraint("state IN ('proposed', 'done', 'declined')", name=op.f("ck_person_merge_state")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_person_merge_two_people")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_person_merge_decided")
        ),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id_person")),
        sa.ForeignKeyConstraint(["merged_id"], ["person.id"], name=op.f("fk_person_merge_merged_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
