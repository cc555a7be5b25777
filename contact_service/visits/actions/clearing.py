"""Keep what an establishment says, and see to the visits that are booked: what it refuses is in doubt at once."""

from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer, Clearance
from contact_service.clearances.queries import asked_in
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import CaseId, PersonId
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.siblings import children_of
from contact_service.pools import actions as pools, queries
from contact_service.pools.pool import Pool
from contact_service.visits.actions.doubting import doubt_visits_with
from contact_service.visits.actions.holding import hold_if_not_cleared
from contact_service.visits.queries.finding import visits_with_person
from contact_service.visits.visit import IN_THE_ROOM
from contact_service.work import Work

_SEEN_TO_WITHIN = timedelta(days=1)


def answer(
    work: Work, person: PersonId, clearance: str, said: Answer, *, reference: str, last: date | None = None
) -> None:
    """As ``clearances.actions.answer``: what is booked and no longer cleared is put in doubt, what is live is held.

    Of a no the workers are told on Today in whose case it was asked, and nobody else.
    """
    asked = actions.answer(work, person, clearance, said, reference=reference, last=last)
    if said is Answer.REFUSED:
        _tell_workers(work, asked)
    _see_to_visits(work, person)


def set_desk(work: Work, pool: str, address: str, *, language: str | None = None) -> None:
    """As ``pools.actions.set_desk``: visits with people from there who are not cleared are seen to as after a no.

    Where an address was changed or taken away, the workers of everybody who takes part from there are told on Today.
    """
    found = queries.pool_for(work, pool)
    changed = pools.set_desk(work, pool, address, language=language)
    for person in sorted(queries.people_from(work, found.id)):
        if changed:
            _tell_of_change(work, person, found)
        _see_to_visits(work, person)


def _see_to_visits(work: Work, person: PersonId) -> None:
    """What runs and is no longer cleared is held, what is booked is in doubt.

    A visit that somebody is let in to at this moment is waited for, and judged as it stands then.
    """
    doubt_visits_with(work, person)
    for visit in visits_with_person(work, person, IN_THE_ROOM):
        hold_if_not_cleared(work, visit.id)


def _tell_of_change(work: Work, person: PersonId, pool: Pool) -> None:
    """From it whoever can talk somebody into another address is found out, before a letter goes there."""
    today = work.now.astimezone(ZoneInfo(pool.zone)).date()
    links = queries.links_of(work, frozenset({person}))
    if not any(one.pool.id == pool.id and one.meets(today, None) for one in links):
        return
    for case in people.cases_answering_for(work, person):
        follow_ups.ask_for(
            work,
            NewFollowUp(
                case=case,
                kind=FollowUpKind.DESK_CHANGED,
                for_role=ForRole.WORKER,
                about=f"desk/{pool.id}/{person}/{case}/{work.now.isoformat()}",
                due_at=work.now + _SEEN_TO_WITHIN,
                person=person,
                rules=("R68",),
            ),
        )


def _tell_workers(work: Work, asked: Clearance) -> None:
    for case in asked_in(work, asked.person, asked.child):
        follow_ups.ask_for(
            work,
            NewFollowUp(
                case=case,
                kind=FollowUpKind.CLEARANCE_REFUSED,
                for_role=ForRole.WORKER,
                about=f"clearance/{asked.id}/{case}",
                due_at=work.now + _SEEN_TO_WITHIN,
                person=_whose_visits(work, asked, case),
                rules=("R68",),
            ),
        )


def _whose_visits(work: Work, asked: Clearance, case: CaseId) -> PersonId:
    """The child of ``case`` whose visits it is about: the one met, else who takes part from there or is brought."""
    own = sorted(children_of(work, (case,)))
    named = (one for one in (asked.child, asked.person) if one in own)
    sharing = (one for one in own if asked.child in approved_for(work, one))
    return next(chain(named, sharing, own))
