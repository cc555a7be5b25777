"""The cast: one made-up family and the staff around it.  The demo shows them; the tests use them."""

from dataclasses import dataclass
from datetime import date, timedelta

from contact_service import actor
from contact_service.accountability.actions import write_statement
from contact_service.accountability.statement import NewStatement
from contact_service.actor import Actor, Role
from contact_service.agency_policy import actions as agency_policy
from contact_service.agency_policy.document import Document
from contact_service.agency_policy.version import PolicyAct
from contact_service.approvals.actions import planning as approvals
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.consent.texts import FIRST_TEXTS
from contact_service.identity import actions as identity
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId, CaseId, PersonId, PlanId
from contact_service.operations.actions import mark
from contact_service.people.actions import members as people
from contact_service.people.actions.members import Tie
from contact_service.people.actions.rights import record_right
from contact_service.people.decision_right import Authority, Basis, Matter, NewRight
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.people.placement import Days
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.restrictions import actions as restricting
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.work import Installation, Work, begin

MADE_UP = NewStatement(
    assessed_on=date(2026, 1, 5),
    reference="Made up for the demo: there is no assessment, because nobody here is real",
    controller="Made up for the demo: no agency",
    legal_bases="Made up for the demo. A real agency writes here on which law it relies, for the visits and for"
    " sensitive data.",
    processors="Made up for the demo. A real agency writes here who runs its server, its mail and its text messages.",
)
ZONE = "Europe/London"
DOMAIN = "demo.example"


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody.  Children: Mia (8) and Jonas (14).  Viktor must never see anything."""

    case: CaseId
    mia: PersonId
    jonas: PersonId
    dana: PersonId
    emil: PersonId
    rosa: PersonId
    ines: PersonId
    viktor: PersonId
    karim: AccountId
    priya: AccountId
    lena: AccountId
    noor: AccountId
    ola: AccountId


_STAFF = (
    ("karim", "Karim Aziz", (Role.WORKER,)),
    ("priya", "Priya Nair", (Role.APPROVER,)),
    ("lena", "Lena Voss", (Role.VISIT_SUPERVISOR,)),
    ("noor", "Noor Haddad", (Role.AUDITOR,)),
    ("ola", "Ola Berg", (Role.ADMINISTRATOR,)),
)
_PEOPLE = (
    ("mia", "Mia Marlowe", MemberRole.CHILD, "2018-03-14"),
    ("jonas", "Jonas Marlowe", MemberRole.CHILD, "2012-06-02"),
    ("dana", "Dana Marlowe", MemberRole.FAMILY_MEMBER, "1990-01-20"),
    ("emil", "Emil Brandt", MemberRole.FAMILY_MEMBER, "1987-09-05"),
    ("rosa", "Rosa Marlowe", MemberRole.FAMILY_MEMBER, "1961-11-11"),
    ("ines", "Ines Okafor", MemberRole.CAREGIVER, "1978-04-30"),
    ("viktor", "Viktor Stahl", MemberRole.FAMILY_MEMBER, "1980-02-02"),
)
# Numbers that are kept free for stories (Ofcom).
_PHONES = {
    "dana": "01632 960101",
    "emil": "01632 960102",
    "rosa": "01632 960103",
    "ines": "01632 960104",
    "viktor": "01632 960105",
}
_TIES = (
    ("dana", Relation.PARENT, "mother"),
    ("emil", Relation.PARENT, "father"),
    ("rosa", Relation.KIN, "grandmother"),
    ("ines", Relation.CAREGIVER, "foster carer"),
    ("viktor", Relation.OTHER, "mother’s former partner"),
)


def load(installation: Installation, *, password: str, policy: Document, demo: bool) -> Cast:
    """Put the cast into an empty database: accounts, people, plan, consents, one restriction, the agency's policy."""
    with begin(installation, actor.COMMAND_LINE) as work:
        mark(work, demo=demo)
        agency_policy.start_policy(work, policy)
        write_statement(work, MADE_UP)
        for text in FIRST_TEXTS:
            consent.publish_text(work, text)
        staff: dict[str, AccountId] = {
            key: identity.add_account(
                work, email=f"{key}@{DOMAIN}", name=name, roles=roles, password=password
            )
            for key, name, roles in _STAFF
        }
        karim, priya = (account_for(work, staff[key]).actor() for key in ("karim", "priya"))
    for who, act in ((karim, PolicyAct.BOOK), (priya, PolicyAct.APPROVE)):
        with begin(installation, who) as work:
            agency_policy.accept_policy(work, act, version=1)
    with begin(installation, karim) as work:
        case = people.open_case(work, zone=ZONE, workers=(staff["karim"],))
        persons = {key: _add(work, case, key, name, role, born) for key, name, role, born in _PEOPLE}
        _relate(work, persons)
        made = _plan(work, persons)
        for child in ("mia", "jonas"):
            consent_for_child(work, persons[child])
        _keep_viktor_away(work, case, persons)
    with begin(installation, priya) as work:
        for plan in made:
            assert not isinstance(approvals.approve_plan(work, plan), Refused)
    return _cast(case, persons, staff)


