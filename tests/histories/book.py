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


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child of a visit, who starts it for them, and on which terms."""

    child: str
    carer: str
    terms: Terms


@dataclass(kw_only=True)
class Meeting:
    """A visit as it was asked for."""

    children: tuple[Child, ...]
    people: tuple[str, ...]
    begins: datetime
    ends: datetime
    day: date

    @property
    def names(self) -> frozenset[str]:
        """The children."""
        return frozenset(one.child for one in self.children)

    @property
    def everybody(self) -> frozenset[str]:
        return self.names | {one.carer for one in self.children} | {*self.people}

    def with_carer(self, person: str) -> tuple[Child, ...]:
        """The children whom ``person`` brings."""
        return tuple(one for one in self.children if one.carer == person)

    def behind(self, person: str) -> frozenset[str]:
        """Who is at the device of ``person``: a carer's is that of the children they bring."""
        return frozenset({person, *(one.child for one in self.with_carer(person))})


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
    gone_home: set[str] = field(default_factory=set)
    """Whose part in a visit is over: nothing brings them back into it."""
    unapproved: set[tuple[str, str]] = field(default_factory=set)
    """Child and person: nobody may approve a visit of these two."""

    def not_approved(self, visit: str) -> list[str]:
        """Whom the child may not be given a visit with, as things stand."""
        meeting = self.meetings[visit]
        return [
            other
            for child in meeting.names
            for other in {*meeting.people, *meeting.names} - {child}
            if (child, other) in self.unapproved
        ]

    def tick(self, at: datetime) -> None:
        """The clock's jobs have run: what has begun must have been acted on."""
        for ban in self.bans:
            ban.due = ban.due or ban.begins <= at

    def firm(self, person: str, link: str | None) -> None:
        """Somebody has told who holds the device of ``link``."""
        for (who, _, _), said in self.said.items():
            if who == person and said.link is not None and said.link == link:
                said.link = None

    def _by_agreement(self, meeting: Meeting, one: Child) -> bool:
        """Whether nothing but an agreement is what this child's visit rests on."""
        named = [o for person, o in one.terms.orders if person in {*meeting.people, *meeting.names}]
        return one.terms.agreement and not any(self.orders[order].on(meeting.day) for order in named)

    def rests_on_agreement(self, meeting: Meeting) -> bool:
        """For any child: then everybody is asked, and nobody only told."""
        return any(self._by_agreement(meeting, one) for one in meeting.children)

    def _not_for(self, meeting: Meeting, person: str, *, silence: bool) -> list[str]:
        """A device needs a yes for one of its children; others need one for any child.  ``silence`` counts as a no."""
        said = []
        for one in meeting.with_carer(person) or meeting.children:
            word = self.said.get((one.child, "take_part", "consent"))
            no = silence if word is None else not word.yes
            said.append(no and self._by_agreement(meeting, one))
        return ["for the child"] if all(said) else []

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
        present = inside | device | meeting.names
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
        return found + self._not_for(meeting, person, silence=True)

    def said_no(self, meeting: Meeting, person: str) -> list[str]:
        """What ``person`` is asked for this meeting and has last said no to, or the child has."""
        found = []
        for purpose in ASKED:
            told = purpose in TOLD and not self.rests_on_agreement(meeting)
            word = self.said.get((person, purpose, "notice" if told else "consent"))
            if word is not None and not word.yes:
                found.append(f"{person} {purpose}")
        return found + self._not_for(meeting, person, silence=False)

    def child_says_no(self, meeting_id: str, person: str) -> list[str]:
        """Every child at this device has said no to this visit."""
        words = [
            self.said.get((one.child, "take_part", "assent"))
            for one in self.meetings[meeting_id].with_carer(person)
        ]
        no = [word is not None and word.visit == meeting_id and not word.yes for word in words]
        return ["the child"] if no and all(no) else []
