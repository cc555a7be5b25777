"""An agency with many families: cases, homes, plans, supervisors with hours, school and bedtimes."""

from dataclasses import dataclass
from datetime import date, timedelta

from contact_service import actor
from contact_service.actor import Role
from contact_service.approvals.actions import planning
from contact_service.demo.cast import ZONE, consent_for_child
from contact_service.identity import actions as identity
from contact_service.ids import AccountId, CaseId, PersonId, PlanId
from contact_service.people.actions import members as people
from contact_service.people.actions.members import Tie
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.plans import actions as plans
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import Frequency, Period, PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.work import Work
from contact_service.working_hours.actions import add_hours
from tests.cast import PASSWORD, House

MONDAY = date(2030, 5, 20)
"""Six days after the noon of the house."""
_WEEKDAYS = tuple(Weekday)[:5]
_SCHOOL = QuietHours(kind=QuietKind.SCHOOL, window=Window(days=_WEEKDAYS, earliest=8 * 60, latest=15 * 60))
_BEDTIME = QuietHours(kind=QuietKind.BEDTIME, window=Window(earliest=19 * 60, latest=24 * 60))
OFTEN = Frequency(per=Period.WEEK, least=2, most=3, gap_days=2)
WEEKLY = Frequency(per=Period.WEEK, least=1, most=2)
FORTNIGHTLY = Frequency(per=Period.FORTNIGHT, least=1)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A child with a case, a carer, a mother and a father."""

    case: CaseId
    child: PersonId
    carer: PersonId
    mother: PersonId
    father: PersonId


@dataclass(frozen=True, kw_only=True)
class Town:
    """The families, and who watches over their visits."""

    families: tuple[Family, ...]
    supervisors: tuple[AccountId, ...]


def build_town(
    house: House, families: int = 12, supervisors: int = 3, *, first: int = 0, zone: str = ZONE
) -> Town:
    """Every third child's mother is seen twice a week; the first two children are brother and sister."""
    with house.work(house.cast.ola) as work:
        watching = tuple(_supervisor(work, first + number) for number in range(supervisors))
    with house.as_actor(actor.COMMAND_LINE) as work:
        for one in watching:
            window = Window(days=_WEEKDAYS, earliest=13 * 60, latest=20 * 60)
            add_hours(work, one, window, zone=ZONE)
    with house.work(house.cast.karim) as work:
        found = tuple(_family(house, work, number, zone) for number in range(families))
        _tie_siblings(work, found[0], found[1])
        made = [_plan(work, number, found) for number in range(families)]
    with house.work(house.cast.priya) as work:
        for plan in made:
            assert not isinstance(planning.approve_plan(work, plan), Refused)
    return Town(families=found, supervisors=watching)


def _supervisor(work: Work, number: int) -> AccountId:
    return identity.add_account(
        work,
        email=f"watcher{number}@demo.example",
        name=f"Watcher {number}",
        roles=(Role.VISIT_SUPERVISOR,),
        password=PASSWORD,
    )


def _family(house: House, work: Work, number: int, zone: str) -> Family:
    case = people.open_case(work, zone=zone, workers=(house.cast.karim,))

    def add(name: str, role: MemberRole, born: str) -> PersonId:
        details = Details(name=f"{name} {number}", known_as=f"{name} {number}", born_on=born)
        return people.add_person(work, case, details, role)

    family = Family(
        case=case,
        child=add("Child", MemberRole.CHILD, "2020-03-01"),
        carer=add("Carer", MemberRole.CAREGIVER, "1980-01-01"),
        mother=add("Mother", MemberRole.FAMILY_MEMBER, "1990-01-01"),
        father=add("Father", MemberRole.FAMILY_MEMBER, "1989-01-01"),
    )
    ties = (
        (family.carer, Relation.CAREGIVER, "carer"),
        (family.mother, Relation.PARENT, "mother"),
        (family.father, Relation.PARENT, "father"),
    )
    for person, relation, word in ties:
        people.relate(work, Tie(child=family.child, person=person, relation=relation, word=word))
    consent_for_child(work, family.child)
    for quiet in (_SCHOOL, _BEDTIME):
        plans.add_quiet_hours(work, family.child, quiet)
    return family


def _tie_siblings(work: Work, one: Family, other: Family) -> None:
    for child, sibling, word in ((one.child, other.child, "brother"), (other.child, one.child, "sister")):
        people.bring_in(work, Tie(child=child, person=sibling, relation=Relation.SIBLING, word=word))


def _plan(work: Work, number: int, families: tuple[Family, ...]) -> PlanId:
    family = families[number]
    terms = [
        _terms(family.mother, OFTEN if number % 3 == 0 else WEEKLY),
        _terms(family.father, FORTNIGHTLY, window=Window(days=_WEEKDAYS, latest=18 * 60)),
    ]
    if number < 2:
        terms.append(_terms(families[1 - number].child, WEEKLY))
    review_on = work.now.date() + timedelta(days=80)
    plan = planning.propose_plan(work, family.child, with_people=terms, review_on=review_on)
    assert not isinstance(plan, Refused), plan
    return plan


def _terms(person: PersonId, often: Frequency, window: Window | None = None) -> PlanPerson:
    return PlanPerson(
        person=person,
        level=SupervisionLevel.SUPERVISED,
        length=timedelta(minutes=45),
        frequency=often,
        window=window or Window(),
    )
