"""Claims on people's time, of which no two overlap."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TAKES_TIME = ("requested", "approved", "ready", "waiting", "live", "held", "supervisor_lost")


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (account_id IS NULL)", name=op.f("ck_resource_person_or_account")
        ),
        sa.CheckConstraint("number < 134217728", name=op.f("ck_resource_number")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_person_id_person")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_resource_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resource")),
        sa.UniqueConstraint("key", name=op.f("uq_resource_key")),
    )
    op.create_index(op.f("ix_resource_person_id"), "resource", ["person_id"])
    op.create_index(op.f("ix_resource_account_id"), "resource", ["account_id"])
    op.create_table(
        "claim",
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("from_second", sa.BigInteger(), nullable=False),
        sa.Column("until_second", sa.BigInteger(), nullable=False),
        sa.Column("held_until_second", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("until_second > from_second", name=op.f("ck_claim_ends_after_start")),
        sa.ForeignKeyConstraint(["resource"], ["resource.number"], name=op.f("fk_claim_resource_resource")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_claim_visit_id_visit")),
        sa.PrimaryKeyConstraint("resource", "visit_id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_visit_id"), "claim", ["visit_id"])
    op.create_index("ix_claim_resource_from_second", "claim", ["resource", "from_second"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_EXCLUSION)
    else:
        for trigger in ("INSERT ON claim", "UPDATE OF resource, from_second, until_second ON claim"):
            op.execute(_TRIGGER.format(name=trigger.split()[0].lower(), when=trigger))
    _claim_what_is_booked()


# One range holds who and when: resource x 2^36 + second.  Half open, so that one visit may begin as another ends.
_EXCLUSION = """
ALTER TABLE claim ADD CONSTRAINT nobody_twice_at_once EXCLUDE USING gist (
  int8range(resource * 68719476736 + from_second, resource * 68719476736 + until_second) WITH &&
)
"""
_TRIGGER = """
CREATE TRIGGER claim_nobody_twice_{name} BEFORE {when} BEGIN
  SELECT RAISE(ABORT, 'nobody_twice_at_once') WHERE EXISTS (
    SELECT 1 FROM claim AS other
    WHERE other.resource = NEW.resource AND other.visit_id <> NEW.visit_id
      AND other.from_second < NEW.until_second AND other.until_second > NEW.from_second
  );
END
"""


_VISIT = sa.table(
    "visit",
    *(sa.column(name) for name in ("id", "child_id", "supervisor_id", "state", "requested_at")),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("starts_at", "ends_at")),
)
_THERE = sa.table("visit_participant", sa.column("visit_id"), sa.column("person_id"))
_SHARING = sa.table("sharing_child", sa.column("visit_id"), sa.column("child_id"))
_RESOURCE = sa.table("resource", *(sa.column(name) for name in ("number", "key", "person_id", "account_id")))
_CLAIM = sa.table(
    "claim", *(sa.column(name) for name in ("resource", "visit_id", "from_second", "until_second"))
)


def _claim_what_is_booked() -> None:
    """Claim the time of every visit so far, the first one asked for first.

    One that would take somebody's time a second time gets no claim: the look at booked visits puts it in doubt.
    """
    bind = op.get_bind()
    booked = sa.select(_VISIT).where(_VISIT.c.state.in_(_TAKES_TIME))
    taken: dict[int, list[tuple[int, int]]] = {}
    for visit in bind.execute(booked.order_by(_VISIT.c.requested_at, _VISIT.c.id)).all():
        first, after = _second(visit.starts_at), _second(visit.ends_at)
        numbers = [_number("account_id", visit.supervisor_id)]
        numbers += [_number("person_id", one) for one in _people(visit.id, visit.child_id)]
        if any(since < after and until > first for one in numbers for since, until in taken.get(one, [])):
            continue
        for number in numbers:
            taken.setdefault(number, []).append((first, after))
            values = {"resource": number, "visit_id": visit.id, "from_second": first, "until_second": after}
            bind.execute(_CLAIM.insert().values(values))


def _people(visit: str, child: str) -> list[str]:
    there = sa.select(_THERE.c.person_id).where(_THERE.c.visit_id == visit, _THERE.c.person_id.is_not(None))
    sharing = sa.select(_SHARING.c.child_id).where(_SHARING.c.visit_id == visit)
    return sorted({child, *op.get_bind().execute(there.union(sharing)).scalars()})


def _number(column: str, who: str) -> int:
    """The number of a person or a member of staff, given now unless they have one."""
    key = f"{column.removesuffix('_id')}/{who}"
    bind = op.get_bind()
    found = sa.select(_RESOURCE.c.number).where(_RESOURCE.c.key == key)
    if bind.execute(found).scalar() is None:
        bind.execute(_RESOURCE.insert().values({"key": key, column: who}))
    return int(bind.execute(found).scalar_one())


def _second(at: datetime) -> int:
    """Seconds since 1970; SQLite keeps UTC without saying so."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(aware.timestamp())
