"""Brothers and sisters of Mia in homes of their own: each a case, a carer and a plan that names all of them."""

from dataclasses import dataclass
from datetime import timedelta

from contact_service.approvals.actions import planning
from contact_service.demo.cast import DOMAIN, ZONE, consent_for_child
from contact_service.ids import PersonId, PlanId
from contact_service.people.actions import members as people
from contact_service.people.actions.members import Tie
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.plans import queries as plans
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.wish import ChildWished
from contact_service.work import Work
from tests.cast import House


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """A child of another home, and the carer there."""

    child: PersonId
    carer: PersonId

    @property
    def wished(self) -> ChildWished:
        return ChildWished(child=self.child, caregiver=self.carer)


def siblings_of_mia(house: House, *names: str) -> list[Sibling]:
    """Open a case for each of ``names``; every one of them, Mia and their mother are in each other's plans."""
    with house.work(house.cast.karim) as work:
        found = [_opened(work, house, name) for name in names]
        for one in found:
            for other in found:
                if other != one:
                    _tie(work, one.child, other.child, Relation.SIBLING)
        made = [_plan(work, house, one.child, found) for one in found]
        made.append(_plan(work, house, house.cast.mia, found))
    with house.work(house.cast.priya) as work:
        for plan in made:
            assert not isinstance(planning.approve_plan(work, plan), Refused)
    return found


def _opened(work: Work, house: House, name: str) -> Sibling:
    case = people.open_case(work, zone=ZONE, workers=(house.cast.karim,))
    details = Details(name=f"{name} Marlowe", known_as=name, born_on="2019-02-11")
    child = people.add_person(work, case, details, MemberRole.CHILD)
    home = Details(
        name=f"{name}’s Carer",
        known_as=f"{name}’s carer",
        email=f"carer-of-{name.lower()}@{DOMAIN}",
        born_on="1975-07-19",
    )
    one = Sibling(child=child, carer=people.add_person(work, case, home, MemberRole.CAREGIVER))
    _tie(work, child, one.carer, Relation.CAREGIVER)
    _tie(work, child, house.cast.dana, Relation.PARENT)
    _tie(work, child, house.cast.mia, Relation.SIBLING)
    _tie(work, house.cast.mia, child, Relation.SIBLING)
    consent_for_child(work, child)
    return one


def _tie(work: Work, child: PersonId, person: PersonId, relation: Relation) -> None:
    people.bring_in(work, Tie(child=child, person=person, relation=relation, word=relation.value))


def _plan(work: Work, house: House, child: PersonId, siblings: list[Sibling]) -> PlanId:
    now = plans.plan_for(work, child)
    known = list(now.people) if now else [_terms(house.cast.dana), _terms(house.cast.mia)]
    named = [*known, *(_terms(one.child) for one in siblings if one.child != child)]
    plan = planning.propose_plan(
        work,
        child,
        with_people=named,
        review_on=work.now.date() + timedelta(days=80),
        basis=now.basis if now else PlanBasis.AGREEMENT,
    )
    assert not isinstance(plan, Refused), plan
    return plan


def _terms(person: PersonId) -> PlanPerson:
    return PlanPerson(person=person, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=45))
