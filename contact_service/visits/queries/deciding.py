"""Gather what the rules of ``policy`` look at.  Nothing here says yes or no."""

from datetime import datetime

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import ApprovedAct
from contact_service.agency_policy.version import PolicyAct
from contact_service.consent import queries as consent
from contact_service.consent.consent import REQUIRED_TO_JOIN, ConsentState, Purpose
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.people import queries as people
from contact_service.people.person import Member, RestrictionKind
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan, Risk
from contact_service.policy.facts import (
    AdmissionFacts,
    ApprovalFacts,
    BookingFacts,
    ChangeFacts,
    JoinFacts,
    PersonFacts,
    ResumeFacts,
)
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.queries.finding import is_supervisor_of, people_in
from contact_service.visits.visit import (
    BOOKED,
    IN_THE_ROOM,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitState,
)
from contact_service.visits.wish import Wish
from contact_service.work import Work

_IN_THE_VISIT = (Stage.ADMITTED, Stage.PRIVATE, Stage.DISCONNECTED)


def booking_facts(work: Work, wish: Wish) -> BookingFacts:
    """What the booking rules look at, for a visit somebody wishes."""
    zone = people.zone_of(work, people.case_of(work, wish.child))
    start = instant(wish.wall_start, zone)
    starts_at = None if isinstance(start, NoSuchTime) else start
    return _booking_facts(work, wish, starts_at, start.words if isinstance(start, NoSuchTime) else "")


def _booking_facts(work: Work, wish: Wish, starts_at: datetime | None, time_problem: str) -> BookingFacts:
    account = work.actor.account
    return BookingFacts(
        child_name=people.details_of(work, wish.child).known_as,
        people=_people_facts(work, wish, starts_at or work.now),
        has_caregiver=wish.caregiver is not None,
        child_consent=child_consent(work, wish.child),
        starts_at=starts_at,
        ends_at=starts_at + wish.length if starts_at else None,
        local_time_problem=time_problem,
        level=wish.level,
        supervisor_qualified=_has_role(work, wish.supervisor, Role.VISIT_SUPERVISOR),
        duty_person_named=wish.duty is not None and any(_has_role(work, wish.duty, role) for role in Role),
        zone=people.zone_of(work, people.case_of(work, wish.child)),
        policy=agency_policy.policy_in_force(work).document,
        policy_accepted=account is not None and agency_policy.has_accepted(work, account, PolicyAct.BOOK),
        at=work.now,
    )


def _people_facts(work: Work, wish: Wish, at: datetime) -> tuple[PersonFacts, ...]:
    plan = plans.plan_for(work, wish.child)
    carers = () if wish.caregiver is None else (wish.caregiver,)
    barred, apart = _restricted(work, frozenset({wish.child, *wish.people, *carers}), at)
    members = (people.member(work, person, child=wish.child) for person in wish.people)
    return tuple(_person_facts(plan, member, (barred, apart)) for member in members)


