"""Gather what the rules about the door and the room look at.  Nothing here says yes or no."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.consent import queries as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Purpose
from contact_service.ids import InvitationId, PersonId
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import PlanBasis
from contact_service.policy.consenting import Ask, AskFacts, asked, needed, notices
from contact_service.policy.room_facts import (
    AdmissionFacts,
    GoodbyeFacts,
    InsideFacts,
    JoinFacts,
    ResumeFacts,
    WatchFacts,
)
from contact_service.restrictions import queries as restrictions
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.visits.goodbye import is_asked_back
from contact_service.visits.queries.aside import is_aside
from contact_service.visits.queries.clearing import is_cleared, is_room_cleared
from contact_service.visits.queries.finding import is_supervisor_of
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.queries.understanding import not_understood_in
from contact_service.visits.queries.whereabouts import confirmed_in
from contact_service.visits.seen import Seen
from contact_service.visits.visit import (
    IN_THE_ROOM,
    NO_WAY_BACK,
    RUNNING,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitState,
)
from contact_service.work import Work

_NO = (ConsentState.DECLINED, ConsentState.WITHDRAWN)
_IN_THE_VISIT = (Stage.ADMITTED, Stage.PRIVATE, Stage.DISCONNECTED)


def child_consent(work: Work, child: PersonId) -> ConsentState:
    """Where the decision-holder's consent for the child stands."""
    return consent.standing_of(work, child, (Purpose.TAKE_PART,))[Purpose.TAKE_PART]


def know_consents_for(work: Work, children: Collection[PersonId]) -> None:
    """Read at once where the consent for each child stands: ``child_consent`` asks the database no more."""
    consent.newest_answers(work, children, Purpose.TAKE_PART, ConsentKind.CONSENT)


def basis_of(work: Work, visit: Visit) -> PlanBasis:
    """What it rests on for the child it is seen from: an order, the authority's plan, or an agreement, on its day."""
    plan = plans.plan_version(work, visit.plan)
    day = visit.starts_at.astimezone(ZoneInfo(visit.zone)).date()
    return plans.basis_of(work, plan, visit.circle, day)


def _basis_for_all(work: Work, visit: Visit) -> PlanBasis:
    """What everybody is asked by: an agreement where the visit rests on one for any child."""
    bases = [basis_of(work, seen) for seen in visit.by_child()]
    return PlanBasis.AGREEMENT if PlanBasis.AGREEMENT in bases else bases[0]


def questions_for(work: Work, visit: Visit) -> Mapping[Purpose, Ask]:
    """What everybody who joins by link is asked before this visit."""
    relations = {
        people.member(work, person, child=seen.child).relation
        for seen in visit.by_child()
        for person in seen.circle
    }
    return asked(
        AskFacts(
            policy=agency_policy.policy_in_force(work).document,
            basis=_basis_for_all(work, visit),
            interpreter=Relation.INTERPRETER in relations,
            observer=Relation.ADVOCATE in relations,
        )
    )


def own_consents(
    work: Work, visit: Visit, person: PersonId, link: InvitationId | None
) -> dict[Purpose, ConsentState]:
    """Where each answer stands that this visit needs of the one who joins, on the device of ``link``."""
    questions = questions_for(work, visit)
    return consent.standing_of(work, person, needed(questions), on=link, notices=notices(questions))


