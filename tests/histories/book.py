"""A second opinion: a plain book of what was done, and who must not be in a room because of it.

It is written from the rules of practice and shares no code with ``policy``, ``consent``, ``restrictions``, ``visits``:
it never looks into the database, only at the acts that a history performed, in their order.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

ASKED = ("take_part", "be_supervised", "notes_kept", "no_recording")
TOLD = ("be_supervised", "notes_kept")
DOOR = timedelta(minutes=15)


@dataclass(kw_only=True)
class Ban:
    """Somebody may not meet somebody (``apart``: may not even learn of them) in [begins, ends)."""

    kind: str
    who: frozenset[str]
    begins: datetime
    ends: datetime | None = None
    due: bool = False
    """Its time has come, or it was recorded in force: nothing that it forbids may be going on."""

    def binds(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)


@dataclass(kw_only=True)
class Said:
    """The last word of one person on one question."""

    yes: bool
    link: str | None = None
    visit: str | None = None


@dataclass(kw_only=True)
class Order:
    """A court's decision, from its first to its last day."""

    first: date
    last: date | None = None
    stands: bool = True

    def on(self, day: date) -> bool:
        return self.stands and self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a plan says: whether contact rests on an agreement, and who meets the child by which order."""

    agreement: bool
    orders: tuple[tuple[str, str], ...] = ()


@dataclass(kw_only=True)
class Meeting:
    """A visit as it was asked for."""

    child: str
    people: tuple[str, ...]
    carer: str
    begins: datetime
    ends: datetime
    day: date
    terms: Terms

    @property
    def everybody(self) -> frozenset[str]:
        return frozenset({self.child, self.carer, *self.people})

    def behind(self, person: str) -> frozenset[str]:
        """Who is at the device of ``person``: the carer's is the child's."""
        return frozenset({person, self.child} if person == self.carer else {person})


@dataclass(kw_only=True)
class Book:
    """Everything that was done."""

    bans: list[Ban] = field(default_factory=list)
    said: dict[tuple[str, str, str], Said] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    plans: dict[str, Terms] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    dead_links: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    """Whose device has said for this visit who else is in their room."""
    unapproved: set[tuple[str, str]] = field(default_factory=set)
    """Child and person: nobody may approve a visit of these two."""

    def not_approved(self, visit: str) -> list[str]:
        """Whom the child may not be given a visit with, as things stand."""
        meeting = self.meetings[visit]
        return [person for person in meeting.people if (meeting.child, person) in self.unapproved]

    def tick(self, at: datetime) -> None:
        """The clock's jobs have run: what has begun must have been acted on."""
        for ban in self.bans:
            ban.due = ban.due or ban.begins <= at

    def firm(self, person: str, link: str | None) -> None:
        """Somebody has told who holds the device of ``link``."""
        for (who, _, _), said in self.said.items():
            if who == person and said.link is not None and said.link == link:
                said.link = None

    def rests_on_agreement(self, meeting: Meeting) -> bool:
        named = [order for person, order in meeting.terms.orders if person in meeting.people]
        return meeting.terms.agreement and not any(self.orders[order].on(meeting.day) for order in named)

    def against(
        self,
        meeting: Meeting,
        person: str,
        inside: frozenset[str],
        at: datetime,
        *,
        due_only: bool = False,
    ) -> list[str]:
        """Every ban that keeps ``person`` out of a room in which ``inside`` are."""
        device = meeting.behind(person)
        present = inside | device | {meeting.child}
        return [
            f"{ban.kind} {sorted(ban.who)}"
            for ban in self.bans
            if ban.binds(at)
            and (ban.due or not due_only)
            and ban.who & device
            and ban.who <= (present if ban.kind == "apart" else meeting.everybody)
        ]

    def unasked(self, meeting: Meeting, person: str, link: str | None) -> list[str]:
        """What ``person`` must have said yes to on the device of ``link``, and has not."""
        found = []
        for purpose in ASKED:
            told = purpose in TOLD and not self.rests_on_agreement(meeting)
            word = self.said.get((person, purpose, "notice" if told else "consent"))
            if word is None or not word.yes or (word.link is not None and word.link != link):
                found.append(f"{person} {purpose}")
        word = self.said.get((meeting.child, "take_part", "consent"))
        if self.rests_on_agreement(meeting) and (word is None or not word.yes):
            found.append("for the child")
        return found

    def said_no(self, meeting: Meeting, person: str) -> list[str]:
        """What ``person`` is asked for this meeting and has last said no to, or the child has."""
        found = []
        for purpose in ASKED:
            told = purpose in TOLD and not self.rests_on_agreement(meeting)
            word = self.said.get((person, purpose, "notice" if told else "consent"))
            if word is not None and not word.yes:
                found.append(f"{person} {purpose}")
        word = self.said.get((meeting.child, "take_part", "consent"))
        if self.rests_on_agreement(meeting) and word is not None and not word.yes:
            found.append("for the child")
        return found

    def child_says_no(self, meeting_id: str, person: str) -> list[str]:
        meeting = self.meetings[meeting_id]
        word = self.said.get((meeting.child, "take_part", "assent"))
        if person != meeting.carer or word is None or word.visit != meeting_id or word.yes:
            return []
        return ["the child"]
