"""What people, devices, the relay and the clock do in a history; each act that succeeds is noted in the book.

An act that the product does not allow changes nothing and is no error: histories try whatever comes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from contact_service import actor
from contact_service.actor import Actor
from contact_service.approvals.actions import ordering, planning
from contact_service.approvals.actions.answering import take_answer as take_from_staff
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Method, Purpose, Text
from contact_service.demo.brother import Brother, load_brother
from contact_service.demo.cast import staff_actor
from contact_service.errors import ContactServiceError
from contact_service.ids import OrderId, PersonId, RestrictionId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions import inviting, letting_back, opening, stopping
from contact_service.invitations.actions.opening import Device, Opened
from contact_service.invitations.invitation import Invitation
from contact_service.invitations.token import ticket_text
from contact_service.jobs import choices, doors, stops
from contact_service.people.actions.members import Tie, bring_in
from contact_service.people.person import Relation
from contact_service.plans.actions import NewOrder
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Permitted, Refused
from contact_service.proposals.actions import proposing
from contact_service.protocol.link import EventKind
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource, StopReason
from contact_service.visits.actions import agreeing, aside, attending, booking, ending, running
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.reasons import CancelReason, DeclineReason
from contact_service.visits.visit import Company, EndReason, Participant, Stage, Visit
from contact_service.visits.wish import ChildWished, Wish
from contact_service.work import Work, begin, read
from tests.cast import SEEN, House, Phone
from tests.histories.book import Ban, Book, Child, Meeting, Order, Said, Terms
from tests.histories.judge import Judge

LONDON = ZoneInfo("Europe/London")
RELAY = actor.relay("relay-1")
TICKET_LIFE = timedelta(seconds=30)
URGENT_STOP = timedelta(days=7)
Result = TypeVar("Result")


@dataclass(kw_only=True)
class Town:
    """A house in which a history happens, and the book of it."""

    house: House
    book: Book = field(default_factory=Book)
    visits: list[VisitId] = field(default_factory=list)
    restrictions: list[tuple[RestrictionId, Ban]] = field(default_factory=list)
    phones: dict[str, Phone] = field(default_factory=dict)
    tickets: dict[str, datetime] = field(default_factory=dict)
    versions: dict[Purpose, int] = field(default_factory=lambda: dict.fromkeys(Purpose, 1))
    brother: Brother | None = None
    askers: dict[str, str] = field(default_factory=dict)
    knocked: dict[str, str] = field(default_factory=dict)
    choices: dict[VisitId, Wish] = field(default_factory=dict)
    numbers: int = 0
    done: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cast = self.house.cast
        self.judge = Judge(house=self.house, book=self.book, knocked=self.knocked)
        self.staff = {
            name: staff_actor(self.house.installation, getattr(cast, name))
            for name in ("karim", "priya", "lena")
        }
        for child in (cast.mia, cast.jonas):
            self.book.plans[child] = Terms(agreement=True)
            self.book.said[child, "take_part", "consent"] = Said(yes=True)
            who = frozenset({cast.viktor, child})
            self.book.bans.append(Ban(kind="no_contact", who=who, begins=self.now, due=True))

    @property
    def now(self) -> datetime:
        return self.house.clock.at

    def tries(self, who: Actor, act: Callable[[Work], Result]) -> Result | None:
        """What the act gives, None when the product says that it cannot be."""
        try:
            with begin(self.house.installation, who) as work:
                return act(work)
        except ContactServiceError:
            return None

    def does(self, who: Actor, act: Callable[[Work], object]) -> bool:
        """Whether the act was done."""
        try:
            with begin(self.house.installation, who) as work:
                act(work)
        except ContactServiceError:
            return False
        return True

    def as_person(self, person: PersonId) -> Actor:
        with read(self.house.installation, actor.SCHEDULE) as work:
            return invitations.actor_of(work, person)

    def counts(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    # ---- restrictions and orders

    def restricts(
        self,
        kind: RestrictionKind,
        one: PersonId,
        other: PersonId | None,
        *,
        starts_at: datetime | None,
        ends_at: datetime | None,
    ) -> None:
        new = NewRestriction(
            kind=kind,
            person=one,
            other=other,
            source=RestrictionSource.AGENCY_DECISION,
            reason=StopReason.SAFETY if kind is RestrictionKind.SUSPENDED else None,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        cases = (self.house.cast.case, *([self.brother.case] if self.brother else []))
        tried = (self.tries(self.staff["karim"], partial(stopping.restrict, case=c, new=new)) for c in cases)
        kept = next((one for one in tried if one is not None), None)
        if kept is None or isinstance(kept, Refused):
            return
        urgent = kind is RestrictionKind.SUSPENDED
        begins = self.now if urgent or starts_at is None else starts_at
        ban = Ban(
            kind=kind.value,
            who=frozenset({one} if other is None else {one, other}),
            begins=begins,
            ends=self.now + URGENT_STOP if urgent else ends_at,
            due=begins <= self.now,
        )
        self.book.bans.append(ban)
        self.restrictions.append((kept.id, ban))
        self.counts(f"restricted {kind.value}")

    def asks_to_lift(self, who: str, number: int) -> None:
        found, _ = self.restrictions[number]
        asked = self.does(self.staff[who], lambda work: stopping.ask_to_lift(work, found))
        if asked:
            self.askers[found] = who

    def lifts(self, who: str, number: int) -> None:
        found, ban = self.restrictions[number]
        lifted = self.tries(self.staff[who], lambda work: stopping.lift(work, found))
        if lifted is None or isinstance(lifted, Refused):
            return
        assert self.askers[found] != who, "lifted by one person alone"
        ban.ends = max(self.now, ban.begins)
        self.counts("lifted")

    def goes_on_by(self, number: int, order: str) -> None:
        found, ban = self.restrictions[number]
        going = self.tries(
            self.staff["priya"], lambda work: stopping.go_on_by_order(work, found, OrderId(order))
        )
        if going is None or isinstance(going, Refused):
            return
        last = self.book.orders[order].last
        ban.ends = (
            None
            if last is None
            else datetime.combine(last + timedelta(days=1), time.min, tzinfo=LONDON).astimezone(UTC)
        )
        self.counts("went on by order")

    def orders(self, child: PersonId, about: OrderSubject, days: int | None, replaces: str | None) -> None:
        """The court decides today; or discharges what it decided."""
        today = self.now.astimezone(LONDON).date()
        if today > self.now.date():
            return
        status = OrderStatus.IN_FORCE if replaces is None else OrderStatus.DISCHARGED
        new = NewOrder(
            child=child,
            about=about,
            decided_on=today,
            starts_on=today,
            ends_on=None if days is None else today + timedelta(days=days),
            status=status,
            words=OrderWords(court="Family Court", reference="ZE26"),
            replaces=OrderId(replaces) if replaces else None,
        )
        order = self.tries(self.staff["karim"], lambda work: ordering.record_order(work, new))
        if order is not None:
            stands = status is OrderStatus.IN_FORCE
            self.book.orders[order] = Order(first=today, last=new.ends_on, stands=stands)

    # ---- plans and answers

    def plans(
        self, child: PersonId, people: tuple[PersonId, ...], basis: PlanBasis, order: str | None
    ) -> None:
        rests = OrderId(order) if order else None
        terms = [
            PlanPerson(
                person=person, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=45), order=rests
            )
            for person in people
        ]
        review = self.now.date() + timedelta(days=60)
        plan = self.tries(
            self.staff["karim"],
            lambda work: planning.propose_plan(work, child, with_people=terms, review_on=review, basis=basis),
        )
        if plan is None or isinstance(plan, Refused):
            return
        approved = self.tries(self.staff["priya"], lambda work: planning.approve_plan(work, plan))
        if approved is None or isinstance(approved, Refused):
            return
        self.book.unapproved -= {(child, person) for person in people}
        named = tuple((person, order) for person in people) if order else ()
        self.book.plans[child] = Terms(agreement=basis is PlanBasis.AGREEMENT, orders=named)
        self.counts("planned")

    def answers(
        self,
        person: PersonId,
        purpose: Purpose,
        state: ConsentState,
        *,
        kind: ConsentKind = ConsentKind.CONSENT,
        behind: tuple[VisitId, Invitation] | None = None,
    ) -> None:
        """An answer on a page behind a link."""
        visit, link = behind or (None, None)
        new = consent.NewAnswer(
            person=person,
            purpose=purpose,
            state=state,
            kind=kind,
            version=self.versions[purpose],
            method=Method.ON_THE_PAGE,
            visit=visit,
            link=link.id if link else None,
        )
        who = self.as_person(link.person if link else person)
        if self.does(who, lambda work: agreeing.take_answer(work, new)):
            self._notes(new)

    def staff_records(self, person: PersonId, purpose: Purpose, state: ConsentState) -> None:
        """What a decision-holder decided for a child, or an adult said before two."""
        cast = self.house.cast
        child = person in (cast.mia, cast.jonas, self.brother.finn if self.brother else "")
        new = consent.NewAnswer(
            person=person,
            purpose=purpose,
            state=state,
            version=self.versions[purpose],
            method=Method.BY_DECISION_HOLDER if child else Method.SPOKEN,
            witness=None if child else cast.lena,
            holder="agency" if child else None,
        )
        about = person if child else cast.mia
        karim = self.staff["karim"]
        if self.does(karim, lambda work: take_from_staff(work, about, new)):
            self._notes(new)

    def _notes(self, new: consent.NewAnswer) -> None:
        yes = new.state is ConsentState.GIVEN
        link = new.link if yes else None
        key = (new.person, new.purpose.value, new.kind.value)
        self.book.said[key] = Said(yes=yes, link=link, visit=new.visit)
        self.counts(f"{new.kind.value} {'yes' if yes else 'no'}")

    def takes_all_back(self, person: PersonId, visit: VisitId) -> None:
        who = self.as_person(person)
        if self.does(who, lambda work: agreeing.take_all_back(work, person, visit=visit)):
            self._all_taken_back(person)

    def _all_taken_back(self, person: str) -> None:
        for (who, purpose, kind), said in list(self.book.said.items()):
            if who == person and kind == "consent" and said.yes:
                self.book.said[who, purpose, kind] = Said(yes=False)

    def publishes(self, purpose: Purpose) -> None:
        text = Text(purpose=purpose, version=self.versions[purpose] + 1, language="en", words="Other words.")
        if self.does(self.staff["karim"], lambda work: consent.publish_text(work, text)):
            self.versions[purpose] += 1

    # ---- visits before the day

    def wish(
        self, child: PersonId, people: tuple[PersonId, ...], days: int, hour: int, *, shares: str = ""
    ) -> Wish:
        on = self.now.astimezone(LONDON).date() + timedelta(days=days)
        return self.house.wish(
            child=child,
            people=people,
            wall_start=datetime.combine(on, time(hour)),
            sharing=self.shares(shares),
        )

    def shares(self, how: str) -> tuple[ChildWished, ...]:
        """Who shares the visit: Finn from his own home, or brought by Mia's carer, or Jonas with her."""
        ines = self.house.cast.ines
        if how == "jonas":
            return (ChildWished(child=self.house.cast.jonas, caregiver=ines),)
        if not how or self.brother is None:
            return ()
        return (
            ChildWished(child=self.brother.finn, caregiver=self.brother.tomas if how == "finn" else ines),
        )

    def a_brother_is_known(self) -> None:
        """Finn has a case of his own; Ines may bring him too."""
        cast = self.house.cast
        self.brother = load_brother(self.house.installation, cast, workers=())
        tie = Tie(child=self.brother.finn, person=cast.ines, relation=Relation.CAREGIVER, word="foster carer")
        assert self.does(self.staff["karim"], lambda work: bring_in(work, tie))
        self.book.plans[self.brother.finn] = Terms(agreement=True)
        self.book.said[self.brother.finn, "take_part", "consent"] = Said(yes=True)

    def asks(self, wish: Wish) -> None:
        visit = self.tries(self.staff["karim"], lambda work: inviting.request_visit(work, wish))
        if isinstance(visit, Visit):
            self.visits.append(visit.id)
            self.meets(visit.id, wish)
            self.counts("asked for several children" if wish.sharing else "asked")

    def changes(self, visit: VisitId, wish: Wish) -> None:
        changed = self.tries(self.staff["karim"], lambda work: inviting.change(work, visit, wish))
        if isinstance(changed, Visit):
            self.meets(visit, wish)
            self._kills_links(visit)
            self.counts("changed")

    def meets(self, visit: VisitId, wish: Wish) -> None:
        """Note who would meet, when, and on which terms."""
        begins = wish.wall_start.replace(tzinfo=LONDON).astimezone(UTC)
        assert wish.caregiver is not None
        self.book.meetings[visit] = Meeting(
            children=tuple(
                Child(child=one.child, carer=str(one.caregiver), terms=self.book.plans[one.child])
                for one in wish.children
            ),
            people=wish.people,
            begins=begins,
            ends=begins + wish.length,
            day=wish.wall_start.date(),
        )

    def _kills_links(self, visit: VisitId) -> None:
        with read(self.house.installation, actor.SCHEDULE) as work:
            self.book.dead_links |= {link.id for link in invitations.invitations_of(work, visit)}

    def decides(self, visit: VisitId, what: str) -> None:
        """Somebody on the staff decides on a visit; what stops it kills its links."""
        who, act = _DECISIONS[what]
        done = self.tries(self.staff[who], lambda work: act(work, visit))
        if done is None or isinstance(done, Refused):
            return
        self.counts(what)
        if what == "approve":
            assert self.book.not_approved(visit) == [], "a visit with somebody who may not meet the child"
        if what in ("cancel", "suspend"):
            self._kills_links(visit)

    def delivers(self, visit: VisitId) -> None:
        self.house.deliver(self.house.visit(visit))

    # ---- the clock

    def passes(self, by: timedelta) -> None:
        self.house.clock.forward(by)

    def tick(self) -> None:
        """Every job of the clock that moves visits and restrictions, once."""
        installation = self.house.installation
        stops.apply_restrictions(installation)
        stops.watch_urgent_stops(installation)
        for job in (
            doors.make_ready,
            doors.open_doors,
            doors.lapse_requests,
            choices.lapse_choices,
            doors.close_doors,
            doors.end_unwatched,
        ):
            job(installation)
        self.book.tick(self.now)

    # ---- the day itself

    def link(self, visit: VisitId, person: PersonId) -> Invitation | None:
        """The newest link of a person into a visit."""
        with read(self.house.installation, actor.SCHEDULE) as work:
            found = [i for i in invitations.invitations_of(work, visit) if i.person == person]
        return found[-1] if found else None

    def any_link(self, visit: VisitId, person: PersonId, age: int) -> Invitation | None:
        """Some link, perhaps an old one."""
        with read(self.house.installation, actor.SCHEDULE) as work:
            found = [i for i in invitations.invitations_of(work, visit) if i.person == person]
        return found[-1 - age % len(found)] if found else None

    def opens(self, visit: VisitId, person: PersonId, age: int = 0) -> None:
        link = self.any_link(visit, person, age)
        if link is None:
            return
        with read(self.house.installation, actor.SCHEDULE) as work:
            secret = invitations.secret_for(work, link)
        phone = Phone()
        device = Device(key=phone.key, cookies={}, address="192.0.2.1")
        if isinstance(self.tries(actor.NOBODY, lambda work: opening.redeem(work, secret, device)), Opened):
            assert link.id not in self.book.dead_links, "a dead link was opened"
            self.phones[link.id] = phone
            self.counts("opened")

    def knocks(self, visit: VisitId, person: PersonId, age: int = 0) -> None:
        link = self.any_link(visit, person, age)
        phone = self.phones.get(link.id) if link else None
        if link is None or phone is None:
            return
        who = self.as_person(person)
        nonce = self.tries(who, lambda work: opening.new_nonce(work, link))
        assert nonce is not None
        signature = phone.sign(ticket_text(link.id, nonce))
        decision = self.tries(who, lambda work: opening.knock(work, link, nonce=nonce, signature=signature))
        if isinstance(decision, Permitted):
            assert link.id not in self.book.dead_links, "a dead link led to the waiting room"
            self.tickets[link.participant] = self.now + TICKET_LIFE
            self.knocked[link.participant] = link.id
            self.counts("knocked")

    def joins(self, visit: VisitId, participant: Participant, *, tells: bool = True) -> None:
        """A device comes to the relay with its ticket, once; the supervisor's by sign-in."""
        if participant.person is not None and self.tickets.pop(participant.id, self.now) <= self.now:
            return
        if participant.person is not None and tells:
            told = self.does(
                actor.SCHEDULE,
                lambda work: running.tell_company(work, visit_for(work, visit), participant, Company.NOBODY),
            )
            self.book.told |= {participant.id} if told else set()
        self.numbers += 1
        leg = f"{self.numbers:032x}"
        self.tries(RELAY, lambda work: attending.joined(work, visit, participant, leg))

    def relay_says(self, visit: VisitId, kind: EventKind, participant: Participant | None = None) -> None:
        """The relay reports something that it has already done."""
        if participant is not None and (participant.leg is None or participant.person is None):
            return
        self.numbers += 1
        facts: dict[str, object] = {"reason": "supervisor", "generation": self.numbers}
        if participant is not None:
            facts |= {"participant": participant.id, "leg": participant.leg}
        if kind is EventKind.ENDED:
            facts["reason"] = "completed"
        self.house.relay(self.house.visit(visit), kind, self.numbers, **facts)
        if kind is EventKind.WITHDRAWN and participant is not None and participant.person is not None:
            self._withdrew(visit, participant.person)

    def _withdrew(self, visit: VisitId, person: PersonId) -> None:
        meeting = self.book.meetings[visit]
        brought = meeting.with_carer(person)
        for one in brought:
            self.book.said[one.child, "take_part", "assent"] = Said(yes=False, visit=visit)
        if not brought:
            self._all_taken_back(person)
        self.counts("withdrew in the room")

    def admits(self, visit: VisitId, participant: Participant) -> None:
        done = self.tries(
            self.staff["lena"],
            lambda w: running.admit(w, visit, participant.id, SEEN),
        )
        self.counts("admitted" if isinstance(done, Visit) else "not admitted")
        if isinstance(done, Visit) and len(done.children) > 1 and done.brought_by(participant.person):
            self.counts("a child of several admitted")
        self.judge.looks(self.visits)

    def looks(self, visit: VisitId, participant: Participant) -> None:
        self.tries(self.staff["lena"], lambda work: running.look(work, visit, participant.id))

    def takes_aside(self, visit: VisitId, participant: Participant) -> None:
        """Talk alone with somebody who was let in."""
        done = self.tries(self.staff["lena"], lambda work: aside.talk_alone(work, visit, participant.id))
        if isinstance(done, Visit):
            self.counts("taken aside")
            others = [p for p in done.families() if p.id != participant.id]
            assert not any(p.standing is Stage.PRIVATE for p in others), "two are talked to alone"
        self.judge.looks(self.visits)

    def sends_back(self, visit: VisitId, participant: Participant) -> None:
        """From the talk alone, or the look, to the waiting room."""
        self.tries(self.staff["lena"], lambda work: running.stop_looking(work, visit, participant.id))
        self.judge.looks(self.visits)

    def sends_home(self, visit: VisitId, participant: Participant) -> None:
        done = self.tries(self.staff["lena"], lambda work: aside.say_goodbye(work, visit, participant.id))
        if isinstance(done, Visit):
            self.book.gone_home.add(participant.id)
            self.counts("sent home")
        self.judge.looks(self.visits)

    def takes_goodbye_back(self, visit: VisitId, participant: Participant) -> None:
        """Let somebody come to the waiting room again who was sent home."""
        before = self.admitted_of(visit)
        done = self.tries(self.staff["lena"], lambda work: letting_back.let_back(work, visit, participant.id))
        if isinstance(done, Visit):
            assert participant.id in self.book.gone_home, "a goodbye is taken back that nobody said"
            self.book.gone_home.remove(participant.id)
            self.counts("goodbye taken back")
            assert self.admitted_of(visit) == before, "a goodbye that is taken back lets somebody in"
        self.judge.looks(self.visits)

    def admitted_of(self, visit: VisitId) -> set[str]:
        return {p.id for p in self.house.visit(visit).families() if p.standing is Stage.ADMITTED}

    def resumes(self, visit: VisitId) -> None:
        self.tries(self.staff["lena"], lambda work: running.resume(work, visit))

    def ends(self, visit: VisitId) -> None:
        self.tries(self.staff["lena"], lambda work: ending.end(work, visit, EndReason.COMPLETED))

    # ---- everything at once, so that histories come far

    def brings_to_the_door(self, visit: VisitId) -> None:
        """Approve, deliver, wait until five minutes before the start."""
        self.decides(visit, "approve")
        self.delivers(visit)
        self.tick()
        opens = self.book.meetings[visit].begins - timedelta(minutes=5)
        self.house.clock.at = max(self.now, opens)
        self.tick()

    def agrees(self, visit: VisitId, person: PersonId) -> None:
        """Open the newest link, and say yes to whatever is not agreed to there."""
        self.opens(visit, person)
        link = self.link(visit, person)
        if link is None:
            return
        meeting = self.book.meetings[visit]
        agreement = self.book.rests_on_agreement(meeting)
        missing = self.book.unasked(meeting, person, link.id)
        for purpose in [p for p in list(Purpose)[:4] if f"{person} {p.value}" in missing]:
            told = purpose in (Purpose.BE_SUPERVISED, Purpose.NOTES_KEPT) and not agreement
            kind = ConsentKind.NOTICE if told else ConsentKind.CONSENT
            self.answers(person, purpose, ConsentState.GIVEN, kind=kind, behind=(visit, link))

    def brings_together(self, visit: VisitId) -> None:
        """Everybody opens, agrees, knocks and joins, and Lena lets them in: adults first."""
        found = self.house.visit(visit)
        self.joins(visit, found.watcher)
        meeting = self.book.meetings[visit]
        for person in (*meeting.people, *dict.fromkeys(one.carer for one in meeting.children)):
            self.agrees(visit, PersonId(person))
            self.knocks(visit, PersonId(person))
            there = next((p for p in self.house.visit(visit).families() if p.person == person), None)
            if there is not None:
                self.joins(visit, there)
                self.admits(visit, there)


_DECISIONS: dict[str, tuple[str, Callable[[Work, VisitId], object]]] = {
    "approve": ("priya", proposing.approve),
    "decline": ("priya", lambda work, visit: inviting.decline(work, visit, DeclineReason.NO_STAFF)),
    "withdraw": ("karim", booking.withdraw_request),
    "cancel": ("karim", lambda work, visit: inviting.cancel(work, visit, CancelReason.CHILD_ILL)),
    "suspend": ("karim", inviting.suspend),
    "ask again": ("karim", ending.ask_again),
}
