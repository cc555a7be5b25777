"""Rows about time that is taken.

No two claims of one resource overlap: on PostgreSQL an exclusion constraint says so, on SQLite a trigger, both made by
the migration.  One range of whole numbers holds resource and time together (resource x 2^36 + second), which the plain
server can exclude by; excluding by two columns would need an extension.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column
from sqlmodel import Field, SQLModel


class ResourceRow(SQLModel, table=True):
    """Somebody who can be in one place only.  A person whose two records were merged has two of these numbers.

    Or one room or link of a pool, the ``unit``-th; ``in_service`` says whether the pool still has it.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NOT NULL AND account_id IS NULL AND pool_id IS NULL)"
            " OR (person_id IS NULL AND account_id IS NOT NULL AND pool_id IS NULL)"
            " OR (person_id IS NULL AND account_id IS NULL AND pool_id IS NOT NULL)",
            name="one_of_three",
        ),
        CheckConstraint("(pool_id IS NULL) = (unit = 0)", name="unit"),
        CheckConstraint("number < 134217728", name="number"),
    )

    number: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    account_id: str | None = Field(default=None, foreign_key="staff_account.id", index=True)
    pool_id: str | None = Field(default=None, foreign_key="pool.id", index=True)
    unit: int = 0
    in_service: bool = True


class ClaimRow(SQLModel, table=True):
    """A resource's time, from one second until before another, for one visit or one offer of freed time.

    A visit may keep several times.  An offer has no foreign key: offers stand above visits, and processes that know
    claims need not know offers.  What is held for one ends by itself.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("until_second > from_second", name="ends_after_start"),
        CheckConstraint("(visit_id IS NULL) <> (offer_id IS NULL)", name="visit_or_offer"),
        CheckConstraint("offer_id IS NULL OR held_until_second IS NOT NULL", name="offer_ends"),
    )

    resource: int = Field(primary_key=True, foreign_key="resource.number")
    from_second: int = Field(sa_column=Column(BigInteger, primary_key=True))
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    offer_id: str | None = Field(default=None, index=True)
    until_second: int = Field(sa_column=Column(BigInteger, nullable=False))
    held_until_second: int | None = Field(default=None, sa_column=Column(BigInteger))