def _person_facts(
    plan: ContactPlan | None,
    member: Member,
    restricted: tuple[frozenset[PersonId], frozenset[PersonId]],
) -> PersonFacts:
    person = member.person
    terms = plan.terms_for(person) if plan else None
    return PersonFacts(
        name=member.known_as,
        relation=member.relation,
        risk=terms.risk if terms else Risk.HIGH,
        in_plan=terms is not None,
        plan_level=terms.level if terms else None,
        plan_minutes=int(terms.length.total_seconds() // 60) if terms else None,
        barred_from_child=person in restricted[0],
        apart_from_another=person in restricted[1],
    )


def _restricted(
    work: Work, everybody: frozenset[PersonId], at: datetime
) -> tuple[frozenset[PersonId], frozenset[PersonId]]:
    """Who is barred from somebody, and who must be kept apart, now or when the visit would be."""
    found = [
        *people.restrictions_between(work, everybody, at=work.now),
        *people.restrictions_between(work, everybody, at=at),
    ]
    barred = [r.people for r in found if r.kind is RestrictionKind.NO_CONTACT]
    apart = [r.people for r in found if r.kind is RestrictionKind.APART]
    return frozenset().union(*barred), frozenset().union(*apart)


def _has_role(work: Work, account: AccountId | None, role: Role) -> bool:
    return account is not None and any(a.id == account for a in identity.accounts_with(work, role))


def wish_of(visit: Visit) -> Wish:
    """A booked visit as a wish, to be decided again."""
    carers = [p.person for p in visit.participants if p.role is ParticipantRole.CAREGIVER]
    return Wish(
        child=visit.child,
        people=tuple(
            p.person for p in visit.families() if p.person and p.role is ParticipantRole.FAMILY_MEMBER
        ),
        caregiver=carers[0] if carers else None,
        wall_start=visit.starts_at,
        length=visit.ends_at - visit.starts_at,
        level=visit.level,
        supervisor=visit.supervisor,
        duty=visit.duty,
    )


def approval_facts(work: Work, visit: Visit) -> ApprovalFacts:
    """What the approval rules look at."""
    account = work.actor.account
    deciding = agency_policy.policy_in_force(work).document.approvals.who(ApprovedAct.VISIT)
    return ApprovalFacts(
        is_approver=any(work.actor.has(role) for role in deciding),
        is_requester=work.actor.account == visit.requested_by,
        still_requested=visit.state is VisitState.REQUESTED,
        policy_accepted=account is not None and agency_policy.has_accepted(work, account, PolicyAct.APPROVE),
        booking=_booking_facts(work, wish_of(visit), visit.starts_at, ""),
    )


def change_facts(work: Work, visit: Visit) -> ChangeFacts:
    """What the rule of changes looks at."""
    return ChangeFacts(
        may_change=visit.state in BOOKED | {VisitState.REQUESTED},
        starts_at=visit.starts_at,
        limits=agency_policy.policy_in_force(work).limits,
        at=work.now,
    )


def child_consent(work: Work, child: PersonId) -> ConsentState:
    """Where the decision-holder's consent for the child stands."""
    return consent.standing_of(work, child, (Purpose.TAKE_PART,))[Purpose.TAKE_PART]


def own_consents(work: Work, person: PersonId) -> dict[Purpose, ConsentState]:
    """Where each answer that joining needs stands, for the one who joins."""
    return consent.standing_of(work, person, REQUIRED_TO_JOIN)


def is_barred(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether a no-contact restriction in force now stands between this person and anybody in the visit."""
    found = people.restrictions_between(work, people_in(visit), at=work.now)
    return any(r.kind is RestrictionKind.NO_CONTACT and person in r.people for r in found)


def _is_apart(work: Work, visit: Visit, participant: Participant) -> bool:
    inside = {
        p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person and p != participant
    }
    mine = {participant.person} if participant.person else set()
    found = people.restrictions_between(work, inside | mine, at=work.now)
    return any(r.kind is RestrictionKind.APART and mine & r.people for r in found)


def admission_facts(
    work: Work, visit: Visit, participant: Participant, *, identity_method: str
) -> AdmissionFacts:
    """What the admission rules look at, for one waiting participant."""
    assert participant.person is not None
    adults = [p for p in visit.families() if p.role is ParticipantRole.FAMILY_MEMBER]
    return AdmissionFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        visit_running=visit.state in IN_THE_ROOM,
        is_waiting=participant.stage in (Stage.WAITING, Stage.PRIVATE),
        device_connected=participant.leg is not None,
        identity_method=identity_method,
        is_child=participant.role is ParticipantRole.CAREGIVER,
        adult_admitted=any(p.stage is Stage.ADMITTED for p in adults),
        consents=tuple(own_consents(work, participant.person).values()),
        child_consent=child_consent(work, visit.child),
        barred=_barred_or_child_is(work, visit, participant),
        apart_from_another=_is_apart(work, visit, participant),
        at=work.now,
        dies_at=visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit,
    )


def _barred_or_child_is(work: Work, visit: Visit, participant: Participant) -> bool:
    """The child's own device is barred only by what is between the child and an adult already inside."""
    assert participant.person is not None
    if is_barred(work, visit, participant.person):
        return True
    inside = {p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person}
    child_with = people.restrictions_between(work, inside | {visit.child}, at=work.now)
    return participant.role is ParticipantRole.CAREGIVER and any(
        r.kind is RestrictionKind.NO_CONTACT for r in child_with
    )


def join_facts(work: Work, visit: Visit, participant: Participant, *, link_live: bool) -> JoinFacts:
    """What the joining rules look at, for the holder of one link."""
    assert participant.person is not None
    limits = agency_policy.policy_in_force(work).limits
    return JoinFacts(
        link_live=link_live,
        opens_at=visit.starts_at - limits.early_entry,
        dies_at=visit.ends_at + limits.late_exit,
        visit_joinable=visit.state in IN_THE_ROOM,
        consents=tuple(own_consents(work, participant.person).values()),
        visit_was_ready=visit.was_ready,
        child_consent=child_consent(work, visit.child),
        barred=is_barred(work, visit, participant.person),
        removed=participant.stage is Stage.REMOVED,
        at=work.now,
    )


def resume_facts(work: Work, visit: Visit) -> ResumeFacts:
    """What the rule of resuming looks at."""
    inside = {p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person} | {visit.child}
    found = people.restrictions_between(work, inside, at=work.now)
    return ResumeFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        is_held=visit.state is VisitState.HELD,
        restricted=bool(found),
    )
