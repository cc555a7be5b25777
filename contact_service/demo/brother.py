"""Mia's half-brother Finn: a case of his own, a home of his own, and the same mother.  The two may share a visit."""

from dataclasses import dataclass
from datetime import timedelta

from contact_service.approvals.actions import planning as approvals
from contact_service.demo.cast import DOMAIN, ZONE, Cast, consent_for_child, staff_actor
from contact_service.ids import AccountId, CaseId, PersonId, PlanId
from contact_service.people.actions import members as people
from contact_service.people.actions.members import Tie
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.plans import queries as plans
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.wish import ChildWished
from contact_service.work import Installation, Work, begin


@dataclass(frozen=True, kw_only=True)
class Brother:
    """Finn (5), who lives with Tomas, and the case that is theirs."""

    case: CaseId
    finn: PersonId
    tomas: PersonId

    @property
    def shares(self) -> tuple[ChildWished, ...]:
        """Finn, at home with Tomas, as one who shares a visit of Mia's."""
        return (ChildWished(child=self.finn, caregiver=self.tomas),)


def load_brother(installation: Installation, cast: Cast, *, workers: tuple[AccountId, ...]) -> Brother:
    """Open Finn's case beside the cast's, on the caseload of ``workers``; Karim, who knows both, ties them together."""
    karim, priya = (staff_actor(installation, account) for account in (cast.karim, cast.priya))
    with begin(installation, karim) as work:
        case = people.open_case(work, zone=ZONE, workers=(cast.karim, *workers))
        brother = Brother(case=case, finn=_finn(work, case), tomas=_tomas(work, case))
        _tie(work, cast, brother)
        consent_for_child(work, brother.finn)
        made = [_plan_of_finn(work, cast, brother), _plan_of_mia(work, cast, brother)]
    with begin(installation, priya) as work:
        for plan in made:
            assert not isinstance(approvals.approve_plan(work, plan), Refused)
    return brother


def _finn(work: Work, case: CaseId) -> PersonId:
    details = Details(name="Finn Marlowe", known_as="Finn", born_on="2021-02-11")
    return people.add_person(work, case, details, MemberRole.CHILD)


def _tomas(work: Work, case: CaseId) -> PersonId:
    details = Details(
        name="Tomas Reed",
        known_as="Tomas",
        email=f"tomas@{DOMAIN}",
        phone="01632 960106",
        born_on="1975-07-19",
    )
    return people.add_person(work, case, details, MemberRole.CAREGIVER)


def _tie(work: Work, cast: Cast, brother: Brother) -> None:
    """Each child is family in the other's case, and their mother is in both."""
    ties = (
        (brother.finn, brother.tomas, Relation.CAREGIVER, "foster carer"),
        (brother.finn, cast.dana, Relation.PARENT, "mother"),
        (brother.finn, cast.mia, Relation.HALF_SIBLING, "sister"),
        (cast.mia, brother.finn, Relation.HALF_SIBLING, "brother"),
    )
    for child, person, relation, word in ties:
        people.bring_in(work, Tie(child=child, person=person, relation=relation, word=word))


def _plan_of_finn(work: Work, cast: Cast, brother: Brother) -> PlanId:
    return _proposed(
        work,
        brother.finn,
        [_terms(cast.dana, SupervisionLevel.SUPERVISED), _terms(cast.mia, SupervisionLevel.SUPPORTED)],
    )


def _plan_of_mia(work: Work, cast: Cast, brother: Brother) -> PlanId:
    """Mia's plan as it stands, and Finn."""
    now = plans.plan_for(work, cast.mia)
    assert now is not None
    people_now = [*now.people, _terms(brother.finn, SupervisionLevel.SUPPORTED)]
    return _proposed(work, cast.mia, people_now, basis=now.basis)


def _terms(person: PersonId, level: SupervisionLevel) -> PlanPerson:
    return PlanPerson(person=person, level=level, length=timedelta(minutes=45))


def _proposed(
    work: Work, child: PersonId, terms: list[PlanPerson], *, basis: PlanBasis = PlanBasis.AGREEMENT
) -> PlanId:
    review_on = work.now.date() + timedelta(days=80)
    plan = approvals.propose_plan(work, child, with_people=terms, review_on=review_on, basis=basis)
    assert not isinstance(plan, Refused), plan
    return plan
