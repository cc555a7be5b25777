"""What families decide by their link in a history: one of several times, that they come, that they cannot."""

from dataclasses import replace
from datetime import timedelta

from contact_service.ids import PersonId, VisitId
from contact_service.proposals.actions import choosing, proposing, replying
from contact_service.proposals.proposal import Answer
from contact_service.visits.visit import Visit, VisitState
from contact_service.visits.wish import Wish
from tests.histories.acts import Town


def proposes(town: Town, wish: Wish, visit_id: str) -> None:
    """Three times on three days; the mother, or whoever comes first, and the carer are asked."""
    times = [wish.wall_start + timedelta(days=days) for days in (0, 1, 3)]
    asked = [*wish.people[:1], *([wish.caregiver] if wish.caregiver else [])]
    visit = town.tries(
        town.staff["karim"], lambda work: proposing.propose(work, wish, times, asked, visit_id=visit_id)
    )
    if isinstance(visit, Visit):
        assert visit.state is VisitState.REQUESTED, "a choice was booked by nobody"
        town.visits.append(visit.id)
        town.meets(visit.id, wish)
        town.choices[visit.id] = wish
        town.counts("choice asked")


def chooses(town: Town, visit: VisitId, who: PersonId, place: int) -> None:
    """Somebody presses one of the times."""
    chosen = town.tries(town.as_person(who), lambda work: choosing.choose(work, visit, place))
    if isinstance(chosen, Visit):
        assert town.book.not_approved(visit) == [], "a visit with somebody who may not meet the child"
        wish = town.choices[visit]
        town.meets(visit, replace(wish, wall_start=wish.wall_start + timedelta(days=(0, 1, 3)[place - 1])))
        town.counts("chosen")


def answers(town: Town, visit: VisitId, who: PersonId, said: Answer) -> None:
    """Somebody says whether they come."""
    if town.does(town.as_person(who), lambda work: replying.answer(work, visit, said)):
        town.counts(f"says {said.value}")


def wants(town: Town, visit: VisitId, who: PersonId, days: int) -> None:
    """Somebody asks for the same hour of another day."""
    at = town.house.visit(visit).starts_at + timedelta(days=days)
    if town.does(town.as_person(who), lambda work: replying.ask_other_time(work, visit, at)):
        town.counts("asks for another time")
