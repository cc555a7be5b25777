"""Which visit supervisors would suit a wished visit, and on which days.  Nothing here says yes or no."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from contact_service.actor import Role
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.ids import AccountId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.scheduling.grid import Grid
from contact_service.suitability.queries import fit_of
from contact_service.visits.queries.suiting import barred_from
from contact_service.visits.suiting import Asked, in_words, suits, suits_on
from contact_service.visits.wish import Wish
from contact_service.work import Work


def asked_of_supervisors(work: Work, wish: Wish) -> tuple[Asked, ...]:
    """Everything that the plans of the children of ``wish`` ask of whoever watches."""
    return tuple(_asked(work, wish))


def _asked(work: Work, wish: Wish) -> Iterator[Asked]:
    for one in wish.by_child():
        plan = plans.plan_for(work, one.child)
        zone = people.zone_of(work, people.case_of(work, one.child))
        for person in one.meeting:
            terms = plan.terms_for(person) if plan else None
            if terms is not None and (terms.demands.trainings or terms.demands.gender):
                yield Asked(zone=zone, demands=terms.demands)


@dataclass(frozen=True, kw_only=True)
class Watchers:
    """Of those who watch visits: who could watch a wished one on its day, who must not, and what is asked, as codes."""

    suiting: tuple[Account, ...]
    cannot: tuple[Account, ...]
    asked: tuple[tuple[str, str], ...]


def watchers_for(work: Work, wish: Wish, on: date) -> Watchers:
    """Who of all visit supervisors suits ``wish`` on a day; whether they are free is not looked at."""
    asked = asked_of_supervisors(work, wish)
    barred = barred_from(work, wish.everybody, (one.child for one in wish.children))
    able = identity.accounts_with(work, Role.VISIT_SUPERVISOR)
    return Watchers(
        suiting=tuple(a for a in able if a.id not in barred and suits_on(fit_of(work, a.id), asked, on)),
        cannot=tuple(a for a in able if a.id in barred),
        asked=in_words(asked),
    )


def suiting_slots(
    work: Work,
    wish: Wish,
    grid: Grid,
    supervisors: Iterable[AccountId],
    *,
    asked: tuple[Asked, ...],
    beyond: int,
) -> dict[AccountId, int]:
    """Those of ``supervisors`` who suit ``wish`` on some day, each with the slots until then and ``beyond`` more."""
    barred = barred_from(work, wish.everybody, (one.child for one in wish.children))
    slots = {
        account: suits(fit_of(work, account), asked, grid) for account in supervisors if account not in barred
    }
    return {
        account: ((1 << mask.bit_length() + beyond) - 1) & grid.everything
        for account, mask in slots.items()
        if mask
    }
