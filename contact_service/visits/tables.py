"""Rows about visits.  What must hold between columns is a constraint of the database."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class VisitRow(SQLModel, table=True):
    """One meeting, and the child it was first asked for; further children are ``SharingChildRow``.

    ``quorum``: at least how many of those who come if they can (``MayComeRow``) must be able to.
    ``wall_start`` is the naive start in ``zone``, YYYY-MM-DDTHH:MM, as it was asked for, and ``tzdata`` the edition of
    the zone rules with which its instant was reckoned; both empty for visits from before these were kept.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="not_own_request"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("(emergency_until IS NULL) = (emergency_reason = '')", name="emergency"),
        CheckConstraint(
            "automatic = '' OR (approved_by IS NULL AND emergency_until IS NULL)", name="automatic_alone"
        ),
        CheckConstraint("NOT time_open OR state IN ('draft', 'requested')", name="time_open"),
        Index("ix_visit_child_id_starts_at", "child_id", "starts_at"),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    caregiver_id: str | None = Field(default=None, foreign_key="person.id")
    state: str = Field(index=True)
    outcome: str | None = None
    starts_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))
    ends_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    zone: str
    level: str
    plan_id: str = Field(foreign_key="contact_plan.id")
    plan_version: int
    policy_version: int
    requested_by: str = Field(foreign_key="staff_account.id")
    requested_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    approved_by: str | None = Field(default=None, foreign_key="staff_account.id")
    supervisor_id: str = Field(foreign_key="staff_account.id")
    duty_id: str = Field(foreign_key="staff_account.id")
    automatic: str = ""
    emergency_reason: str = ""
    emergency_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    time_open: bool = False
    stopped_by: str | None = Field(default=None, foreign_key="restriction.id")
    room: str = Field(unique=True)
    reason: str = ""
    was_ready: bool = False
    live_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    lost_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    hold_reason: str = ""
    hold_boot: str = ""
    hold_generation: int = 0
    cleared_boot: str = ""
    cleared_generation: int = 0
    revision: int = 1
    booked_revision: int = 0
    wall_start: str = ""
    tzdata: str = ""
    quorum: int = 0


class SharingChildRow(SQLModel, table=True):
    """A further child whose visit it is too, with the case, the plan and the outcome of their own."""

    __tablename__ = "sharing_child"
    __table_args__ = (CheckConstraint("child_id <> caregiver_id", name="two_people"),)

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    child_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    place: int
    case_id: str = Field(foreign_key="case.id", index=True)
    plan_id: str = Field(foreign_key="contact_plan.id")
    plan_version: int
    caregiver_id: str = Field(foreign_key="person.id")
    outcome: str | None = None


class MayComeRow(SQLModel, table=True):
    """Somebody who comes to a visit if they can: they are in it, or could not come and were ``left_out``.

    ``caregiver_id``: who would bring a child who was left out; empty for whoever is in it.
    """

    __tablename__ = "may_come"
    __table_args__ = (CheckConstraint("left_out OR caregiver_id IS NULL", name="brought_when_left_out"),)

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    place: int
    left_out: bool
    caregiver_id: str | None = Field(default=None, foreign_key="person.id")


class KnownBusyRow(SQLModel, table=True):
    """A busy time of somebody in a visit that the worker knew of when they booked it, cut to the hours around it."""

    __tablename__ = "known_busy"
    __table_args__ = (CheckConstraint("until_at > since_at", name="until_after_since"),)

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    since_at: datetime = Field(sa_column=Column(Instant, primary_key=True, nullable=False))
    until_at: datetime = Field(sa_column=Column(Instant, primary_key=True, nullable=False))


