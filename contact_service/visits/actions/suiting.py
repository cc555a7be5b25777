"""Write down trainings and conflicts of interest; put in doubt what is booked with somebody who suits it no more."""

from collections.abc import Iterable, Mapping
from datetime import date

from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import BadInput
from contact_service.ids import AccountId, PersonId
from contact_service.suitability import actions
from contact_service.suitability.actions import NewConflict
from contact_service.suitability.fit import Gender
from contact_service.suitability.queries import fit_of
from contact_service.visits.actions.doubting import doubt_visits, doubt_visits_staffed_by
from contact_service.visits.actions.holding import hold_if_in_conflict
from contact_service.visits.queries.finding import visits_staffed_by, visits_with
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, Visit
from contact_service.work import Work


def state_gender(work: Work, account: AccountId, gender: Gender | None) -> None:
    """As ``suitability.actions.state_gender``: what rested on what they said before is put in doubt."""
    actions.state_gender(work, account, gender)
    doubt_visits_staffed_by(work, account)


def set_trainings(work: Work, account: AccountId, trainings: Mapping[str, date]) -> None:
    """As ``suitability.actions.set_trainings``; raises ``BadInput`` for a training that the policy does not name.

    One that somebody has already stays theirs when the policy names it no more.
    """
    known = {*agency_policy.policy_in_force(work).document.trainings, *fit_of(work, account).trainings}
    unknown = [name for name in trainings if name not in known]
    if unknown:
        raise BadInput(f"The agency’s policy names no training “{unknown[0][:60]}”.", "trainings")
    actions.set_trainings(work, account, trainings)
    doubt_visits_staffed_by(work, account)


def declare_conflict(work: Work, new: NewConflict) -> str:
    """As ``suitability.actions.declare_conflict``: for what is booked, somebody else must be found to watch.

    A visit that they watch at this moment is held, and those who can see to it are asked to.
    """
    conflict = actions.declare_conflict(work, new)
    doubt_visits_staffed_by(work, new.account)
    _hold(work, visits_staffed_by(work, new.account, IN_THE_ROOM))
    return conflict


def follow_conflicts(work: Work, person: PersonId) -> None:
    """Let every visit follow the conflicts about ``person``, however they came to be about them."""
    work.session.flush()
    doubt_visits(work, visits_with(work, frozenset({person}), BOOKED))
    _hold(work, visits_with(work, frozenset({person}), IN_THE_ROOM))


def _hold(work: Work, visits: Iterable[Visit]) -> None:
    """In one order, since each is locked."""
    for visit in sorted(visit.id for visit in visits):
        hold_if_in_conflict(work, visit)
