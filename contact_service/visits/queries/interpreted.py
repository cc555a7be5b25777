"""Who interprets at one start: the one place that decides it, for whoever looks for times, holds them or books them.

Whether anybody has to, and whether somebody may, is said by the rules (R51 and the others); here those are put before
them who know the languages, stand in the plan and are free.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contact_service.agency_policy import queries as agency_policy
from contact_service.claims.queries import claims_between
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Permitted, Reason, Refused, all_of, problem
from contact_service.policy.understanding import NO_INTERPRETER, NOT_UNDERSTOOD
from contact_service.texts import N_
from contact_service.visits.queries.asking import facts_of_children, wish_of
from contact_service.visits.queries.interpreting import Interpreters, interpreters_for
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_time_of

_RULE = "R51"
Decide = Callable[[Wish], Decision]


@dataclass(frozen=True, kw_only=True)
class Interpreted:
    """A wish with whoever interprets in it, who that is if anybody was added, and what the rules say of it."""

    wish: Wish
    decision: Decision
    interpreter: PersonId | None = None


def interpreted(
    work: Work,
    wish: Wish,
    starts_at: datetime,
    decide: Decide,
    *,
    besides: frozenset[VisitId] = frozenset(),
    first: Sequence[PersonId] = (),
) -> Interpreted:
    """``wish`` as it could be asked for at ``starts_at``: with somebody who interprets where that is all it lacks.

    ``first`` are asked before others: whoever interpreted the last time.  Where somebody could interpret and nobody of
    them is free, the rules' no says that (``NO_INTERPRETER``); where nobody has to, the wish is as it was.  ``besides``
    are visits that would no longer be where they are.
    """
    alone = decide(wish)
    if isinstance(alone, Permitted) or NOT_UNDERSTOOD not in _codes(alone):
        return Interpreted(wish=wish, decision=alone)
    helpers = _helpers(work, wish)
    if wish.supervisor is None or not helpers.everybody:
        return Interpreted(wish=wish, decision=alone)
    free = _free(work, helpers.everybody, (starts_at, starts_at + wish.length), besides)
    said: Decision = _nobody_free(alone)
    for one in helpers.to_try(wish.supervisor, free, first=first):
        helped = wish.with_people([one])
        said = decide(helped)
        # What is said without them too is no reason against them.
        if isinstance(said, Permitted) or _codes(said) <= _codes(alone) - {NOT_UNDERSTOOD}:
            return Interpreted(wish=helped, decision=said, interpreter=one)
    return Interpreted(wish=wish, decision=said)


def at_another_time(work: Work, visit: Visit, starts_at: datetime, supervisor: AccountId) -> Wish:
    """A booked visit as a wish at ``starts_at`` with this supervisor, and with whoever interprets then.

    That is whoever interprets in it now, where somebody has to and they are free.
    """
    wish, before = without_interpreters(work, wish_of(visit))
    if not before:
        return wish.moved(starts_at, visit.zone, supervisor)
    aside = frozenset({visit.id})
    decide = by_the_rules(work, besides=aside)
    wish = wish.moved(starts_at, visit.zone, supervisor)
    found = interpreted(work, wish, starts_at, decide, besides=aside, first=before)
    # Where nobody is found the rules are to say so of the visit as it is.
    return (
        found.wish if found.interpreter or isinstance(found.decision, Permitted) else wish.with_people(before)
    )


def by_the_rules(work: Work, *, besides: frozenset[VisitId] = frozenset()) -> Decide:
    """What the rules of a single booking say of a wish, for every child."""
    return lambda wish: all_of(may_book(facts) for facts in facts_of_children(work, wish, besides=besides))


def could_interpret(work: Work, wish: Wish) -> tuple[PersonId, ...]:
    """Everybody who could interpret for the supervisor of ``wish``, free or not; nobody where nobody has to."""
    return _helpers(work, wish).everybody


def _helpers(work: Work, wish: Wish) -> Interpreters:
    return interpreters_for(work, wish, [wish.supervisor] if wish.supervisor else [])


def with_whoever_could(work: Work, wish: Wish) -> Wish:
    """``wish`` with all of them, to lock them before one is chosen."""
    return wish.with_people(could_interpret(work, wish))


def without_interpreters(
    work: Work, wish: Wish, *, kept: Collection[PersonId] = ()
) -> tuple[Wish, tuple[PersonId, ...]]:
    """``wish`` without those who interpret, and who they were: at another time it may be somebody else.

    ``kept`` were chosen for all times, and stay.
    """
    relations = {
        one.person: one.relation
        for one in people.members_of(work, people.case_of(work, wish.child), child=wish.child)
    }
    them = tuple(one for one in wish.people if relations.get(one) is Relation.INTERPRETER and one not in kept)
    return replace(wish, people=tuple(one for one in wish.people if one not in them)), them


def _codes(decision: Refused) -> set[str]:
    return {reason.code for reason in decision.reasons}


def _nobody_free(refused: Refused) -> Refused:
    sentence = N_("Somebody has to interpret, and nobody who could is free then. Choose another time.")
    reason = Reason(rule=_RULE, problem=problem(NO_INTERPRETER, sentence))
    others = tuple(one for one in refused.reasons if one.code != NOT_UNDERSTOOD)
    return replace(refused, reasons=(*others, reason))


def _free(
    work: Work,
    able: Sequence[PersonId],
    when: tuple[datetime, datetime],
    besides: frozenset[VisitId],
) -> list[PersonId]:
    """Those of ``able`` whom nothing has claimed then, time around a visit included, and whom those hours suit."""
    around = agency_policy.policy_in_force(work).document.buffers.family_member
    begins, after = when[0] - around.before, when[1] + around.after
    taken = {
        one.span.who for one in claims_between(work, begins, after, who=able) if one.visit not in besides
    }
    times = family_time_of(work, able, between=when)
    return [one for one in able if one not in taken and (one not in times or times[one].can_take_part(*when))]
