"""Rows about people.  Personal fields are sealed; what is left says only that somebody is something to somebody."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class CaseRow(SQLModel, table=True):
    """A case: the children, and everybody who matters to them."""

    __tablename__ = "case"

    id: str = Field(primary_key=True)
    agency: str
    zone: str
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class CaseWorkerRow(SQLModel, table=True):
    """A case on a worker's caseload."""

    __tablename__ = "case_worker"

    case_id: str = Field(primary_key=True, foreign_key="case.id")
    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")


class EmergencyAccessRow(SQLModel, table=True):
    """A case that a worker who has it not on their caseload opened in an emergency, from ``opened_at`` to ``until``.

    ``sealed`` (why) and ``finding_sealed`` (what whoever looked at it says) are words under the key of ``child_id``.
    """

    __tablename__ = "emergency_access"
    __table_args__ = (
        CheckConstraint("until > opened_at", name="ends"),
        CheckConstraint("reviewed_by <> account_id", name="two_people"),
        CheckConstraint(
            "(reviewed_by IS NULL) = (reviewed_at IS NULL) AND (reviewed_by IS NULL) = (finding IS NULL)",
            name="reviewed",
        ),
    )

    id: str = Field(primary_key=True)
    agency: str
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    reason: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    until: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    review_due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    reviewed_by: str | None = Field(default=None, foreign_key="staff_account.id")
    reviewed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    finding: str | None = None
    finding_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class PersonRow(SQLModel, table=True):
    """A person; ``sealed`` holds ``Details`` under the person's own key.

    Whoever was merged into somebody else stays as a pointer; whoever was forgotten has no key any more.
    """

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    agency: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    merged_into: str | None = Field(default=None, foreign_key="person.id")
    forgotten_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class CaseMemberRow(SQLModel, table=True):
    """A person in a case.  ``ref`` is what this case's evidence calls them."""

    __tablename__ = "case_member"
    __table_args__ = (
        CheckConstraint("role IN ('child', 'family_member', 'caregiver', 'professional')", name="role"),
    )

    case_id: str = Field(primary_key=True, foreign_key="case.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    ref: str = Field(unique=True)
    role: str


class RelationshipRow(SQLModel, table=True):
    """What a person is to a child, as a code and in the family's own word."""

    __tablename__ = "relationship"

    child_id: str = Field(primary_key=True, foreign_key="person.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    relation: str
    word: str


class ApprovedPersonRow(SQLModel, table=True):
    """Somebody was approved to meet a child, and until when; at most one approval of each pair stands."""

    __tablename__ = "approved_person"
    __table_args__ = (
        CheckConstraint("child_id <> person_id", name="two_people"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_approved_person_stands",
            "child_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    approved_by: str
    approved_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class ChannelRow(SQLModel, table=True):
    """A channel; ``sealed`` holds value and rule under the person's key, ``digest`` finds equal ones.

    ``digest`` is a keyed hash (``keys.search_digests``); it is taken away when the person is forgotten.
    """

    __tablename__ = "channel"
    __table_args__ = (
        CheckConstraint("kind IN ('email', 'phone')", name="kind"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary, index=True))
    confirmed_by: str | None = None
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    added_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class AgreedQuestionRow(SQLModel, table=True):
    """A question by whose answer the visit supervisor knows somebody; ``sealed`` holds both under the person's key."""

    __tablename__ = "agreed_question"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kept_by: str
    kept_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class PersonPhotoRow(SQLModel, table=True):
    """The photo by which the visit supervisor knows somebody; ``sealed`` holds it under the person's key."""

    __tablename__ = "person_photo"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kept_by: str
    kept_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class PlacementRow(SQLModel, table=True):
    """Where a child lives; ``sealed`` holds ``PlaceWords`` under the child's key.  A trigger refuses shared days."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="order"),
        CheckConstraint("child_id <> carer_id", name="two_people"),
    )

    id: str = Field(primary_key=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    carer_id: str | None = Field(default=None, foreign_key="person.id")
    first_on: date
    last_on: date | None = None
    confidential: bool
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class DecisionRightRow(SQLModel, table=True):
    """Who may decide what for a child; ``matters`` are codes of ``decision_right.Matter``."""

    __tablename__ = "decision_right"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (authority IS NULL)", name="person_or_authority"),
        CheckConstraint("authority IS NULL OR authority IN ('agency', 'court')", name="authority"),
        CheckConstraint("child_id <> person_id", name="two_people"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="order"),
    )

    id: str = Field(primary_key=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    authority: str | None = None
    matters: list[str] = Field(sa_column=Column(JSON, nullable=False))
    basis: str
    first_on: date
    last_on: date | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class PersonMergeRow(SQLModel, table=True):
    """Two records of one person, and who decided that they are."""

    __tablename__ = "person_merge"
    __table_args__ = (
        CheckConstraint("kept_id <> merged_id", name="two_records"),
        CheckConstraint("state IN ('proposed', 'done', 'declined')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    )

    id: str = Field(primary_key=True)
    kept_id: str = Field(foreign_key="person.id")
    merged_id: str = Field(foreign_key="person.id")
    state: str
    proposed_by: str
    proposed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class ExternalRefRow(SQLModel, table=True):
    """What another system calls a case or a person, as a keyed hash: an import finds what it brought before."""

    __tablename__ = "external_ref"
    __table_args__ = (CheckConstraint("kind IN ('case', 'person')", name="kind"),)

    agency: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    kind: str
    target_id: str
