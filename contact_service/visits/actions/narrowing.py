"""Decide who of those who come if they can would be there at the one time that is asked for; nothing is booked."""

from contact_service.errors import BadInput
from contact_service.ids import VisitId
from contact_service.people.queries import members as people
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Refused, all_of
from contact_service.scheduling.local_time import NoSuchTime
from contact_service.texts import N_
from contact_service.visits.actions.booking import demand_known
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.moving import lock
from contact_service.visits.actions.refusing import refuse
from contact_service.visits.narrowing import Narrowed
from contact_service.visits.optional import IfTheyCan, without
from contact_service.visits.queries.asking import facts_of_children, start_of, wish_of
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.queries.narrowing import as_many_as_may
from contact_service.visits.wish import Wish
from contact_service.work import Work


class TooFewCanCome(BadInput):
    """Too few of those who come if they can are able to come then. Choose another time."""


def with_those_who_can(
    work: Work, wish: Wish, optional: IfTheyCan, *, changing: VisitId | None = None
) -> Wish | Refused:
    """``wish`` with as many of those who come if they can as may at its start, to be booked in the same transaction.

    ``changing``: the visit that it changes, whose own time does not stand in the way.

    Until it ends everybody of ``wish`` is locked.  Whether those who must be there may is left to whoever books.
    Too few: a refusal, recorded, where a rule has something against somebody; else raises ``TooFewCanCome``.
    """
    # A visit is locked before its people, as in every change.
    before = [wish_of(lock(work, changing)[1])] if changing else []
    demand_known(work, wish)
    demand_optional(work, wish, optional)
    if not optional.people:
        return wish
    lock_everybody(work, *before, wish)
    start = start_of(work, wish)
    if isinstance(start, NoSuchTime):
        return without(wish, optional.people)  # R9 tells why

    def decide(one: Wish) -> Decision:
        return all_of(may_book(facts) for facts in facts_of_children(work, one, besides=changing))

    found = as_many_as_may(work, wish, optional, start, decide)
    return refuse_too_few(work, wish, optional, found) if found.too_few else found.wish


def refuse_too_few(work: Work, wish: Wish, optional: IfTheyCan, found: Narrowed) -> Refused:
    """The refusal, recorded, where a rule has something against somebody; else raises ``TooFewCanCome``."""
    assert isinstance(found.decision, Refused)
    if not found.decision.reasons:
        raise _too_few(work, optional, len(found.coming))
    return refuse(work, wish, found.decision)


def _too_few(work: Work, optional: IfTheyCan, can: int) -> TooFewCanCome:
    names = ", ".join(people.details_of(work, person).known_as for person in optional.people)
    words = N_("At least {quorum} of these must come, and {can} can then: {names}. Choose another time.")
    return TooFewCanCome(words, "quorum", quorum=str(optional.quorum), can=str(can), names=names)
