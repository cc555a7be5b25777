"""A little history before the demo begins, and one visit that starts in five minutes.  Every step is a real action."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service import actor
from contact_service.actor import Actor
from contact_service.agency_policy.document import Document, Hours
from contact_service.agency_policy.limits import Limits
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.demo.brother import load_brother
from contact_service.demo.cast import ZONE, Cast, load, staff_actor
from contact_service.demo.household import furnish
from contact_service.errors import StartRefused
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions import inviting
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import Fate, Result
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.actions import attending, ending, recording, running
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.record import Sections
from contact_service.visits.seen import Seen
from contact_service.visits.visit import (
    Company,
    EndReason,
    IdentityMethod,
    Outcome,
    ParticipantRole,
    Visit,
)
from contact_service.visits.whereabouts import Whereabouts
from contact_service.visits.wish import Wish
from contact_service.work import Installation, Work, begin, read

# The demo's visit starts five minutes after whoever tries it has typed the command, at any hour.
DEMO_POLICY = Document(
    title="Demo",
    limits=Limits(minimum_notice=timedelta(0), request_lapses_before_start=timedelta(0)),
    hours=Hours(earliest=0, latest=24 * 60),
)
_SEEN = Seen(
    method=IdentityMethod.PHOTO,
    company=True,
    whereabouts=Whereabouts(place="At home", call_back="+44 1632 960000", emergency="999"),
)
_RELAY = actor.relay("relay-1")


@dataclass
class _Hands:
    """A clock that the story moves through the past."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


def tell(installation: Installation, *, password: str) -> Visit:
    """Load cast and household, play last week’s visit, book the one that starts in five minutes; return that one."""
    now = installation.clock()
    hands = _Hands(now - timedelta(days=14))
    past = replace(installation, clock=hands)
    cast = load(past, password=password, policy=DEMO_POLICY, demo=True)
    furnish(past, cast)
    load_brother(past, cast, workers=())
    _last_week(past, cast, hands, now - timedelta(days=7))
    return _today(installation, cast)


def _today(installation: Installation, cast: Cast) -> Visit:
    soon = installation.clock() + timedelta(minutes=5)
    whole = soon.replace(second=0, microsecond=0) + timedelta(minutes=1)
    start = soon if soon.second == 0 else whole
    visit = _requested(installation, cast, start)
    with _as(installation, cast.priya) as work:
        approved = inviting.approve(work, visit.id)
    assert not isinstance(approved, Refused)
    return approved


def _requested(installation: Installation, cast: Cast, start: datetime) -> Visit:
    """A request for ``start``; when the clocks change just then, for the first hour that exists once."""
    for hours in (0, 1, 2):
        with _as(installation, cast.karim) as work:
            visit = inviting.request_visit(work, _wish(cast, cast.dana, start + timedelta(hours=hours)))
        if not isinstance(visit, Refused):
            return visit
    raise StartRefused("The demo's visit was refused.")


def _wish(cast: Cast, adult: PersonId, start: datetime) -> Wish:
    wall = start.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
    return Wish(
        child=cast.mia,
        people=(adult,),
        caregiver=cast.ines,
        wall_start=wall,
        length=timedelta(minutes=30),
        level=SupervisionLevel.SUPERVISED,
        supervisor=cast.lena,
        duty=cast.priya,
    )


def _as(installation: Installation, account: AccountId) -> AbstractContextManager[Work]:
    return begin(installation, staff_actor(installation, account))


def _last_week(installation: Installation, cast: Cast, hands: _Hands, start: datetime) -> None:
    """A visit from request to sign-off, a week ago."""
    with _as(installation, cast.karim) as work:
        visit = inviting.request_visit(work, _wish(cast, cast.rosa, start))
    assert not isinstance(visit, Refused), visit
    with _as(installation, cast.priya) as work:
        inviting.approve(work, visit.id)
    _deliver(installation, visit.id)
    for person in (cast.rosa, cast.ines):
        _agree(installation, person)
    hands.at = start - timedelta(minutes=10)
    _deliver(installation, visit.id)  # the reminders too
    _by(installation, actor.SCHEDULE, lambda work: running.make_ready(work, visit.id))
    _by(installation, actor.SCHEDULE, lambda work: running.open_door(work, visit.id))
    _meet(installation, cast, visit.id, hands)
    hands.at = start + timedelta(minutes=31)
    with _as(installation, cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    hands.at += timedelta(hours=2)
    with _as(installation, cast.lena) as work:
        recording.submit(work, visit.id, _SECTIONS, Outcome.COMPLETED)
    hands.at += timedelta(hours=20)
    with _as(installation, cast.priya) as work:
        recording.sign_off(work, visit.id)


_SECTIONS = Sections(
    what_happened="Rosa and Mia greeted each other. They drew a house together. Rosa read a story of ten minutes.",
    child_before="Mia asked twice when it would start.",
    child_after="Mia waved and said “see you next week”.",
    said="Mia: “Can we draw again?” Rosa: “Every time.”",
    next="Karim books the next visit.",
)


def _by(installation: Installation, who: Actor, act: Callable[[Work], object]) -> None:
    with begin(installation, who) as work:
        act(work)


def _deliver(installation: Installation, visit: VisitId) -> None:
    """The messages of the past have long arrived."""
    with begin(installation, actor.SCHEDULE) as work:
        for one in outbox.take_in_hand(work, most=len(notifications.messages_of(work, visit))):
            outbox.settle(work, Result(in_hand=one, fate=Fate.SENT))


_ASKED = (Purpose.TAKE_PART, Purpose.BE_SUPERVISED, Purpose.NOTES_KEPT, Purpose.NO_RECORDING)


def _agree(installation: Installation, person: PersonId) -> None:
    with read(installation, actor.SCHEDULE) as work:
        who = invitations.actor_of(work, person)
    with begin(installation, who) as work:
        for purpose in _ASKED:
            new = consent.NewAnswer(
                person=person,
                purpose=purpose,
                state=ConsentState.GIVEN,
                version=1,
                method=Method.ON_THE_PAGE,
            )
            consent.answer(work, new)


def _meet(installation: Installation, cast: Cast, visit_id: VisitId, hands: _Hands) -> None:
    with read(installation, actor.SCHEDULE) as work:
        visit = visit_by_id(work, visit_id)
    assert visit is not None
    adults = [p for p in visit.families() if p.role is ParticipantRole.FAMILY_MEMBER]
    children = [p for p in visit.families() if p.role is ParticipantRole.CAREGIVER]
    for number, participant in enumerate((visit.watcher, *adults, *children), 1):
        with begin(installation, _RELAY) as work:
            attending.joined(work, visit_id, participant, f"{number:032x}")
    for participant in (*adults, *children):
        with begin(installation, actor.SCHEDULE) as work:
            running.tell_company(work, visit, participant, Company.NOBODY)
    hands.at = visit.starts_at
    for participant in (*adults, *children):
        with _as(installation, cast.lena) as work:
            running.admit(work, visit_id, participant.id, _SEEN)
    with _as(installation, cast.lena) as work:
        recording.add_note(work, visit_id, "Warm greeting on both sides.")
