"""A visit may keep several times, among which the family chooses; what people answer to their invitations."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    _visits_with_an_open_time()
    _several_times_of_a_visit()
    _proposals()
    _replies()


def _visits_with_an_open_time() -> None:
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("time_open", sa.Boolean(), nullable=False, server_default=sa.false()))
        visit.create_check_constraint(
            op.f("ck_visit_time_open"), "NOT time_open OR state IN ('draft', 'requested')"
        )
    with op.batch_alter_table("visit") as visit:
        visit.alter_column(
            "time_open", server_default=None, existing_type=sa.Boolean(), existing_nullable=False
        )


def _several_times_of_a_visit() -> None:
    """The start joins the key.  SQLite makes the table anew for that, and takes its triggers along with the old one."""
    kept = _triggers()
    with op.batch_alter_table("claim") as claim:
        claim.drop_constraint(op.f("pk_claim"), type_="primary")
        claim.create_primary_key(op.f("pk_claim"), ["resource", "visit_id", "from_second"])
    for trigger in kept:
        op.execute(trigger)


def _triggers() -> list[str]:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        return []
    query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'claim' ORDER BY name"
    return list(bind.execute(sa.text(query)).scalars())


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=True),
        sa.Column("answer_by", _INSTANT, nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("automatic", sa.String(), nullable=False),
        sa.Column("chosen_by", sa.String(), nullable=True),
        sa.Column("chosen_at", _INSTANT, nullable=True),
        sa.CheckConstraint("(opened_at IS NULL) = (answer_by IS NULL)", name=op.f("ck_proposal_opened")),
        sa.CheckConstraint("(chosen_at IS NULL) = (chosen_by IS NULL)", name=op.f("ck_proposal_chosen")),
        sa.CheckConstraint(
            "chosen_at IS NULL OR opened_at IS NOT NULL", name=op.f("ck_proposal_opened_before_chosen")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_proposal_visit_id_visit")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["staff_account.id"], name=op.f("fk_proposal_approved_by_staff_account")
        ),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_proposal_chosen_by_person")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_proposal")),
    )
    op.create_table(
        "proposed_time",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_proposed_time_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["proposal.visit_id"], name=op.f("fk_proposed_time_visit_id_proposal")
        ),
        sa.PrimaryKeyConstraint("visit_id", "place", name=op.f("pk_proposed_time")),
    )
    op.create_table(
        "proposal_link",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["proposal.visit_id"], name=op.f("fk_proposal_link_visit_id_proposal")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_link_person_id_person")),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name=op.f("pk_proposal_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_proposal_link_secret_hash")),
    )


def _replies() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booked_revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.Column("wants_from", _INSTANT, nullable=True),
        sa.Column("wants_until", _INSTANT, nullable=True),
        sa.Column("kept_until", _INSTANT, nullable=True),
        sa.CheckConstraint("(wants_from IS NULL) = (wants_until IS NULL)", name=op.f("ck_reply_wants")),
        sa.CheckConstraint("(wants_from IS NULL) = (kept_until IS NULL)", name=op.f("ck_reply_kept")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_reply_visit_id_visit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint(
            "visit_id", "person_id", "number", name=op.f("uq_reply_visit_id_person_id_number")
        ),
    )
    op.create_index(op.f("ix_reply_visit_id"), "reply", ["visit_id"], unique=False)
