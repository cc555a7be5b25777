"""The waiting list; a claim may hold time for an offer instead of a visit, and a letter may speak of an offer."""

import sqlalchemy as sa
from alembic import op

import contact_service.database

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None

_INSTANT = contact_service.database.Instant(timezone=True)


def upgrade() -> None:
    _claims_for_offers()
    _letters_about_offers()
    _entries()
    _offers()


def _claims_for_offers() -> None:
    """An empty visit stands in no key, so who and when are the key: no two claims of one resource begin together.

    SQLite makes the table anew, and its triggers go with the old one.  They compared visits, and nothing is unequal to
    an empty one; the new ones compare the claims themselves, as PostgreSQL's constraint does.
    """
    sqlite = op.get_bind().dialect.name == "sqlite"
    for when in ("insert", "update") if sqlite else ():
        op.execute(f"DROP TRIGGER claim_nobody_twice_{when}")
    op.drop_index("ix_claim_resource_from_second", "claim")
    with op.batch_alter_table("claim") as claim:
        claim.drop_constraint(op.f("pk_claim"), type_="primary")
        claim.alter_column("visit_id", existing_type=sa.String(), nullable=True)
        claim.add_column(sa.Column("offer_id", sa.String(), nullable=True))
        claim.create_primary_key(op.f("pk_claim"), ["resource", "from_second"])
        claim.create_check_constraint(
            op.f("ck_claim_visit_or_offer"), "(visit_id IS NULL) <> (offer_id IS NULL)"
        )
        claim.create_check_constraint(
            op.f("ck_claim_offer_ends"), "offer_id IS NULL OR held_until_second IS NOT NULL"
        )
    op.create_index(op.f("ix_claim_offer_id"), "claim", ["offer_id"])
    if sqlite:
        op.execute(_TRIGGER.format(name="insert", when="INSERT ON claim", but=""))
        op.execute(
            _TRIGGER.format(
                name="update", when="UPDATE OF resource, from_second, until_second ON claim", but=_BUT_ITSELF
            )
        )


_TRIGGER = """
CREATE TRIGGER claim_nobody_twice_{name} BEFORE {when} BEGIN
  SELECT RAISE(ABORT, 'nobody_twice_at_once') WHERE EXISTS (
    SELECT 1 FROM claim AS other
    WHERE other.resource = NEW.resource{but}
      AND other.from_second < NEW.until_second AND other.until_second > NEW.from_second
  );
END
"""
_BUT_ITSELF = " AND NOT (other.resource = OLD.resource AND other.from_second = OLD.from_second)"


def _letters_about_offers() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("offer_id", sa.String(), nullable=True))
        outbox.drop_constraint(op.f("ck_outbox_about_one_thing"), type_="check")
        outbox.create_check_constraint(op.f("ck_outbox_about_one_thing"), _ABOUT_ONE_THING)


_ABOUT_ONE_THING = (
    "(visit_id IS NOT NULL AND restriction_id IS NULL AND offer_id IS NULL)"
    " OR (visit_id IS NULL AND restriction_id IS NOT NULL AND offer_id IS NULL)"
    " OR (visit_id IS NULL AND restriction_id IS NULL AND offer_id IS NOT NULL)"
)


def _entries() -> None:
    table = "waiting_entry"
    op.create_table(
        table,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "case_id", "child_id")),
        sa.Column("caregiver_id", sa.String(), nullable=True),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("sharing", sa.JSON(), nullable=False),
        sa.Column("supervisor_id", sa.String(), nullable=True),
        sa.Column("duty_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("earliest", "latest")),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.CheckConstraint("minutes >= 1", name=op.f(f"ck_{table}_minutes")),
        sa.CheckConstraint(
            "earliest >= 0 AND latest <= 1440 AND earliest < latest", name=op.f(f"ck_{table}_hours")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f(f"ck_{table}_ended")),
        sa.CheckConstraint("(state = 'booked') = (visit_id IS NOT NULL)", name=op.f(f"ck_{table}_booked")),
        _key(table, "case_id", "case"),
        _key(table, "child_id", "person"),
        _key(table, "caregiver_id", "person"),
        *(_key(table, name, "staff_account") for name in ("supervisor_id", "duty_id", "asked_by")),
        _key(table, "visit_id", "visit"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for name in ("case_id", "child_id", "state"):
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.create_table(
        "waiting_look",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("first_slot", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("whole_at", _INSTANT, nullable=True),
        _key("waiting_look", "entry_id", table),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_waiting_look")),
    )


def _offers() -> None:
    table = "waiting_offer"
    op.create_table(
        table,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "entry_id", "supervisor_id")),
        *(
            sa.Column(name, _INSTANT, nullable=False)
            for name in ("starts_at", "ends_at", "offered_at", "answer_by")
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f(f"ck_{table}_ends_after_start")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f(f"ck_{table}_ended")),
        _key(table, "entry_id", "waiting_entry"),
        _key(table, "supervisor_id", "staff_account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(
        "ix_waiting_offer_one_open",
        table,
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_waiting_offer_start_once",
        table,
        ["entry_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