class VisitParticipantRow(SQLModel, table=True):
    """Somebody in one visit: a person by link, or the visit supervisor by account.

    ``invitation_id`` is the link whose device was last let to the waiting room.  ``let_in_by`` is the handle of the
    session by whose ticket the visit supervisor's device last came, None if not known.
    """

    __tablename__ = "visit_participant"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name="person_or_account"),
    )

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    account_id: str | None = Field(default=None, foreign_key="staff_account.id")
    role: str
    stage: str
    stage_before: str = ""
    leg: str | None = None
    waiting_since: datetime | None = Field(default=None, sa_column=Column(Instant))
    put_out_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    let_in_by: str | None = None
    invitation_id: str | None = None
    identity_method: str = ""
    muted: bool = False
    mute_boot: str = ""
    mute_generation: int = 0
    unmuted_boot: str = ""
    unmuted_generation: int = 0
    asked_break: bool = False
    checked: str = ""
    company: str = ""
    goodbye_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class AttendanceRow(SQLModel, table=True):
    """One stretch of being in a visit, from admission to leaving, on one device."""

    __tablename__ = "attendance"

    id: str = Field(primary_key=True)
    participant_id: str = Field(foreign_key="visit_participant.id", index=True)
    leg: str
    admitted_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    left_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class TalkAloneRow(SQLModel, table=True):
    """One talk of the visit supervisor with somebody who was let in before and whom nobody else heard or saw then.

    It is open until they are let back in, sent back to the waiting room, or gone.
    """

    __tablename__ = "talk_alone"
    __table_args__ = (CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ends_after_begin"),)

    id: str = Field(primary_key=True)
    participant_id: str = Field(foreign_key="visit_participant.id", index=True)
    began_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class WhereaboutsRow(SQLModel, table=True):
    """Where a participant is during the visit, sealed under a child's key; destroyed a day after it."""

    __tablename__ = "whereabouts"

    participant_id: str = Field(primary_key=True, foreign_key="visit_participant.id")
    child_id: str = Field(foreign_key="person.id")
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    confirmed_by: str
    confirmed_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class EmergencyOpeningRow(SQLModel, table=True):
    """Somebody opened the emergency details of a visit; ``explained_at`` is when they said why, in a note."""

    __tablename__ = "emergency_opening"

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    opened_by: str
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    explained_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class LateCallRow(SQLModel, table=True):
    """A call to somebody who had not come, or to the duty desk; ``channel_id`` is the number that was rung."""

    __tablename__ = "late_call"
    __table_args__ = (CheckConstraint("(participant_id IS NULL) = (rung = 'duty')", name="whom"),)

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    participant_id: str | None = Field(default=None, foreign_key="visit_participant.id")
    rung: str
    channel_id: str = ""
    result: str
    rung_by: str
    rung_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class VisitNoteRow(SQLModel, table=True):
    """One text about a visit (a live note, a word to the approver or from them), sealed under the child's key.

    Where several children share the visit, each has a copy of their own.
    """

    __tablename__ = "visit_note"

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    child_id: str = Field(foreign_key="person.id")
    kind: str
    author: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class VisitRecordRow(SQLModel, table=True):
    """The factual record of one child's visit, sealed under the child's key; locked after sign-off."""

    __tablename__ = "visit_record"
    __table_args__ = (
        CheckConstraint("signed_off_by IS NULL OR signed_off_by <> submitted_by", name="not_own_record"),
    )

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    child_id: str = Field(primary_key=True, foreign_key="person.id")
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    submitted_by: str = Field(foreign_key="staff_account.id")
    submitted_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    signed_off_by: str | None = Field(default=None, foreign_key="staff_account.id")
    signed_off_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class SideReasonRow(SQLModel, table=True):
    """What one side of a visit gave as its reason, or staff know of it; the newest of each counts.

    ``person_id`` is the child for the child's side.  ``sealed`` holds words under the child's key, None without any.
    """

    __tablename__ = "side_reason"
    __table_args__ = (UniqueConstraint("visit_id", "child_id", "person_id", "number"),)

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id")
    child_id: str = Field(foreign_key="person.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    number: int
    reason: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class OwedDecisionRow(SQLModel, table=True):
    """Whether a lost visit is still owed to a child and one person, as a worker decided; the newest counts."""

    __tablename__ = "owed_decision"
    __table_args__ = (UniqueConstraint("visit_id", "child_id", "person_id", "number"),)

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id")
    child_id: str = Field(foreign_key="person.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    number: int
    owed: bool
    reason: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    decided_by: str
    decided_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class RoomVersionRow(SQLModel, table=True):
    """How often the room list has changed, and which life of the database that counts from."""

    __tablename__ = "room_version"

    agency: str = Field(primary_key=True)
    epoch: str
    version: int