def _cast(case: CaseId, persons: dict[str, PersonId], staff: dict[str, AccountId]) -> Cast:
    return Cast(
        case=case,
        mia=persons["mia"],
        jonas=persons["jonas"],
        dana=persons["dana"],
        emil=persons["emil"],
        rosa=persons["rosa"],
        ines=persons["ines"],
        viktor=persons["viktor"],
        karim=staff["karim"],
        priya=staff["priya"],
        lena=staff["lena"],
        noor=staff["noor"],
        ola=staff["ola"],
    )


def _add(work: Work, case: CaseId, key: str, name: str, role: MemberRole, born: str) -> PersonId:
    details = Details(
        name=name,
        known_as=name.split(" ", maxsplit=1)[0],
        email="" if role is MemberRole.CHILD else f"{key}@{DOMAIN}",
        phone=_PHONES.get(key, ""),
        born_on=born,
    )
    return people.add_person(work, case, details, role)


def _relate(work: Work, persons: dict[str, PersonId]) -> None:
    for child, sibling, word in (("mia", "jonas", "brother"), ("jonas", "mia", "sister")):
        tie = Tie(child=persons[child], person=persons[sibling], relation=Relation.SIBLING, word=word)
        people.relate(work, tie)
        for key, relation, relation_word in _TIES:
            tie = Tie(child=persons[child], person=persons[key], relation=relation, word=relation_word)
            people.relate(work, tie)


def _plan(work: Work, persons: dict[str, PersonId]) -> list[PlanId]:
    terms = (
        ("dana", SupervisionLevel.SUPERVISED, 45),
        ("emil", SupervisionLevel.SUPERVISED, 30),
        ("rosa", SupervisionLevel.MONITORED, 45),
    )
    made = []
    for child, sibling in (("mia", "jonas"), ("jonas", "mia")):
        with_people = [
            PlanPerson(person=persons[key], level=level, length=timedelta(minutes=minutes))
            for key, level, minutes in (*terms, (sibling, SupervisionLevel.SUPPORTED, 45))
        ]
        plan = approvals.propose_plan(
            work, persons[child], with_people=with_people, review_on=_review_on(work.now.date())
        )
        assert not isinstance(plan, Refused), plan
        made.append(plan)
    return made


def _review_on(today: date) -> date:
    return today + timedelta(days=80)


def consent_for_child(work: Work, child: PersonId) -> None:
    """The agency shares the right to decide by a care order, and has answered for the child."""
    right = NewRight(
        child=child,
        holder=Authority.AGENCY,
        matters=frozenset({Matter.EVERYTHING}),
        basis=Basis.CARE_ORDER,
        days=Days(first=work.now.date()),
    )
    record_right(work, right)
    answer = consent.NewAnswer(
        person=child,
        purpose=Purpose.TAKE_PART,
        state=ConsentState.GIVEN,
        version=1,
        method=Method.BY_DECISION_HOLDER,
    )
    consent.answer(work, answer)


def _keep_viktor_away(work: Work, case: CaseId, persons: dict[str, PersonId]) -> None:
    for child in ("mia", "jonas"):
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=persons["viktor"],
            other=persons[child],
            source=RestrictionSource.COURT_ORDER,
        )
        restricting.restrict(work, case, new)


def staff_actor(installation: Installation, account: AccountId) -> Actor:
    """A member of staff, as if signed in."""
    with begin(installation, actor.COMMAND_LINE) as work:
        return account_for(work, account).actor()
