"""What the agency does beside visits in a history: whom it approves, its policy, homes, rights, emergencies, doubts."""

from datetime import timedelta
from functools import partial

from contact_service.agency_policy import actions as agency_policy
from contact_service.agency_policy.version import PolicyAct
from contact_service.approvals.actions.meeting import approve_to_meet, end_approval_to_meet
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.demo.cast import staff_actor
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.actions import placements, rights
from contact_service.people.decision_right import Authority, Basis, Matter, NewRight
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.rights import rights_of
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.reasons import EmergencyReason
from contact_service.visits.visit import Visit, VisitState
from tests.histories.acts import LONDON, Town

# None of them changes what people must have agreed to, nor when the door opens.
POLICIES = {
    "automatic": """\
title: Brothers and sisters
approvals:
  automatic:
    - {name: siblings, relations: [sibling], levels: [supervised], most_minutes: 45}
""",
    "plain": "title: Plain\n",
    "short visits": "title: Short\nlimits: {longest: 20 min}\n",
    "small groups": "title: Small\nlimits: {most_people: 2}\n",
}


def approves_person(town: Town, child: PersonId, person: PersonId) -> None:
    """An approver lets the child meet somebody."""
    done = town.tries(town.staff["priya"], lambda work: approve_to_meet(work, child, person))
    if done:
        town.book.unapproved.discard((child, person))
        town.counts("approved to meet")


def ends_approval(town: Town, child: PersonId, person: PersonId) -> None:
    """From now nobody approves a visit of the two; what is booked is in doubt."""
    done = town.tries(town.staff["karim"], lambda work: end_approval_to_meet(work, child, person))
    if done:
        town.book.unapproved.add((child, person))
        town.counts("approval ended")


def publishes_policy(town: Town, name: str) -> None:
    """One writes it, another publishes it, and those who book and approve read it."""
    ola = staff_actor(town.house.installation, town.house.cast.ola)
    version = town.tries(town.staff["priya"], lambda work: agency_policy.propose_policy(work, POLICIES[name]))
    if version is None:
        return
    if town.tries(ola, lambda work: publish_policy(work, version)) is None:
        return
    for who, act in (("karim", PolicyAct.BOOK), ("priya", PolicyAct.APPROVE)):
        town.does(town.staff[who], partial(agency_policy.accept_policy, act=act, version=version))
    town.counts(f"policy {name}")


def asks_soon(town: Town, child: PersonId, people: tuple[PersonId, ...], hours: int) -> None:
    """A visit within the notice, with a reason; an approver agrees by approving it."""
    wall = (town.now.astimezone(LONDON) + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    wish = town.house.wish(
        child=child,
        people=people,
        wall_start=wall.replace(tzinfo=None),
        emergency=EmergencyReason.CHILD_IN_DISTRESS,
    )
    visit = town.tries(town.staff["karim"], lambda work: inviting.request_visit(work, wish))
    if isinstance(visit, Visit):
        town.visits.append(visit.id)
        town.meets(visit.id, wish)
        town.counts("emergency asked")
        assert visit.state is VisitState.REQUESTED, "an emergency went by no person"


def clears_doubt(town: Town, visit: VisitId) -> None:
    """An approver says why it stands."""
    if town.does(
        town.staff["priya"], lambda work: clear_doubt(work, visit, "visit_stands", "The court asks.")
    ):
        town.counts("doubt cleared")


def moves(town: Town, child: PersonId, days: int) -> None:
    """The child lives somewhere else from a day on."""
    new = NewPlacement(
        child=child,
        carer=town.house.cast.ines,
        days=Days(first=town.now.date() + timedelta(days=days)),
        confidential=True,
        words=PlaceWords(name="Elm Row"),
    )
    if town.does(town.staff["karim"], lambda work: placements.place(work, new)):
        town.counts("moved")


def right_changes(town: Town, child: PersonId, who: str, *, ends: bool) -> None:
    """Somebody may decide for the child from today, or no more after today; answers given before stay given."""
    today = town.now.date()
    holder = Authority.AGENCY if who == "agency" else town.house.cast.dana
    karim = town.staff["karim"]
    if not ends:
        new = NewRight(
            child=child,
            holder=holder,
            matters=frozenset({Matter.CONTACT}),
            basis=Basis.PARENTAL_RESPONSIBILITY,
            days=Days(first=today),
        )
        if town.does(karim, lambda work: rights.record_right(work, new)):
            town.counts("right given")
        return
    held = town.tries(karim, lambda work: rights_of(work, child)) or []
    for right in held:
        if right.holder == holder and right.days.last is None:
            ended = partial(rights.end_right, child=child, right=right.id, last=today)
            if town.does(karim, ended):
                town.counts("right ended")
            return
