"""Put booked visits in doubt that a later fact would now refuse; clear the doubt with a reason (feature K5).

A doubt stops nothing: what must stop at once (a restriction, a consent taken back) stops by itself.
"""

from collections.abc import Iterable
from datetime import timedelta

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId, VisitId
from contact_service.plans import queries as plans
from contact_service.policy.booking import may_stand
from contact_service.policy.decision import Refused
from contact_service.visits.actions.moving import lock
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.asking import booked_facts
from contact_service.visits.queries.doubting import reasons_against
from contact_service.visits.queries.finding import visits_in, visits_of_child, visits_out_of_reach
from contact_service.visits.record import Remark
from contact_service.visits.visit import BOOKED, Visit
from contact_service.work import Work

_LOOKED_AT_WITHIN = timedelta(days=1)


def doubt_visits_of(work: Work, child: PersonId) -> int:
    """Put in doubt what a change about this child would now refuse; returns how many visits."""
    return doubt_visits(work, visits_of_child(work, child, BOOKED))


def doubt_all_visits(work: Work) -> int:
    """Put in doubt what a change for the whole agency would now refuse, within reach or not; returns how many."""
    found = (*visits_in(work, BOOKED), *visits_out_of_reach(work, BOOKED))
    return doubt_visits(work, found)


def doubt_visits(work: Work, visits: Iterable[Visit]) -> int:
    """Ask an approver to look at each of these booked visits that would be refused now; returns how many those are.

    The same reasons under the same plan and policy are asked about once, also after they were cleared.
    """
    ahead = (visit for visit in visits if visit.starts_at > work.now)
    return sum(_doubt_for_any(work, visit) for visit in ahead)


def _doubt_for_any(work: Work, visit: Visit) -> bool:
    """Ask for each child who is concerned, and not for the first alone."""
    asked = [_doubt(work, seen) for seen in visit.by_child()]
    return any(asked)


def _doubt(work: Work, visit: Visit) -> bool:
    """For the child it is seen from, in whose case the approver is asked."""
    decision = may_stand(booked_facts(work, visit))
    if not isinstance(decision, Refused):
        return False
    codes = ",".join(sorted({reason.code for reason in decision.reasons}))
    plan = plans.plan_for(work, visit.child)
    rests_on = f"{plan.version if plan else 0}/{agency_policy.policy_in_force(work).version}"
    follow_ups.ask_for(
        work,
        NewFollowUp(
            case=visit.case,
            kind=FollowUpKind.IN_DOUBT,
            for_role=ForRole.APPROVER,
            about=f"doubt/{visit.room}/{visit.child}/{rests_on}/{codes}",
            due_at=min(work.now + _LOOKED_AT_WITHIN, visit.starts_at),
            visit=visit.id,
            person=visit.child,
            rules=tuple(dict.fromkeys(decision.rules)),
        ),
    )
    return True


def clear_doubt(work: Work, visit: VisitId, reason: str, text: str = "") -> None:
    """Say that a booked visit stands all the same, or that what was wrong has been put right.

    ``text`` is kept, sealed, and is needed while rules still speak against the visit: raises ``BadInput`` without
    it, ``NotAllowed`` for whoever is no approver, and ``Conflict`` when nothing is in doubt.
    """
    _, found = lock(work, visit)
    if not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver decides whether a visit in doubt stands.")
    doubts = asked.open_about(work, visit, FollowUpKind.IN_DOUBT)
    if not doubts:
        raise Conflict("Somebody has decided this already. Load the page again.")
    if not text.strip() and reasons_against(work, found):
        raise BadInput("Rules still say no. Write why the visit stands all the same.", "text")
    keep_remark(work, found, Remark.DOUBT, text)
    for doubt in doubts:
        follow_ups.decide(work, doubt, reason)