def is_barred(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether a no-contact restriction in force now stands between this person and anybody in the visit."""
    found = restrictions.restrictions_between(work, visit.people, at=work.now)
    return any(r.kind.bars and person in r.people for r in found)


def _is_apart(work: Work, visit: Visit, participant: Participant) -> bool:
    """Whether this device would bring together two who are kept apart; the children belong to the visit throughout."""
    inside = {
        p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person and p != participant
    } | {one.child for one in visit.children}
    mine = {*visit.brought_by(participant.person)} | ({participant.person} if participant.person else set())
    found = restrictions.restrictions_between(work, inside | mine, at=work.now)
    return any(r.kind is RestrictionKind.APART and mine & r.people for r in found)


def admission_facts(work: Work, visit: Visit, participant: Participant, seen: Seen) -> AdmissionFacts:
    """What the admission rules look at, for one waiting participant, ``seen`` as the supervisor says."""
    assert participant.person is not None
    for_child = _for_child(work, visit, participant)
    adults = [p for p in visit.families() if p.role is ParticipantRole.FAMILY_MEMBER]
    return AdmissionFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        in_conflict=watcher_in_conflict(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        visit_running=visit.state in IN_THE_ROOM,
        is_waiting=participant.stage in (Stage.WAITING, Stage.PRIVATE),
        device_connected=participant.leg is not None,
        identity_method=seen.method or "",
        company_told=participant.company is not None,
        company_seen=seen.company,
        whereabouts_known=_is_reachable(work, visit, participant, seen),
        is_child=participant.role is ParticipantRole.CAREGIVER,
        adult_admitted=any(p.stage is Stage.ADMITTED for p in adults),
        consents=tuple(own_consents(work, visit, participant.person, participant.link).values()),
        provisional=bool(consent.provisional_on(work, participant.person, participant.link)),
        child_consent=for_child.state,
        child_consent_needed=for_child.needed,
        child_assent=_assent_of(work, visit, participant),
        barred=_barred_or_child_is(work, visit, participant),
        cleared=is_cleared(work, visit, participant.person),
        room_cleared=is_room_cleared(work, visit),
        apart_from_another=_is_apart(work, visit, participant),
        not_understood=not_understood_in(work, visit, joining=participant),
        another_aside=any(p.id != participant.id and is_aside(work, p) for p in visit.families()),
        at=work.now,
        dies_at=visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit,
    )


def inside_facts(work: Work, visit: Visit, participant: Participant) -> InsideFacts:
    """What the rules look at by which somebody who was let in is talked to alone or sent home."""
    assert participant.person is not None
    for_child = _for_child(work, visit, participant)
    others = [p for p in visit.families() if p.id != participant.id]
    children = [p for p in others if p.role is ParticipantRole.CAREGIVER]
    return InsideFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        in_conflict=watcher_in_conflict(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        visit_running=visit.state in RUNNING,
        is_inside=participant.stage is Stage.ADMITTED and participant.leg is not None,
        is_alone=participant.stage is Stage.PRIVATE and is_aside(work, participant),
        asked_back=is_asked_back(participant),
        alone_with_another=any(p.standing is Stage.PRIVATE for p in others),
        is_child=participant.role is ParticipantRole.CAREGIVER,
        child_here=any(p.leg is not None or p.standing is Stage.ADMITTED for p in children),
        consents=tuple(own_consents(work, visit, participant.person, participant.link).values()),
        child_consent=for_child.state,
        child_consent_needed=for_child.needed,
        barred=_barred_or_child_is(work, visit, participant),
        apart_from_another=_is_apart(work, visit, participant),
    )


def goodbye_facts(work: Work, visit: Visit, participant: Participant, *, link_stands: bool) -> GoodbyeFacts:
    """What the rules look at by which a goodbye is taken back."""
    assert participant.person is not None
    for_child = _for_child(work, visit, participant)
    return GoodbyeFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        in_conflict=watcher_in_conflict(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        visit_running=visit.state in RUNNING,
        said_at=participant.goodbye_at if participant.stage is Stage.GOODBYE else None,
        link_stands=link_stands,
        consents=tuple(own_consents(work, visit, participant.person, participant.link).values()),
        child_consent=for_child.state,
        child_consent_needed=for_child.needed,
        barred=_barred_or_child_is(work, visit, participant),
        cleared=is_cleared(work, visit, participant.person),
        apart_from_another=_is_apart(work, visit, participant),
        at=work.now,
        dies_at=visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit,
    )


def _is_reachable(work: Work, visit: Visit, participant: Participant, seen: Seen) -> bool:
    if seen.whereabouts is not None:
        return seen.whereabouts.is_whole()
    return seen.still_there and participant.id in confirmed_in(work, visit.id)


def _barred_or_child_is(work: Work, visit: Visit, participant: Participant) -> bool:
    """A child's own device is barred only by what is between its children and those already inside."""
    assert participant.person is not None
    if is_barred(work, visit, participant.person):
        return True
    brought = frozenset(visit.brought_by(participant.person))
    children = {one.child for one in visit.children}
    inside = {p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person}
    child_with = restrictions.restrictions_between(work, inside | children, at=work.now)
    return any(r.kind.bars and brought & r.people for r in child_with)


@dataclass(frozen=True, kw_only=True)
class _ForChild:
    """Whether somebody's consent for a child is needed, and where it stands."""

    needed: bool
    state: ConsentState


def _for_child(work: Work, visit: Visit, participant: Participant) -> _ForChild:
    """The consent for a child at this device, or for any child for a device that brings none; the best of several.

    A consent taken back for one child keeps that child out, and never keeps a parent or a brother from another.
    """
    brought = visit.brought_by(participant.person)
    found = [
        _ForChild(needed=basis_of(work, seen) is PlanBasis.AGREEMENT, state=child_consent(work, seen.child))
        for seen in visit.by_child()
        if not brought or seen.child in brought
    ]
    enough = (ConsentState.GIVEN, ConsentState.STALE)
    return next((one for one in found if not one.needed or one.state in enough), found[0])


def _assent_of(work: Work, visit: Visit, participant: Participant) -> ConsentState:
    """What the child at this device says of the visit; of several the one who does not say no."""
    on = _links_of_carers(visit)
    said = [consent.assent_of(work, child, visit.id, on=on) for child in visit.brought_by(participant.person)]
    return next((one for one in said if one not in _NO), said[0]) if said else ConsentState.NEEDED


def takes_no_part(work: Work, visit: Visit, person: PersonId, link: InvitationId | None) -> bool:
    """Whether somebody who was invited has said no, is barred, or has no child of the visit left to come for."""
    if is_barred(work, visit, person) or any(
        s in _NO for s in own_consents(work, visit, person, link).values()
    ):
        return True
    brought = visit.brought_by(person)
    children = [seen for seen in visit.by_child() if not brought or seen.child in brought]
    return all(stays_out(work, seen, on=link if brought else None) for seen in children)


def stays_out(work: Work, visit: Visit, *, on: InvitationId | None = None) -> bool:
    """Whether the child it is seen from takes no part: the consent for them is taken back, or they have said no.

    ``on`` is the link of the child's device, where it may not have been let to the waiting room yet.
    """
    if child_consent(work, visit.child) in _NO and basis_of(work, visit) is PlanBasis.AGREEMENT:
        return True
    links = _links_of_carers(visit) | ({on} if on else set())
    return consent.assent_of(work, visit.child, visit.id, on=links) in _NO


def _links_of_carers(visit: Visit) -> frozenset[InvitationId]:
    """The links of the devices that children are at; of whoever got a new link, none until its device has knocked."""
    carers = (p for p in visit.families() if p.role is ParticipantRole.CAREGIVER)
    return frozenset(p.link for p in carers if p.link)


def who_stays_out(work: Work, visit: Visit, participant: Participant) -> tuple[PersonId, ...]:
    """The children of a device who must not be in its picture, where it is let in for another child."""
    brought = visit.brought_by(participant.person)
    return tuple(child for child in brought if stays_out(work, visit.seen_from(child)))


def join_facts(
    work: Work, visit: Visit, participant: Participant, *, link: InvitationId, link_live: bool
) -> JoinFacts:
    """What the joining rules look at, for the holder of one link."""
    assert participant.person is not None
    for_child = _for_child(work, visit, participant)
    limits = agency_policy.policy_in_force(work).limits
    return JoinFacts(
        link_live=link_live,
        opens_at=visit.starts_at - limits.early_entry,
        dies_at=visit.ends_at + limits.late_exit,
        visit_joinable=visit.state in IN_THE_ROOM,
        consents=tuple(own_consents(work, visit, participant.person, link).values()),
        visit_was_ready=visit.was_ready,
        child_consent=for_child.state,
        child_consent_needed=for_child.needed,
        barred=is_barred(work, visit, participant.person),
        cleared=is_cleared(work, visit, participant.person),
        removed=participant.stage in NO_WAY_BACK,
        at=work.now,
    )


def resume_facts(work: Work, visit: Visit) -> ResumeFacts:
    """What the rule of resuming looks at."""
    children = {one.child for one in visit.children}
    inside = {p.person for p in visit.families() if p.stage in _IN_THE_VISIT and p.person} | children
    found = restrictions.restrictions_between(work, inside, at=work.now)
    return ResumeFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        in_conflict=watcher_in_conflict(work, visit),
        supervisor_connected=visit.watcher.stage is Stage.ADMITTED and visit.watcher.leg is not None,
        is_held=visit.state is VisitState.HELD,
        alone_with_somebody=any(p.standing is Stage.PRIVATE for p in visit.families()),
        restricted=bool(found),
        cleared=is_room_cleared(work, visit),
        not_understood=not_understood_in(work, visit),
    )


def watch_facts(work: Work, visit: Visit) -> WatchFacts:
    """What the rule of coming into the room as its visit supervisor looks at."""
    return WatchFacts(
        is_visit_supervisor=is_supervisor_of(work, visit), in_conflict=watcher_in_conflict(work, visit)
    )
