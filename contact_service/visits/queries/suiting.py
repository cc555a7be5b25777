"""Gather what the rules know of whoever would watch, decide or interpret.  Nothing here says yes or no."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.people.queries import members as people
from contact_service.people.queries.emergency_access import open_to_actor
from contact_service.policy.facts import DecidingFacts, WatcherFacts
from contact_service.suitability.queries import fit_of, who_is_barred
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work


def watcher_facts(work: Work, wish: Wish, at: datetime, zone: str) -> WatcherFacts:
    """What is known of the supervisor of ``wish`` on the day of ``at``, by the calendar of ``zone``."""
    assert wish.supervisor is not None
    fit = fit_of(work, wish.supervisor)
    return WatcherFacts(
        name=identity.account_for(work, wish.supervisor).name,
        in_conflict=is_in_conflict(work, wish.supervisor, wish),
        gender=fit.gender,
        trainings=fit.trained_on(at.astimezone(ZoneInfo(zone)).date()),
    )


def opener_named(work: Work, wish: Wish) -> str:
    """The actor's name where ``wish`` names them and they reach a child of it by an emergency alone, else empty."""
    account = work.actor.account
    if account is None or account not in (wish.supervisor, wish.duty):
        return ""
    cases = {people.case_of(work, one.child) for one in wish.children}
    return identity.account_for(work, account).name if open_to_actor(work, cases) else ""


def is_in_conflict(work: Work, account: AccountId, wish: Wish) -> bool:
    """Whether a conflict of interest is declared between ``account`` and anybody of ``wish``, or a case of it."""
    children = (one.child for one in wish.children)
    return account in barred_from(work, wish.everybody, children)


def barred_from(
    work: Work, everybody: Iterable[PersonId], children: Iterable[PersonId]
) -> frozenset[AccountId]:
    """Those of the staff who have no part in a visit of ``everybody`` whose children are ``children``."""
    return who_is_barred(work, everybody, {people.case_of(work, child) for child in children})


def watcher_in_conflict(work: Work, visit: Visit) -> bool:
    """Whether the visit supervisor of ``visit`` has a conflict of interest that counts now."""
    return visit.supervisor in barred_from(work, visit.people, (one.child for one in visit.children))


def duty_in_conflict(work: Work, wish: Wish) -> str:
    """The name of the duty person of ``wish`` where they have a conflict of interest, else nothing."""
    if wish.duty is None or not is_in_conflict(work, wish.duty, wish):
        return ""
    return identity.account_for(work, wish.duty).name


def deciding_facts(work: Work, visit: Visit, *, stands: bool) -> DecidingFacts:
    """What the rule looks at of whoever decides on ``visit``; ``stands``: it would take place as it is booked."""
    barred = barred_from(work, visit.people, (one.child for one in visit.children))

    def name(account: AccountId) -> str:
        return identity.account_for(work, account).name if stands and account in barred else ""

    return DecidingFacts(
        in_conflict=work.actor.account in barred,
        supervisor_in_conflict=name(visit.supervisor),
        duty_in_conflict=name(visit.duty),
    )
